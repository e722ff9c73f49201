"""The runner's word is one piece of evidence among others, and not the strongest."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.failures.classify import MAX_QUOTE_LENGTH, MAX_QUOTES, classify, outcome_of
from validator.failures.rules import built_in_rules
from validator.model.attempt import (
    AppEvidence,
    AttemptOutcome,
    DeviceEvidence,
    DeviceState,
    Evidence,
    RunnerEnd,
    RunnerReport,
    Step,
    StepStatus,
)
from validator.model.causes import Cause, Family
from validator.model.deployment import ProbeResult

RULES = built_in_rules()
HEALTHY = DeviceEvidence(state=DeviceState.HEALTHY)
PASSED = RunnerReport(runner="r", end=RunnerEnd.EXITED, exit_code=0, passed=True, complete=True)
NOT_VISIBLE = "Element not visible: context deadline exceeded: no such element: An element could not be located"
FAILED = replace(PASSED, exit_code=1, passed=False, message=NOT_VISIBLE)
CRASH = AppEvidence(exit_info=("process=com.example.shop reason=4 (APP CRASH(EXCEPTION)) subreason=0",))
REFUSED = AppEvidence(http_log=("I okhttp: <-- HTTP FAILED: java.net.ConnectException: Failed to connect",))


def cause_of(evidence: Evidence) -> Cause | None:
    failure = classify(evidence, RULES).failure
    return failure.cause if failure is not None else None


def test_a_flow_that_passed_on_a_healthy_device_with_a_living_app_passed():
    found = classify(Evidence(runner=PASSED, device=HEALTHY), RULES)
    assert found.outcome is AttemptOutcome.PASSED
    assert found.failure is None


@pytest.mark.parametrize("state", [state for state in DeviceState if state is not DeviceState.HEALTHY])
def test_a_pass_on_a_device_that_went_away_is_no_pass(state):
    assert cause_of(Evidence(runner=PASSED, device=DeviceEvidence(state=state))) in (
        Cause.DEVICE_LOST,
        Cause.DEVICE_NETWORK,
    )


def test_a_pass_of_a_flow_whose_app_crashed_on_its_last_step_is_no_pass():
    found = classify(Evidence(runner=PASSED, device=HEALTHY, app=CRASH), RULES)
    assert found.outcome is AttemptOutcome.FAILED
    assert found.failure is not None
    assert found.failure.cause is Cause.APP_CRASH


def test_a_pass_during_which_the_runner_lost_its_automation_server_is_no_pass():
    assert cause_of(Evidence(runner=replace(PASSED, transport_errors=188), device=HEALTHY)) is Cause.DRIVER_FAILED


def test_calls_that_were_lost_when_a_flow_was_ended_at_its_deadline_are_not_the_drivers():
    late = replace(FAILED, end=RunnerEnd.TIMED_OUT, complete=False, transport_errors=40, message="")
    assert cause_of(Evidence(runner=late, device=HEALTHY)) is Cause.TIMED_OUT


def test_a_pass_with_an_unfinished_report_is_no_pass():
    assert cause_of(Evidence(runner=replace(PASSED, complete=False), device=HEALTHY)) is Cause.RUNNER_FAILED


def test_a_pass_of_a_flow_whose_app_recovered_from_a_failed_call_stays_a_pass():
    assert cause_of(Evidence(runner=PASSED, device=HEALTHY, app=REFUSED)) is None


def test_a_missing_element_on_a_healthy_device_with_a_healthy_backend_is_the_apps():
    backend = (ProbeResult(url="http://shop/health", ready=True, detail="HTTP 200"),)
    assert cause_of(Evidence(runner=FAILED, device=HEALTHY, backend=backend)) is Cause.APP_ASSERTION


def test_a_missing_element_while_the_backend_is_down_is_the_backends():
    backend = (ProbeResult(url="http://shop/health", ready=False, detail="connection refused"),)
    assert cause_of(Evidence(runner=FAILED, device=HEALTHY, backend=backend)) is Cause.BACKEND_UNAVAILABLE


def test_a_missing_element_after_a_refused_call_is_the_backends():
    assert cause_of(Evidence(runner=FAILED, device=HEALTHY, app=REFUSED)) is Cause.BACKEND_UNAVAILABLE


def test_a_missing_element_on_a_lost_device_is_the_devices():
    lost = DeviceEvidence(state=DeviceState.LOST, detail="adb says offline")
    assert cause_of(Evidence(runner=FAILED, device=lost)) is Cause.DEVICE_LOST


def test_a_crash_outranks_the_backend_that_may_have_provoked_it():
    app = AppEvidence(exit_info=CRASH.exit_info, http_log=REFUSED.http_log)
    assert cause_of(Evidence(runner=FAILED, device=HEALTHY, app=app)) is Cause.APP_CRASH


def test_a_failure_that_no_rule_knows_stays_unknown_and_quotes_what_was_said():
    odd = replace(FAILED, message="the moon is in the wrong phase")
    found = classify(Evidence(runner=odd, device=HEALTHY), RULES)
    assert found.outcome is AttemptOutcome.ERROR
    assert found.failure is not None
    assert found.failure.cause is Cause.UNKNOWN
    assert found.failure.quotes[0].line == "the moon is in the wrong phase"


def test_the_failure_names_the_step_that_never_got_an_answer():
    steps = (
        Step(index=0, text="launchApp", status=StepStatus.PASSED, seconds=1.0),
        Step(index=1, text="optional tap", status=StepStatus.WARNED, seconds=7.0),
        Step(index=2, text="assertVisible: Cart", status=StepStatus.RUNNING, seconds=17.0),
    )
    failure = classify(Evidence(runner=replace(FAILED, steps=steps), device=HEALTHY), RULES).failure
    assert failure is not None
    assert failure.step == "assertVisible: Cart"


@pytest.mark.parametrize("cause", Cause)
def test_only_product_backend_and_build_causes_make_an_attempt_failed(cause):
    broken = cause.family in (Family.PRODUCT, Family.BACKEND, Family.BUILD)
    assert (outcome_of(cause) is AttemptOutcome.FAILED) == broken


@given(st.text(max_size=2000), st.lists(st.text(max_size=50), max_size=20))
def test_any_text_is_classified_without_an_error_and_never_as_a_pass(message, output):
    report = replace(FAILED, message=message, output=tuple(output))
    found = classify(Evidence(runner=report, device=HEALTHY), RULES)
    assert found.outcome is not AttemptOutcome.PASSED
    assert found.failure is not None
    assert len(found.failure.quotes) <= MAX_QUOTES
    assert all(len(quote.line) <= MAX_QUOTE_LENGTH for quote in found.failure.quotes)
