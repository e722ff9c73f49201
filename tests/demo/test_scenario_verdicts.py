"""What came out of a scenario is held against what had to, and anything else is complained of."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from validator.demo.scenarios.catalogue import scenario
from validator.demo.scenarios.reading import read_reports
from validator.demo.scenarios.verdict import FlowSeen, Seen, complaints, right_cause

CRASH = scenario("crash")
AS_EXPECTED = Seen(
    exit_code=1,
    decision="blocked",
    flows={"checkout": FlowSeen(outcome="failed", causes=("app_crash",)), "about": FlowSeen(outcome="passed")},
)


def test_what_comes_out_as_expected_is_not_complained_of() -> None:
    assert complaints(CRASH, AS_EXPECTED) == ()
    assert right_cause(CRASH, AS_EXPECTED)


@pytest.mark.parametrize(
    ("seen", "complaint"),
    [
        (replace(AS_EXPECTED, exit_code=0), "exit code 0, expected 1"),
        (replace(AS_EXPECTED, decision="approved"), "decided approved, expected blocked"),
        (
            replace(AS_EXPECTED, flows={"checkout": FlowSeen(outcome="failed", causes=("app_assertion",))}),
            "checkout: found app_assertion, expected app_crash",
        ),
        (replace(AS_EXPECTED, flows={}), "checkout: found no cause, expected app_crash"),
        (
            replace(AS_EXPECTED, flows={**AS_EXPECTED.flows, "about": FlowSeen(outcome="failed")}),
            "about: failed, though nothing hits it",
        ),
    ],
)
def test_what_is_otherwise_is_complained_of(seen: Seen, complaint: str) -> None:
    assert complaints(CRASH, seen) == (complaint,)


def test_a_stage_that_failed_gives_its_cause_to_the_flows_that_never_ran() -> None:
    seen = Seen(
        exit_code=3,
        decision="undecided",
        flows={"about": FlowSeen(outcome="missing")},
        stage_cause="device_unhealthy",
    )
    assert complaints(scenario("storage-full"), seen) == ()


def test_reports_are_read_with_the_causes_of_attempts_that_a_pass_followed(tmp_path: Path) -> None:
    attempts = [{"failure": {"cause": "device_lost"}}, {"failure": None}]
    passed = {"name": "Pay", "flow": {"file": "pay.yaml"}, "settled": {"outcome": "passed"}, "attempts": attempts}
    gone = {"name": "Log out", "flow": None, "settled": {"outcome": "missing", "cause": None}}
    run = {"flows": [passed, gone], "decision": {"decision": "undecided"}, "stage_failure": None}
    (tmp_path / "run.json").write_text(json.dumps(run), encoding="utf-8")

    seen = read_reports(tmp_path, 4)

    assert seen.flows == {
        "pay": FlowSeen(outcome="passed", causes=("device_lost",)),
        "log-out": FlowSeen(outcome="missing"),
    }
    assert (seen.exit_code, seen.decision, seen.stage_cause) == (4, "undecided", "")
