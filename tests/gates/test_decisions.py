"""Facts in, decision out: what closes the gate, in which order, and what never opens it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from validator.gates.decide import decide
from validator.gates.facts import Facts
from validator.gates.policy import GateLimits, Policy, WhenUndecided
from validator.model.build import Finding, Severity
from validator.model.causes import Cause, Family
from validator.model.decision import Decision, ExitCode, Purpose, ReasonCode, SettledFlow, StageFailure, Verdict
from validator.model.events import StopReason
from validator.model.flow import FlowOutcome
from validator.support.codec import encode

NOW = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)


def flow(
    name: str = "checkout",
    outcome: FlowOutcome = FlowOutcome.PASSED,
    cause: Cause | None = None,
    *,
    required: bool = True,
) -> SettledFlow:
    return SettledFlow(name=name, required=required, outcome=outcome, cause=cause, attempts=1)


PASSED = flow("browse")
FAILED = flow("checkout", FlowOutcome.FAILED, Cause.APP_ASSERTION)
LOST = flow("search", FlowOutcome.INCONCLUSIVE, Cause.DEVICE_LOST)
LIMITED = flow("cart", FlowOutcome.INCONCLUSIVE, Cause.RATE_LIMITED)
GONE = flow("orders", FlowOutcome.MISSING)
FLAKY = flow("settings", FlowOutcome.FLAKY, Cause.APP_ASSERTION)


def decided(*flows: SettledFlow, policy: Policy | None = None, **facts: Any) -> Decision:
    return decide(Facts(flows=flows, **facts), policy or Policy(), purpose=Purpose.DEPLOY, now=NOW)


def test_all_flows_passed_opens_the_gate():
    decision = decided(PASSED, flow("cart"))
    assert decision.verdict is Verdict.APPROVED
    assert decision.exit_code is ExitCode.OPEN
    assert decision.blocks == ()
    assert decision.reasons[0].message == "2 of 2 required flows passed"


def test_a_failed_flow_blocks_and_the_reason_carries_its_numbers():
    decision = decided(PASSED, FAILED)
    assert decision.verdict is Verdict.BLOCKED
    assert decision.exit_code is ExitCode.BLOCKED
    assert decision.blocks == ("frontend",)
    assert decision.reasons[0].message == "product failures (1) > limit (0)"
    assert decision.reasons[0].flows == ("checkout",)
    assert decision.rollback.decision_required


def test_an_inconclusive_flow_leaves_the_gate_closed_and_undecided():
    decision = decided(PASSED, LOST)
    assert decision.verdict is Verdict.UNDECIDED
    assert decision.exit_code is ExitCode.UNDECIDED
    assert not decision.rollback.decision_required


def test_a_missing_flow_has_an_exit_code_of_its_own():
    assert decided(PASSED, GONE).exit_code is ExitCode.MISSING


def test_no_flows_at_all_is_not_a_pass():
    assert decided().exit_code is ExitCode.MISSING
    assert decided().reasons[0].code is ReasonCode.NO_FLOWS


def test_flows_of_which_none_is_required_are_not_a_pass():
    assert decided(flow("optional", required=False)).exit_code is ExitCode.MISSING


@pytest.mark.parametrize("undecided", WhenUndecided)
def test_a_run_that_left_out_required_flows_opens_no_gate_whatever_the_policy_makes_of_doubt(undecided):
    decision = decided(PASSED, flow("x", required=False), policy=Policy(undecided=undecided), left_out=("cart", "pay"))
    assert (decision.verdict, decision.exit_code) == (Verdict.UNDECIDED, ExitCode.MISSING)
    assert decision.reasons[0].code is ReasonCode.NARROWED
    assert decision.reasons[0].message == "required flows that the command line left out (2 of 3) > limit (0)"
    assert decision.reasons[0].flows == ("cart", "pay")
    assert decision.next[0].startswith("Run again without --flow")


def test_a_failure_among_the_flows_that_were_tried_still_blocks():
    decision = decided(FAILED, left_out=("cart",))
    assert (decision.verdict, decision.exit_code) == (Verdict.BLOCKED, ExitCode.BLOCKED)


def test_an_error_never_masks_a_failure():
    decision = decided(LOST, LIMITED, GONE, FAILED)
    assert decision.verdict is Verdict.BLOCKED
    assert [reason.code for reason in decision.reasons] == [
        ReasonCode.PRODUCT_FAILURES,
        ReasonCode.MISSING_FLOWS,
        ReasonCode.INFRASTRUCTURE_FAILURES,
        ReasonCode.THROTTLED,
    ]


def test_throttling_is_never_a_block():
    decision = decided(PASSED, LIMITED)
    assert decision.verdict is Verdict.UNDECIDED
    assert decision.reasons[0].code is ReasonCode.THROTTLED


def test_a_flaky_flow_within_the_limit_is_a_warning():
    decision = decided(PASSED, FLAKY)
    assert decision.verdict is Verdict.APPROVED_WITH_WARNINGS
    assert decision.exit_code is ExitCode.OPEN


def test_more_flaky_flows_than_the_limit_close_the_gate():
    policy = Policy(limits=GateLimits(flaky=0))
    assert decided(PASSED, FLAKY, policy=policy).verdict is Verdict.UNDECIDED


def test_a_flow_that_is_not_required_warns_and_does_not_block():
    decision = decided(PASSED, replace(FAILED, required=False))
    assert decision.verdict is Verdict.APPROVED_WITH_WARNINGS


def test_an_apk_that_is_not_production_blocks():
    finding = Finding(code="debuggable", severity=Severity.ERROR, message="it is debuggable", remedy="build release")
    decision = decided(findings=(finding,), stage=_stage(Cause.NOT_PRODUCTION))
    assert decision.verdict is Verdict.BLOCKED
    assert "build release" in decision.next


@pytest.mark.parametrize("cause", Cause)
def test_a_stage_that_failed_keeps_the_gate_closed(cause):
    decision = decided(stage=_stage(cause))
    blocks = cause.family in (Family.PRODUCT, Family.BACKEND, Family.BUILD)
    assert decision.verdict is (Verdict.BLOCKED if blocks else Verdict.UNDECIDED)


@pytest.mark.parametrize(
    ("stop", "code"), [(StopReason.INTERRUPTED, ExitCode.INTERRUPTED), (StopReason.TERMINATED, ExitCode.TERMINATED)]
)
def test_an_interrupted_run_stays_closed_and_says_how_it_ended(stop, code):
    for flows in ((PASSED,), (PASSED, FAILED), (PASSED, GONE)):
        decision = decided(*flows, stop=stop)
        assert not decision.verdict.opens
        assert decision.exit_code is code


def test_a_rollback_is_reported_and_blocks_nothing():
    facts = Facts(flows=(PASSED, FAILED, LOST, GONE))
    decision = decide(facts, Policy(), purpose=Purpose.ROLLBACK, now=NOW)
    assert decision.verdict is Verdict.APPROVED_WITH_WARNINGS
    assert decision.exit_code is ExitCode.OPEN
    assert decision.blocks == ()
    assert any(reason.code is ReasonCode.PRODUCT_FAILURES for reason in decision.reasons)


def test_the_policy_says_how_long_the_answer_holds():
    decision = decided(PASSED, policy=Policy(expires=timedelta(hours=4)))
    assert decision.decided_at == "2026-11-21T03:30:00.000Z"
    assert decision.expires_at == "2026-11-21T07:30:00.000Z"


def test_a_policy_may_open_the_gate_for_what_could_not_be_measured_but_not_for_failures():
    lenient = Policy(undecided=WhenUndecided.OPEN)
    assert decided(PASSED, LOST, policy=lenient).verdict is Verdict.APPROVED_WITH_WARNINGS
    assert decided(LOST, FAILED, policy=lenient).verdict is Verdict.BLOCKED
    assert decided(PASSED, GONE, policy=lenient).exit_code is ExitCode.MISSING


@pytest.mark.parametrize("cause", [Cause.APP_CRASH, Cause.BACKEND_UNAVAILABLE])
def test_no_policy_opens_the_gate_for_a_failure_that_was_seen_and_not_confirmed(cause: Cause):
    doubtful = flow("checkout", FlowOutcome.INCONCLUSIVE, cause)
    decision = decided(PASSED, doubtful, policy=Policy(undecided=WhenUndecided.OPEN))
    assert decision.exit_code is ExitCode.UNDECIDED
    assert decision.reasons[0].code is ReasonCode.UNCONFIRMED


def test_a_gate_that_opens_without_a_measurement_claims_no_passes():
    decision = decided(PASSED, LOST, policy=Policy(undecided=WhenUndecided.OPEN))
    assert decision.verdict is Verdict.APPROVED_WITH_WARNINGS
    assert ReasonCode.ALL_PASSED not in [reason.code for reason in decision.reasons]


def test_no_policy_opens_the_gate_when_nothing_was_seen_to_work():
    decision = decided(LOST, policy=Policy(undecided=WhenUndecided.OPEN))
    assert decision.exit_code is ExitCode.UNDECIDED
    assert decision.reasons[0].code is ReasonCode.NO_FLOWS


def _stage(cause: Cause) -> StageFailure:
    return StageFailure(stage="build", cause=cause, message="it failed", remedy="mend it")


outcomes = st.sampled_from(list(FlowOutcome))
optional_causes = st.none() | st.sampled_from(list(Cause))
names = st.integers(0, 40).map(lambda number: f"flow-{number}")
some_flows = st.lists(
    st.builds(
        lambda name, outcome, cause, required: flow(name, outcome, cause, required=required),
        names,
        outcomes,
        optional_causes,
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda item: item.name,
)
policies = st.builds(
    lambda product, flaky, undecided: Policy(limits=GateLimits(product=product, flaky=flaky), undecided=undecided),
    st.integers(0, 2),
    st.integers(0, 3),
    st.sampled_from(list(WhenUndecided)),
)
stops = st.sampled_from(list(StopReason))


@given(some_flows, policies, stops, optional_causes)
def test_adding_a_failed_required_flow_never_opens_a_closed_gate(flows, policy, stop, cause):
    before = decided(*flows, policy=policy, stop=stop)
    worse = flow("one-more", FlowOutcome.FAILED, cause)
    after = decided(*flows, worse, policy=policy, stop=stop)
    required = any(item.required for item in flows)
    assume(required or policy.limits.product == 0)
    assert before.verdict.opens or not after.verdict.opens


@given(some_flows, stops)
def test_the_strict_policy_opens_only_when_every_required_flow_passed(flows, stop):
    decision = decided(*flows, stop=stop)
    if decision.verdict.opens:
        required = [item for item in flows if item.required]
        assert required
        assert all(item.outcome in (FlowOutcome.PASSED, FlowOutcome.FLAKY) for item in required)
        assert stop in (StopReason.COMPLETED, StopReason.STAGE_FAILED)


@given(some_flows, policies)
def test_the_gate_is_open_exactly_when_the_exit_code_is_zero_and_nothing_is_blocked(flows, policy):
    decision = decided(*flows, policy=policy)
    assert decision.verdict.opens == (decision.exit_code is ExitCode.OPEN) == (decision.blocks == ())
    assert decision.reasons
    assert decision.next


@given(some_flows, st.randoms())
def test_the_order_of_the_flows_changes_neither_verdict_nor_counts(flows, random):
    shuffled = list(flows)
    random.shuffle(shuffled)
    one, two = decided(*flows), decided(*shuffled)
    assert (one.verdict, one.exit_code, one.counts) == (two.verdict, two.exit_code, two.counts)


@given(some_flows, policies)
def test_the_same_facts_give_the_same_bytes(flows, policy):
    assert encode(decided(*flows, policy=policy)) == encode(decided(*flows, policy=policy))
