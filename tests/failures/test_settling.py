"""What becomes of a flow after its attempts: confirmed, flaky, tried again, or given up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.failures.classify import outcome_of
from validator.failures.settle import Again, Limits, Settled, Tried, settle
from validator.model.attempt import AttemptOutcome
from validator.model.causes import Cause, Family
from validator.model.failure import Failure
from validator.model.flow import FlowOutcome

PASS = Tried(outcome=AttemptOutcome.PASSED, failure=None, serial="one")


def failed(cause: Cause, *, step: str = "tapOn: Pay", serial: str = "one") -> Tried:
    failure = Failure(cause=cause, rule="rule", why="why", step=step)
    return Tried(outcome=outcome_of(cause), failure=failure, serial=serial)


def after(*tried: Tried, limits: Limits | None = None) -> Again | Settled:
    return settle(tried, limits or Limits())


def outcome(*tried: Tried) -> FlowOutcome:
    step = after(*tried)
    assert isinstance(step, Settled)
    return step.outcome


def test_a_pass_settles_the_flow_as_passed():
    assert outcome(PASS) is FlowOutcome.PASSED


def test_a_product_failure_is_run_once_more_to_confirm_it():
    step = after(failed(Cause.APP_ASSERTION))
    assert isinstance(step, Again)
    assert step.purpose == "confirm"


def test_the_same_product_failure_at_the_same_step_again_is_a_failure():
    assert outcome(failed(Cause.APP_ASSERTION), failed(Cause.APP_ASSERTION)) is FlowOutcome.FAILED


def test_a_pass_after_a_product_failure_is_flaky():
    assert outcome(failed(Cause.APP_ASSERTION), PASS) is FlowOutcome.FLAKY


def test_the_same_assertion_at_another_step_is_inconclusive():
    other = failed(Cause.APP_ASSERTION, step="assertVisible: Home")
    assert outcome(failed(Cause.APP_ASSERTION), other) is FlowOutcome.INCONCLUSIVE


def test_a_crash_noticed_at_another_step_is_the_same_crash():
    other = failed(Cause.APP_CRASH, step="assertVisible: Home")
    assert outcome(failed(Cause.APP_CRASH), other) is FlowOutcome.FAILED


def test_a_second_failure_for_another_reason_is_inconclusive():
    assert outcome(failed(Cause.APP_ASSERTION), failed(Cause.APP_CRASH)) is FlowOutcome.INCONCLUSIVE


def test_a_device_lost_while_confirming_does_not_use_up_the_confirmation():
    step = after(failed(Cause.APP_CRASH), failed(Cause.DEVICE_LOST))
    assert isinstance(step, Again)
    assert outcome(failed(Cause.APP_CRASH), failed(Cause.DEVICE_LOST), failed(Cause.APP_CRASH)) is FlowOutcome.FAILED


def test_a_pass_after_a_lost_device_is_a_plain_pass():
    assert outcome(failed(Cause.DEVICE_LOST), PASS) is FlowOutcome.PASSED


def test_infrastructure_is_tried_again_until_its_limit_is_spent():
    limits = Limits(infrastructure=1)
    assert isinstance(after(failed(Cause.DRIVER_FAILED), limits=limits), Again)
    step = after(failed(Cause.DRIVER_FAILED), failed(Cause.DEVICE_LOST), limits=limits)
    assert isinstance(step, Settled)
    assert step.outcome is FlowOutcome.INCONCLUSIVE


@pytest.mark.parametrize("cause", [Cause.FLOW_INVALID, Cause.SCRIPT_FAILED, Cause.VARIABLE_MISSING])
def test_a_flow_that_cannot_run_as_written_is_not_tried_again(cause):
    assert outcome(failed(cause)) is FlowOutcome.INCONCLUSIVE


def test_the_backend_failing_twice_is_a_failure_wherever_the_app_met_it():
    second = failed(Cause.BACKEND_UNAVAILABLE, step="elsewhere")
    assert outcome(failed(Cause.BACKEND_UNAVAILABLE), second) is FlowOutcome.FAILED


UNAVAILABLE = Tried(
    outcome=AttemptOutcome.FAILED,
    failure=Failure(cause=Cause.BACKEND_UNAVAILABLE, rule="http-503", why="why"),
    serial="one",
)


def test_an_answer_that_says_it_will_pass_is_confirmed_twice():
    """A backend that answers 503 to one call in twenty is not away, and hits the same flow twice by chance."""
    assert isinstance(after(UNAVAILABLE), Again)
    assert isinstance(after(UNAVAILABLE, UNAVAILABLE), Again)
    assert outcome(UNAVAILABLE, UNAVAILABLE, UNAVAILABLE) is FlowOutcome.FAILED
    assert outcome(UNAVAILABLE, UNAVAILABLE, PASS) is FlowOutcome.FLAKY


def test_a_limit_between_two_such_answers_confirms_neither():
    limited = failed(Cause.RATE_LIMITED)
    assert isinstance(after(UNAVAILABLE, limited, UNAVAILABLE), Again)
    assert outcome(UNAVAILABLE, limited, UNAVAILABLE, limited) is FlowOutcome.INCONCLUSIVE


def test_throttling_never_ends_as_a_failure():
    limited = failed(Cause.RATE_LIMITED)
    assert outcome(limited, limited, limited) is FlowOutcome.INCONCLUSIVE


causes = st.sampled_from(list(Cause))
steps = st.sampled_from(["a", "b"])
attempts = st.lists(st.builds(lambda cause, step: failed(cause, step=step), causes, steps), min_size=1, max_size=6)


@given(attempts)
def test_without_a_pass_a_flow_never_settles_as_passed_or_flaky(tried):
    step = settle(tried, Limits())
    if isinstance(step, Settled):
        assert step.outcome in (FlowOutcome.FAILED, FlowOutcome.INCONCLUSIVE)
        assert step.failure is not None


@given(attempts)
def test_a_flow_settles_as_failed_only_by_a_confirmed_cause(tried):
    step = settle(tried, Limits())
    if isinstance(step, Settled) and step.outcome is FlowOutcome.FAILED:
        assert step.failure is not None
        family = step.failure.cause.family
        times = [attempt for attempt in tried if attempt.failure and attempt.failure.cause is step.failure.cause]
        assert family is Family.BUILD or (family in (Family.PRODUCT, Family.BACKEND) and len(times) >= 2)


@given(attempts)
def test_every_flow_settles_within_its_most_attempts(tried):
    limits = Limits()
    if len(tried) >= limits.attempts:
        assert isinstance(settle(tried, limits), Settled)
