from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace

import pytest
from junitparser import JUnitXml
from junitparser.xunit2 import FlakyFailure, RerunFailure
from junitparser.xunit2 import JUnitXml as JUnitXml2
from junitparser.xunit2 import TestCase as TestCase2

from tests.fakes.builders import (
    ASSERTION,
    CRASH,
    LOST,
    PIXEL,
    attempt,
    evidence,
    flow,
    kept,
    opening,
    plan,
    records,
    settled,
)
from tests.fakes.runs import approved, blocked, interrupted, not_production
from validator.model.attempt import AttemptOutcome
from validator.model.causes import Cause, Family
from validator.model.events import Event, FlowSettled, PlanMade, Record, RunFinished, StopReason
from validator.model.failure import Failure
from validator.model.flow import FlowOutcome
from validator.reports.junit import render_junit
from validator.reports.state import fold


def parsed(run: Sequence[Record], attachments: str = "") -> ET.Element:
    return ET.fromstring(render_junit(fold(run), attachments))


def case(root: ET.Element, name: str) -> ET.Element:
    return next(found for found in root.iter("testcase") if found.get("name") == name)


def properties(element: ET.Element) -> dict[str, str]:
    found = element.find("properties")
    assert found is not None
    return {each.get("name", ""): each.get("value", "") for each in found}


def one_flow(*timed: tuple[float, Event], outcome: FlowOutcome, failure: Failure | None) -> list[Record]:
    """A run of one flow, as far as its outcome."""
    attempts = sum(1 for _, event in timed if event.type == "AttemptStarted")
    end = FlowSettled(flow=settled("Pay", outcome, failure, attempts=attempts))
    return records([*opening((PIXEL,)), (14.0, plan([flow("Pay")])), *timed, (500.0, end)])


def pay(number: int, failure: Failure | None, purpose: str = "first") -> list[tuple[float, Event]]:
    error = failure is not None and failure.cause.family not in (Family.PRODUCT, Family.BACKEND)
    outcome = AttemptOutcome.ERROR if error else None
    return attempt("Pay", number, PIXEL.serial, 20.0 * number, 8.0, failure=failure, outcome=outcome, purpose=purpose)


def test_the_junit_library_of_ci_tools_reads_the_counts() -> None:
    suites = JUnitXml.fromstring(render_junit(fold(blocked())))
    assert (suites.tests, suites.failures, suites.errors, suites.skipped) == (5, 1, 2, 0)
    suite = next(iter(suites))
    assert (suite.tests, suite.failures, suite.errors) == (5, 1, 2)
    assert suite.time == pytest.approx(146.6)


def test_ci_tools_see_reruns_in_the_form_of_surefire() -> None:
    suite = next(iter(JUnitXml2.fromstring(render_junit(fold(blocked())))))
    cases = {found.name: found for found in suite if isinstance(found, TestCase2)}
    rerun = cases["Checkout"].rerun_failures()
    flaky = cases["Search the catalogue"].flaky_failures()
    assert [type(each) for each in rerun] == [RerunFailure]
    assert [type(each) for each in flaky] == [FlakyFailure]
    assert "NullPointerException" in rerun[0].stack_trace
    assert flaky[0].type == "app_assertion"
    assert cases["Search the catalogue"].is_passed


def test_a_product_failure_is_a_failure_and_its_text_has_the_whole_story() -> None:
    failure = case(parsed(blocked()), "Checkout").find("failure")
    assert failure is not None
    assert failure.get("type") == "app_crash"
    text = failure.text or ""
    for part in ("the app crashed", "rule: android-crash", "Thank you for your order", "emulator-5554", "NullPointer"):
        assert part in text


@pytest.mark.parametrize("cause", list(Cause))
def test_only_product_and_backend_are_failures(cause: Cause) -> None:
    failure = replace(CRASH, cause=cause)
    product = cause.family in (Family.PRODUCT, Family.BACKEND)
    outcome = FlowOutcome.FAILED if product else FlowOutcome.INCONCLUSIVE
    found = case(parsed(one_flow(*pay(1, failure), outcome=outcome, failure=failure)), "Pay")
    assert (found.find("failure") is not None, found.find("error") is not None) == (product, not product)


def test_cause_rule_device_and_what_was_tested_stand_in_the_properties() -> None:
    found = properties(case(parsed(blocked()), "Checkout"))
    assert found == {
        "outcome": "failed",
        "cause": "app_crash",
        "family": "product",
        "rule": "android-crash",
        "step": 'assertVisible: "Thank you for your order"',
        "required": "true",
        "flaky": "false",
        "attempts": "2",
        "device": "emulator-5554, 127.0.0.1:5601",
        "run": "20261121-032654-k3x9",
        "apk.sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "deployment.id": "dep-2026-11-21.3",
        "deployment.revision": "8f3c2d1b6a7e4f0912345678",
    }


def test_a_flaky_flow_passes_and_says_that_it_is_flaky() -> None:
    found = case(parsed(blocked()), "Search the catalogue")
    assert found.find("failure") is None
    assert found.find("error") is None
    assert properties(found)["flaky"] == "true"


def test_the_failure_that_decided_stands_first_whatever_came_before_it() -> None:
    run = one_flow(
        *pay(1, LOST), *pay(2, CRASH, purpose="retry"), *pay(3, CRASH), outcome=FlowOutcome.FAILED, failure=CRASH
    )
    found = case(parsed(run), "Pay")
    assert [each.tag for each in found if each.tag not in ("properties", "system-out")] == [
        "failure",
        "rerunError",
        "rerunFailure",
    ]


def test_a_pass_after_lost_devices_is_not_called_flaky() -> None:
    found = case(parsed(one_flow(*pay(1, LOST), *pay(2, None), outcome=FlowOutcome.PASSED, failure=None)), "Pay")
    assert [each.tag for each in found] == ["properties", "system-out"]
    assert "attempt 1 (first): error (device_lost)" in (found.findtext("system-out") or "")


def test_a_missing_flow_is_an_error_and_an_informational_one_is_skipped() -> None:
    assert case(parsed(blocked()), "Gift cards").find("error") is not None
    missing = FlowSettled(flow=settled("Pay", FlowOutcome.MISSING, required=False, attempts=0))
    found = case(parsed(records([*opening(), (14.0, plan([flow("Pay", required=False)])), (15.0, missing)])), "Pay")
    assert found.find("skipped") is not None


def test_an_informational_flow_that_was_only_skipped_is_skipped() -> None:
    skipped = attempt("Pay", 1, PIXEL.serial, 15.0, 0.0, outcome=AttemptOutcome.SKIPPED)
    end = FlowSettled(flow=settled("Pay", FlowOutcome.INCONCLUSIVE, required=False))
    informational = records([*opening(), (14.0, plan([flow("Pay", required=False)])), *skipped, (16.0, end)])
    assert case(parsed(informational), "Pay").find("skipped") is not None
    required = records(
        [
            *opening(),
            (14.0, plan([flow("Pay")])),
            *skipped,
            (16.0, replace(end, flow=settled("Pay", FlowOutcome.INCONCLUSIVE))),
        ]
    )
    assert case(parsed(required), "Pay").find("error") is not None


def test_flows_of_an_interrupted_run_are_errors_unless_they_passed() -> None:
    root = parsed(interrupted())
    kinds = {
        found.get("name"): [each.tag for each in found if each.tag in ("error", "failure", "skipped")]
        for found in root.iter("testcase")
    }
    assert kinds == {"Sign in": [], "Search": ["error"], "Checkout": ["error"]}


def test_no_prefix_of_a_run_shows_an_unmeasured_flow_as_passed(every_run: Sequence[Record]) -> None:
    for length in range(1, len(every_run) + 1):
        state = fold(every_run[:length])
        root = ET.fromstring(render_junit(state))
        passed = {
            found.get("name")
            for found in root.iter("testcase")
            if not any(each.tag in ("error", "failure", "skipped") for each in found)
        }
        settled_well = {
            each.name
            for each in state.flows
            if each.settled is not None and each.settled.outcome in (FlowOutcome.PASSED, FlowOutcome.FLAKY)
        }
        assert passed == settled_well
        assert list(root.iter("testcase"))


def test_a_failed_stage_is_a_case_of_its_own() -> None:
    root = parsed(not_production())
    error = case(root, "stage build").find("error")
    assert error is not None
    assert error.get("type") == "not_production"
    assert "Build it with API_URL" in (error.text or "")
    assert root.get("errors") == "1"


def test_a_run_without_any_flow_is_an_error() -> None:
    finished = RunFinished(stop=StopReason.COMPLETED, seconds=1.0)
    nothing = PlanMade(
        workspace=".", flows=(), absent=(), excluded=4, digest="", max_attempts=4, runner="maestro-runner"
    )
    root = parsed(records([*opening(), (14.0, nothing), (15.0, finished)]))
    assert (root.get("tests"), root.get("errors")) == ("1", "1")


def test_two_flows_whose_names_become_equal_stay_two() -> None:
    root = parsed(records([*opening(), (14.0, plan([flow("Pay"), flow("Pay "), flow("Pay\n"), flow("")]))]))
    names = [(found.get("classname"), found.get("name")) for found in root.iter("testcase")]
    assert len(set(names)) == 4
    assert [name for _, name in names] == ["Pay", "Pay (2)", "Pay (3)", "(no name)"]


def test_screenshots_are_attached_where_ci_looks_for_them() -> None:
    output = case(parsed(blocked(), "reports/r1/"), "Checkout").findtext("system-out") or ""
    assert "[[ATTACHMENT|reports/r1/attempts/checkout/1/screenshot.png]]" in output
    assert output.count("ATTACHMENT") == 2


def test_a_path_that_would_end_an_attachment_is_left_out() -> None:
    picture = kept("a")[0]
    bad = evidence(passed=False, files=(replace(picture, path="a]]b.png"), picture))
    run = one_flow(
        *attempt("Pay", 1, PIXEL.serial, 20.0, 1.0, failure=ASSERTION, found=bad),
        outcome=FlowOutcome.FAILED,
        failure=ASSERTION,
    )
    output = case(parsed(run), "Pay").findtext("system-out") or ""
    assert output.count("[[ATTACHMENT|") == output.count("]]") == 1


def test_an_approved_run_has_no_failures() -> None:
    suites = JUnitXml.fromfile(io.BytesIO(render_junit(fold(approved()))))
    assert (suites.tests, suites.failures, suites.errors) == (4, 0, 0)
    assert all(found.is_passed for suite in suites for found in suite)


def test_the_suite_says_what_was_decided() -> None:
    suite = parsed(blocked()).find("testsuite")
    assert suite is not None
    found = properties(suite)
    assert (found["decision"], found["gate"], found["policy"]) == ("blocked", "closed", "frontend-production")
    open_suite = parsed(approved()).find("testsuite")
    assert open_suite is not None
    assert properties(open_suite)["gate"] == "open"
