"""What would have come of a run if something in it had gone otherwise: tried, with the code that decides. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from validator.failures.classify import outcome_of
from validator.failures.settle import Settled, Tried, settle
from validator.gates.decide import decide
from validator.gates.facts import Facts
from validator.gates.policy import Policy, WhenSlow, WhenUndecided
from validator.model.attempt import AttemptOutcome
from validator.model.causes import Cause, Family
from validator.model.decision import Purpose, SettledFlow, Verdict
from validator.model.explanation import Otherwise
from validator.model.failure import Failure
from validator.model.flow import FlowOutcome
from validator.pipeline.board import FlowState
from validator.pipeline.judging import settled_flow
from validator.pipeline.terms import Basis

_CONFIRMABLE = (Family.PRODUCT, Family.BACKEND)
_LIMITS = ("product", "backend", "flaky", "infrastructure", "throttled", "flow", "unknown")
"""Those that count flows. The one that counts failures in a row ends a run and is told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """One run, ready to be decided again under other suppositions."""

    facts: Facts
    basis: Basis
    purpose: Purpose
    moment: datetime
    """When it was decided: what is in quarantine or stale depends on it."""
    decided: bool
    """Whether the run has a decision that another one can be held against."""

    def verdict(self, facts: Facts, policy: Policy | None = None) -> Verdict | None:
        """What is decided from these facts."""
        if not self.decided:
            return None
        return decide(facts, policy or self.basis.policy, purpose=self.purpose, now=self.moment).verdict


def for_flow(trials: Trials, state: FlowState, numbers: Sequence[int]) -> tuple[Otherwise, ...]:
    """What would have changed the outcome of a flow, or what it does to the gate.

    Args:
        trials: The run.
        state: The flow, settled.
        numbers: The number of each attempt that was tried.
    """
    settled = state.settled
    if settled is None or not state.tried:
        return ()
    before = (settled.outcome, trials.verdict(trials.facts))
    found: dict[str, Otherwise] = {}
    for had, tried in _suppositions(state, numbers):
        after = _settled_after(trials, state, tried)
        verdict = trials.verdict(_with(trials.facts, after)) if after is not None else None
        if (after.outcome if after is not None else None, verdict) != before:
            then = f"the flow would be {after.outcome}" if after is not None else "the flow would be run again"
            found.setdefault(had, Otherwise(had=had, then=then, verdict=verdict))
    return (*found.values(), *_if_optional(trials, settled))


def _settled_after(trials: Trials, state: FlowState, tried: Sequence[Tried]) -> SettledFlow | None:
    step = settle(tried, trials.basis.limits)
    if not isinstance(step, Settled):
        return None
    return settled_flow(replace(state, tried=tuple(tried)), step.outcome, step.failure)


def _suppositions(state: FlowState, numbers: Sequence[int]) -> Iterator[tuple[str, Sequence[Tried]]]:
    earlier, last, number = state.tried[:-1], state.tried[-1], numbers[-1]
    failures = [each.failure for each in state.tried if each.failure is not None]
    if last.failure is None:
        yield from _if_failed(earlier, last, number)
        return
    yield f"attempt {number} passed", (*earlier, _passed(last))
    if last.failure.cause.family in _CONFIRMABLE and earlier:
        lost = Failure(cause=Cause.DEVICE_LOST, rule="", why="")
        yield f"attempt {number} lost its device", (*earlier, _failed(last, lost))
    if state.settled is not None and state.settled.outcome is FlowOutcome.INCONCLUSIVE:
        yield "one more attempt passed", (*state.tried, _passed(last))
        doubted = next((failure for failure in failures if failure.cause.family in _CONFIRMABLE), None)
        if doubted is not None:
            yield f"one more attempt failed with {doubted.cause} again", (*state.tried, _failed(last, doubted))


def _if_failed(earlier: Sequence[Tried], last: Tried, number: int) -> Iterator[tuple[str, Sequence[Tried]]]:
    """A pass would have been none if it had failed: like an attempt before it, or twice in the same way."""
    for failure in (before.failure for before in earlier):
        if failure is not None and failure.cause.family in _CONFIRMABLE:
            yield f"attempt {number} failed with {failure.cause} again", (*earlier, _failed(last, failure))
            return
    wrong = _failed(last, Failure(cause=Cause.APP_ASSERTION, rule="", why=""))
    yield f"it failed with {Cause.APP_ASSERTION}, twice at one step", (wrong, wrong)


def _passed(tried: Tried) -> Tried:
    return replace(tried, outcome=AttemptOutcome.PASSED, failure=None)


def _failed(tried: Tried, failure: Failure) -> Tried:
    return replace(tried, outcome=outcome_of(failure.cause), failure=failure)


def _with(facts: Facts, flow: SettledFlow) -> Facts:
    return replace(facts, flows=tuple(flow if each.name == flow.name else each for each in facts.flows))


def _if_optional(trials: Trials, settled: SettledFlow) -> Iterator[Otherwise]:
    if not settled.required or settled.outcome is FlowOutcome.PASSED:
        return
    verdict = trials.verdict(_with(trials.facts, replace(settled, required=False)))
    if verdict is not trials.verdict(trials.facts):
        yield Otherwise(had="this flow not been required", then="it would only be reported", verdict=verdict)


def for_run(trials: Trials, most_in_a_row: int) -> tuple[Otherwise, ...]:
    """What would have changed the run as a whole.

    Args:
        trials: The run.
        most_in_a_row: The most infrastructure failures that came one after the other, over all flows.
    """
    return (*_policies(trials), *_infrastructure(trials, most_in_a_row))


def _policies(trials: Trials) -> Iterator[Otherwise]:
    before = trials.verdict(trials.facts)
    if before is None:
        return
    for had, other in (*_other_limits(trials, before), *_other_rules(trials.basis.policy)):
        verdict = trials.verdict(trials.facts, other)
        if verdict is not before:
            yield Otherwise(had=had, then="nothing else would differ", verdict=verdict)


def _other_limits(trials: Trials, before: Verdict) -> Iterator[tuple[str, Policy]]:
    """Of each limit the nearest greater and the nearest smaller one that would have decided otherwise.

    A greater limit closes nothing that a smaller one leaves open, so the place where it turns is found by halving.
    """
    policy, flows = trials.basis.policy, len(trials.facts.flows)
    for name in _LIMITS:
        was: int = getattr(policy.limits, name)
        for others in (range(was + 1, flows + 1), range(min(was - 1, flows), -1, -1)):
            policies = _Limited(policy, name, others)
            turn = bisect_left(policies, True, key=lambda other: trials.verdict(trials.facts, other) is not before)
            if turn < len(others):
                yield f"limits.{name} been {others[turn]} instead of {was}", policies[turn]


@dataclass(frozen=True, slots=True)
class _Limited:
    """A policy under each of these values of one limit, made when it is looked at."""

    policy: Policy
    name: str
    values: range

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, position: int) -> Policy:
        return replace(self.policy, limits=replace(self.policy.limits, **{self.name: self.values[position]}))


def _other_rules(policy: Policy) -> Iterator[tuple[str, Policy]]:
    other = WhenUndecided.OPEN if policy.undecided is WhenUndecided.CLOSED else WhenUndecided.CLOSED
    yield f"undecided been {other} instead of {policy.undecided}", replace(policy, undecided=other)
    if policy.durations is not None:
        was = policy.durations.then
        then = WhenSlow.BLOCK if was is WhenSlow.WARN else WhenSlow.WARN
        durations = replace(policy.durations, then=then)
        yield f"durations.then been {then} instead of {was}", replace(policy, durations=durations)


def _infrastructure(trials: Trials, most: int) -> Iterator[Otherwise]:
    limit = trials.basis.bounds.consecutive_infrastructure
    if 0 < most < limit:
        left = limit - most
        word = "failure" if left == 1 else "failures"
        had = f"{left} more infrastructure {word} come right after the {most} in a row"
        yield Otherwise(had=had, then="the run would have ended there", verdict=None)
    elif most >= limit:
        had = f"an attempt passed among the {most} infrastructure failures in a row"
        yield Otherwise(had=had, then=f"the run would have gone on (limit {limit})", verdict=None)
