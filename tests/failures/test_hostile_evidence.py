"""Whatever an app, a runner or a device writes: classifying it ends soon, takes little memory and is never a pass."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.failures.classify import MAX_QUOTE_LENGTH, classify
from validator.failures.lines import MAX_LENGTH, MAX_LINES, lines
from validator.failures.rules import built_in_rules
from validator.failures.throttling import LONGEST_WAIT, wait_for
from validator.model.attempt import (
    AppEvidence,
    AttemptOutcome,
    DeviceEvidence,
    DeviceState,
    Evidence,
    RunnerEnd,
    RunnerReport,
    Scene,
)
from validator.model.deployment import ProbeResult

REPORT = RunnerReport(runner="r", end=RunnerEnd.EXITED, exit_code=1, passed=False, complete=True, message="x")
MEGABYTE = 1024 * 1024


def everywhere(text: str, times: int = 1) -> Evidence:
    """Evidence of which every source says this."""
    many = (text,) * times
    return Evidence(
        runner=replace(REPORT, message=text, output=many, problem=text),
        device=DeviceEvidence(state=DeviceState.HEALTHY, detail=text),
        app=AppEvidence(exit_info=many, crash_log=many, http_log=many, focused_package=text),
        backend=(ProbeResult(url=text, ready=True, detail=text),),
        scene=Scene(window=text, network=text),
    )


HOSTILE = {
    "10 MB on one line": everywhere("A" * (10 * MEGABYTE)),
    "10 MB that nearly match": everywhere("<-- 4" * (2 * MEGABYTE)),
    "10 MB that match at the end": everywhere("A" * (10 * MEGABYTE) + "FATAL EXCEPTION"),
    "100,000 lines": everywhere("Element not found, or so", 100_000),
    "100,000 lines of 300 that nearly match": everywhere("message: launch methods failed for " * 9, 100_000),
    "1,000 lines at the limit that nearly match": everywhere("HTTP FAILED: java <-- 401 /users" * 32, 1000),
    "control characters": everywhere("\x00\x1b[2J\x07\r\x08" * 1000, 50),
    "wrong bytes that were replaced": everywhere("�" * 100_000, 10),
    "lone surrogates": everywhere("\udcff\ud800" * 1000, 10),
    "line ends within a line": everywhere("\n\u2028\x85" * 1000 + "state=lost", 10),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_evidence_is_classified_in_bounded_time_and_memory(name: str) -> None:
    evidence = HOSTILE[name]
    tracemalloc.start()
    try:
        began = time.thread_time()
        found = classify(evidence, built_in_rules())
        seconds = time.thread_time() - began
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.outcome is not AttemptOutcome.PASSED
    assert found.failure is not None
    assert all(len(quote.line) <= MAX_QUOTE_LENGTH for quote in found.failure.quotes)
    assert seconds < 15.0  # under tracemalloc; 0.1 to 2 s without it
    assert most < 64 * MEGABYTE


def test_rules_see_the_beginning_and_the_end_of_what_is_too_much() -> None:
    said = tuple(f"line {number} " + "x" * 2000 for number in range(5000))
    kept = lines(
        Evidence(runner=REPORT, device=DeviceEvidence(state=DeviceState.HEALTHY), app=AppEvidence(http_log=said))
    )
    http = next(found for source, found in kept.items() if source == "http")
    assert len(http) == MAX_LINES
    assert http[0].startswith("line 0 ")
    assert http[-1].startswith("line 4999 ")
    assert {len(line) for line in http} == {MAX_LENGTH}


anything = st.text(max_size=300)


@given(st.builds(everywhere, anything, st.integers(0, 3)))
def test_any_text_anywhere_is_classified_and_never_a_pass(evidence: Evidence) -> None:
    found = classify(evidence, built_in_rules())
    assert found.outcome is not AttemptOutcome.PASSED
    assert found.failure is not None
    assert 0 <= wait_for(found.failure, evidence) <= LONGEST_WAIT
