"""What holds of every decision, whatever was found and whatever is tolerated."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from validator.gates.decide import decide
from validator.gates.facts import Facts
from validator.gates.policy import (
    Durations,
    FlowRules,
    GateLimits,
    Policy,
    Quarantine,
    WhenSlow,
    WhenUndecided,
)
from validator.gates.standing import standing
from validator.model.causes import Cause, Family
from validator.model.decision import Decision, ExitCode, Purpose, SettledFlow, StageFailure, Verdict
from validator.model.events import StopReason
from validator.model.flow import FlowOutcome
from validator.model.timing import Baseline, Timing
from validator.support.codec import encode

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NAMES = [f"flow-{number}" for number in range(8)]
BAD = (FlowOutcome.FAILED, FlowOutcome.INCONCLUSIVE, FlowOutcome.MISSING)

small = st.integers(0, 3)
name_lists = st.lists(st.sampled_from([*NAMES, "new"]), max_size=3, unique=True).map(tuple)
limits = st.builds(
    GateLimits,
    product=small,
    backend=small,
    flaky=small,
    infrastructure=small,
    throttled=small,
    flow=small,
    unknown=small,
)
entries = st.builds(
    Quarantine,
    flow=st.sampled_from([*NAMES, "new"]),
    owner=st.just("@shop"),
    ticket=st.just("SHOP-12"),
    until=st.sampled_from([date(2026, 11, 20), date(2026, 11, 21), date(2027, 1, 15)]),
)
policies = st.builds(
    Policy,
    limits=limits,
    undecided=st.sampled_from(WhenUndecided),
    quarantine=st.lists(entries, max_size=3).map(tuple),
    flows=st.builds(FlowRules, critical=name_lists, informational=name_lists),
    durations=st.none() | st.builds(Durations, then=st.sampled_from(WhenSlow)),
    freshness=st.sampled_from([None, timedelta(hours=1)]),
    requires=st.sampled_from([(), ("unit-tests",)]),
)
causes = st.none() | st.sampled_from(Cause)


def flow_lists(outcomes: list[FlowOutcome], required: list[bool]) -> st.SearchStrategy[tuple[SettledFlow, ...]]:
    flows = st.builds(
        SettledFlow,
        name=st.sampled_from(NAMES),
        required=st.sampled_from(required),
        outcome=st.sampled_from(outcomes),
        cause=causes,
        attempts=st.just(1),
    )
    return st.lists(flows, max_size=8, unique_by=lambda flow: flow.name).map(tuple)


stages = st.none() | st.builds(
    StageFailure, stage=st.just("devices"), cause=st.sampled_from(Cause), message=st.just("m"), remedy=st.just("r")
)
timings = st.lists(
    st.builds(
        Timing,
        flow=st.sampled_from(NAMES),
        seconds=st.floats(0.1, 100.0),
        baseline=st.none() | st.builds(Baseline, flow=st.just("x"), p50=st.floats(0.1, 10.0), runs=st.integers(0, 9)),
    ),
    max_size=4,
    unique_by=lambda timing: timing.flow,
).map(tuple)
rough = st.builds(
    Facts,
    flows=flow_lists(list(FlowOutcome), [True, False]),
    left_out=st.sampled_from([(), ("other",)]),
    stage=stages,
    stop=st.sampled_from(StopReason),
    changes=st.sampled_from([(), ("it changed",)]),
    timings=timings,
    began=st.sampled_from(["", "2026-11-21T10:00:00.000Z", "2026-11-21T11:59:00.000Z"]),
    passed=st.sampled_from([(), ("unit-tests",)]),
)
calm = st.builds(
    Facts,
    flows=flow_lists([*[FlowOutcome.PASSED] * 8, *FlowOutcome], [True, True, True, False]),
    timings=timings,
    passed=st.just(("unit-tests",)),
)
"""Runs of which many open the gate."""
runs = rough | calm


def decided(facts: Facts, policy: Policy, purpose: Purpose = Purpose.DEPLOY) -> Decision:
    return decide(facts, policy, purpose=purpose, now=NOW)


@given(runs, policies, st.sampled_from(BAD), causes)
def test_one_more_flow_that_went_wrong_never_opens_a_closed_gate(
    facts: Facts, policy: Policy, outcome: FlowOutcome, cause: Cause | None
):
    worse = SettledFlow(name="new", required=True, outcome=outcome, cause=cause, attempts=1)
    after = decided(replace(facts, flows=(*facts.flows, worse)), policy)
    assert decided(facts, policy).verdict.opens or not after.verdict.opens


@given(runs, policies, st.integers(0, 7), st.sampled_from(BAD), causes)
def test_a_flow_that_goes_wrong_instead_of_passing_never_opens_a_closed_gate(
    facts: Facts, policy: Policy, index: int, outcome: FlowOutcome, cause: Cause | None
):
    # Without durations: a flow that passes too slowly may close the gate, and one that fails has no duration.
    policy = replace(policy, durations=None)
    passing = SettledFlow(name="new", required=True, outcome=FlowOutcome.PASSED, cause=None, attempts=1)
    worse = replace(passing, outcome=outcome, cause=cause)
    before, after = (
        replace(facts, flows=(*facts.flows[:index], flow, *facts.flows[index:])) for flow in (passing, worse)
    )
    assert decided(before, policy).verdict.opens or not decided(after, policy).verdict.opens


@given(runs, policies)
def test_the_gate_never_opens_with_a_flow_missing_that_it_needs(facts: Facts, policy: Policy):
    if not decided(facts, policy).verdict.opens:
        return
    rules, names = policy.flows, {flow.name: flow for flow in facts.flows}
    critical = [names.get(name) for name in rules.critical]
    assert all(flow is not None and flow.outcome is FlowOutcome.PASSED for flow in critical)
    needed = [flow for flow in facts.flows if flow.required and flow.name not in rules.informational]
    assert needed or critical
    assert not [flow for flow in needed if flow.outcome is FlowOutcome.MISSING]
    assert not facts.left_out or facts.left_out[0] in rules.informational


@given(runs, policies)
def test_what_a_limit_tolerates_is_never_all_there_was(facts: Facts, policy: Policy):
    decision = decided(facts, replace(policy, undecided=WhenUndecided.CLOSED))
    counted = standing(facts, policy, NOW.date()).counting
    good = (FlowOutcome.PASSED, FlowOutcome.FLAKY)
    if decision.verdict.opens:
        assert any(flow.outcome in good for flow in counted)


@given(runs, policies, st.randoms())
def test_no_order_of_flows_changes_anything_but_the_order(facts: Facts, policy: Policy, random):
    shuffled = list(facts.flows)
    random.shuffle(shuffled)
    one, two = decided(facts, policy), decided(replace(facts, flows=tuple(shuffled)), policy)
    assert (one.verdict, one.exit_code, one.counts, one.blocks) == (two.verdict, two.exit_code, two.counts, two.blocks)
    assert [reason.code for reason in one.reasons] == [reason.code for reason in two.reasons]
    assert [sorted(reason.flows) for reason in one.reasons] == [sorted(reason.flows) for reason in two.reasons]


@given(runs, policies, st.sampled_from(Purpose))
def test_open_zero_and_nothing_blocked_are_one(facts: Facts, policy: Policy, purpose: Purpose):
    decision = decided(facts, policy, purpose)
    stopped = facts.stop in (StopReason.INTERRUPTED, StopReason.TERMINATED)
    assert decision.verdict.opens == (decision.blocks == ())
    assert stopped or decision.verdict.opens == (decision.exit_code is ExitCode.OPEN)
    assert decision.reasons
    assert decision.next
    assert encode(decision) == encode(decided(facts, policy, purpose))


@given(runs, policies)
def test_a_confirmed_failure_beyond_the_limits_blocks_whatever_else_is_wrong(facts: Facts, policy: Policy):
    strict = replace(policy, limits=GateLimits(), quarantine=(), flows=FlowRules())
    crashed = SettledFlow(name="new", required=True, outcome=FlowOutcome.FAILED, cause=Cause.APP_CRASH, attempts=2)
    decision = decided(replace(facts, flows=(*facts.flows, crashed), changes=()), strict)
    assert decision.verdict is Verdict.BLOCKED
    assert "new" in decision.reasons[0].flows


WORST_FIRST = (
    (FlowOutcome.FAILED, Cause.APP_CRASH, ExitCode.BLOCKED),
    (FlowOutcome.MISSING, None, ExitCode.MISSING),
    (FlowOutcome.INCONCLUSIVE, Cause.FLOW_INVALID, ExitCode.UNDECIDED),
    (FlowOutcome.INCONCLUSIVE, Cause.UNKNOWN, ExitCode.UNDECIDED),
    (FlowOutcome.INCONCLUSIVE, Cause.DEVICE_LOST, ExitCode.UNDECIDED),
    (FlowOutcome.INCONCLUSIVE, Cause.RATE_LIMITED, ExitCode.UNDECIDED),
    (FlowOutcome.FLAKY, Cause.APP_CRASH, ExitCode.OPEN),
    (FlowOutcome.PASSED, None, ExitCode.OPEN),
)
"""The order of what may happen to a flow."""


@given(st.lists(st.sampled_from(range(len(WORST_FIRST))), min_size=1, max_size=6))
def test_the_worst_outcome_is_told_first_and_gives_the_exit_code(picked: list[int]):
    flows = tuple(
        SettledFlow(name=f"{index}-{rank}", required=True, outcome=outcome, cause=cause, attempts=1)
        for index, rank in enumerate(picked)
        for outcome, cause, _ in (WORST_FIRST[rank],)
    )
    worst = min(picked)
    decision = decided(Facts(flows=flows), Policy(limits=GateLimits(flaky=9)))
    assert decision.exit_code is WORST_FIRST[worst][2]
    told = decision.reasons[0].flows
    assert worst == len(WORST_FIRST) - 1 or {name.partition("-")[2] for name in told} == {str(worst)}


def test_the_families_are_all_in_the_order():
    named = {cause.family for _, cause, _ in WORST_FIRST if cause is not None}
    assert named | {Family.BACKEND, Family.BUILD} == set(Family)
