"""The sample production proves its marks, and a build that forgets one is found by its request line."""

from __future__ import annotations

import json

import pytest

from tests.e2e.commands import validator

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def test_a_clean_run_is_proved_by_the_backends_own_log(tmp_path):
    done = validator(tmp_path, "demo", "--fault", "marks-proved", seconds=150)
    assert done.exit_code == 0, done.output + done.errors
    again = validator(tmp_path, "traffic", "latest", "--format", "json")
    assert again.exit_code == 0
    proof = json.loads(again.output)["proof"]
    assert proof["marked"] > 5
    assert (proof["unmarked"], proof["foreign"], proof["broken"]) == (0, 0, 0)


def test_a_build_that_forgets_the_mark_on_one_call_is_undecided_and_the_call_is_named(tmp_path):
    done = validator(tmp_path, "demo", "--fault", "mark-forgotten", seconds=150)
    assert done.exit_code == 3, done.output + done.errors
    assert done.flows("passed") == ["About", "Search"]
    assert "GET /v1/search 200" in done.output
    again = validator(tmp_path, "traffic", "latest")
    assert again.exit_code == 1
    assert "access.log:" in again.output
    assert "GET /v1/search 200, user anon-" in again.output
    assert done.orphans == []
