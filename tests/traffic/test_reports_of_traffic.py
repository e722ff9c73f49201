"""What a run tells of its traffic on the console and in its reports."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.builders import opening, records
from validator.model.events import Record
from validator.model.traffic import SeenRequest, TrafficAccounted, TrafficProof
from validator.reports.console_lines import lines
from validator.reports.state import fold
from validator.support.codec import decode, encode

LEAK = SeenRequest(file="access.log", line=7, at="2026-11-21T03:27:10Z", request="GET /v1/search 200", user="anon-1")
CLEAN = TrafficProof(files=("access.log",), lines=40, marked=12, unmarked=0, foreign=0, other_runs=0, broken=0, users=2)
LEAKY = replace(CLEAN, unmarked=1, unmarked_examples=(LEAK,))


def told(proof: TrafficProof | None) -> list[Record]:
    return records([*opening(), (40.0, TrafficAccounted(marks=("property",), proof=proof))])


def printed(proof: TrafficProof | None) -> list[str]:
    kept = told(proof)
    return [line.plain for line in lines(kept[-1], fold(kept))]


def test_a_clean_proof_is_one_line_and_warns_of_nothing():
    assert printed(CLEAN) == [
        "traffic    12 marked requests of 2 users in 40 lines; unmarked: 0, marked by others: 0",
    ]
    assert fold(told(CLEAN)).warnings == ()


def test_a_leak_is_a_warning_with_its_request_line():
    assert "GET /v1/search 200" in printed(LEAKY)[1]
    (warned,) = fold(told(LEAKY)).warnings
    assert "GET /v1/search 200" in warned


def test_a_run_that_was_to_prove_nothing_says_nothing():
    assert printed(None) == []


@pytest.mark.parametrize("proof", [None, CLEAN, LEAKY])
def test_the_account_is_read_back_as_it_was_written(proof):
    record = told(proof)[-1]
    assert decode(Record, encode(record)) == record
