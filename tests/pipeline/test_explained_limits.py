"""Of each limit of the policy it is told which other value would have decided otherwise, the nearest one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from validator.failures.settle import Limits
from validator.gates.decide import decide
from validator.gates.facts import Facts
from validator.gates.policy import Durations, GateLimits, Policy, WhenSlow
from validator.model.causes import Cause
from validator.model.decision import Purpose, SettledFlow, Verdict
from validator.model.flow import FlowOutcome
from validator.model.timing import Baseline, Timing
from validator.pipeline.alternatives import Trials, for_run
from validator.pipeline.terms import Basis

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LIMITS = ("product", "backend", "flaky", "infrastructure", "throttled", "flow", "unknown")
small = st.integers(0, 4)
limits = st.builds(
    GateLimits,
    product=small,
    backend=small,
    flaky=small,
    infrastructure=small,
    throttled=small,
    flow=small,
    unknown=st.sampled_from([0, 1, 9_999]),
)
flow_lists = st.lists(
    st.tuples(st.sampled_from([*[FlowOutcome.PASSED] * 4, *FlowOutcome]), st.sampled_from(Cause)), max_size=6
)


def trials(facts: Facts, policy: Policy) -> Trials:
    basis = Basis(rules=(), policy=policy, limits=Limits())
    return Trials(facts=facts, basis=basis, purpose=Purpose.DEPLOY, moment=NOW, decided=True)


def flow(number: int, outcome: FlowOutcome, cause: Cause) -> SettledFlow:
    why = None if outcome is FlowOutcome.PASSED else cause
    return SettledFlow(name=f"flow-{number}", required=True, outcome=outcome, cause=why, attempts=1)


def told(facts: Facts, policy: Policy) -> dict[str, Verdict | None]:
    return {other.had: other.verdict for other in for_run(trials(facts, policy), 0)}


def under(facts: Facts, policy: Policy, name: str, limit: int) -> Verdict:
    other = replace(policy, limits=replace(policy.limits, **{name: limit}))
    return decide(facts, other, purpose=Purpose.DEPLOY, now=NOW).verdict


@given(flow_lists, limits)
def test_what_is_told_is_the_nearest_limit_that_decides_otherwise_and_all_of_them_are_told(found, limits):
    facts = Facts(flows=tuple(flow(number, *each) for number, each in enumerate(found)))
    policy = Policy(limits=limits)
    was = decide(facts, policy, purpose=Purpose.DEPLOY, now=NOW).verdict
    expected = {}
    for name in LIMITS:
        limit = getattr(limits, name)
        for others in (range(limit + 1, 12), range(min(limit, 12) - 1, -1, -1)):
            turned = next((other for other in others if under(facts, policy, name, other) is not was), None)
            if turned is not None:
                expected[f"limits.{name} been {turned} instead of {limit}"] = under(facts, policy, name, turned)
    heard = {had: verdict for had, verdict in told(facts, policy).items() if had.startswith("limits.")}
    assert heard == expected


def test_a_device_that_was_lost_says_how_many_the_policy_would_have_to_tolerate():
    lost = [flow(number, FlowOutcome.INCONCLUSIVE, Cause.DEVICE_LOST) for number in (1, 2)]
    facts = Facts(flows=(flow(0, FlowOutcome.PASSED, Cause.UNKNOWN), *lost))
    expected = Verdict.APPROVED_WITH_WARNINGS
    assert told(facts, Policy())["limits.infrastructure been 2 instead of 0"] is expected


def test_what_slow_flows_do_is_a_rule_that_can_be_told_otherwise():
    usual = Baseline(flow="flow-0", p50=1.0, runs=9)
    timings = (Timing(flow="flow-0", seconds=100.0, baseline=usual),)
    facts = Facts(flows=(flow(0, FlowOutcome.PASSED, Cause.UNKNOWN),), timings=timings)
    policy = Policy(durations=Durations(then=WhenSlow.WARN))
    assert told(facts, policy)["durations.then been block instead of warn"] is Verdict.BLOCKED
