"""What a policy says beside the outcomes of flows: quarantine, durations, freshness, prerequisites. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from validator.gates.facts import Facts
from validator.gates.policy import Durations, Policy, WhenSlow
from validator.gates.standing import Standing
from validator.gates.weighed import Weighed, closing, warning
from validator.model.decision import ExitCode, ReasonCode
from validator.model.flow import FlowOutcome
from validator.model.timing import Timing
from validator.support.durations import format_duration

_TIRED = 7
"""As bad as a flow that is flaky."""


def conditions(facts: Facts, policy: Policy, flows: Standing, now: datetime) -> Iterable[Weighed]:
    """All reasons of these kinds."""
    yield from _quarantine(flows)
    yield from _slow(facts, policy, flows)
    yield from _stale(facts, policy, now)
    yield from _prerequisites(facts, policy)


def missing_stages(policy: Policy, passed: Iterable[str]) -> tuple[str, ...]:
    """The stages that a policy requires and of which nobody said that they have passed."""
    known = set(passed)
    return tuple(name for name in policy.requires if name not in known)


def _quarantine(flows: Standing) -> Iterable[Weighed]:
    ill = [(flow, entry) for flow, entry in flows.quarantined if flow.outcome is not FlowOutcome.PASSED]
    if ill:
        message = f"flows in quarantine that did not pass ({len(ill)}): {', '.join(entry.shown for _, entry in ill)}"
        yield warning(_TIRED, ReasonCode.QUARANTINED, message, [flow.name for flow, _ in ill])
    if flows.expired:
        named = ", ".join(entry.shown for entry in flows.expired)
        message = f"quarantine entries that have expired ({len(flows.expired)}), so that the flows count again: {named}"
        yield warning(_TIRED, ReasonCode.QUARANTINE_EXPIRED, message, [entry.flow for entry in flows.expired])
    if flows.void:
        message = f"quarantine entries that do nothing ({len(flows.void)}): {', '.join(flows.void)}"
        yield warning(_TIRED, ReasonCode.QUARANTINE_VOID, message)


def _slow(facts: Facts, policy: Policy, flows: Standing) -> Iterable[Weighed]:
    budget = policy.durations
    if budget is None:
        return
    names = {flow.name for flow in flows.counting if flow.outcome in (FlowOutcome.PASSED, FlowOutcome.FLAKY)}
    slow = [timing for timing in facts.timings if timing.flow in names and _is_slow(timing, budget)]
    if not slow:
        return
    told = ", ".join(_told(timing) for timing in slow)
    message = f"flows that took more than {budget.slower_than:g} times as long as usual ({len(slow)})"
    match budget.then:
        case WhenSlow.WARN:
            yield warning(_TIRED, ReasonCode.SLOW_FLOWS, f"{message}: {told}", [timing.flow for timing in slow])
        case WhenSlow.BLOCK:
            text = f"{message} > limit (0): {told}"
            yield closing(_TIRED, ExitCode.BLOCKED, ReasonCode.SLOW_FLOWS, text, [timing.flow for timing in slow])


def _is_slow(timing: Timing, budget: Durations) -> bool:
    usual = timing.baseline
    if usual is None or usual.runs < budget.runs or usual.p50 <= 0:
        return False
    over = timing.seconds - usual.p50
    return timing.seconds > budget.slower_than * usual.p50 and over >= budget.at_least.total_seconds()


def _told(timing: Timing) -> str:
    usual = timing.baseline
    return f"{timing.flow} {timing.seconds:.1f} s" + (
        f", usually {usual.p50:.1f} s ({usual.runs} runs)" if usual is not None else ""
    )


def _stale(facts: Facts, policy: Policy, now: datetime) -> Iterable[Weighed]:
    if policy.freshness is None or not facts.began:
        return
    age, limit = now - datetime.fromisoformat(facts.began), policy.freshness
    if age > limit:
        told = format_duration(timedelta(seconds=int(age.total_seconds())))
        message = f"the run began {told} before this decision > limit ({format_duration(limit)})"
        yield closing(5, ExitCode.UNDECIDED, ReasonCode.STALE, message)


def _prerequisites(facts: Facts, policy: Policy) -> Iterable[Weighed]:
    missing = missing_stages(policy, facts.passed)
    if missing:
        message = (
            f"earlier stages of which nobody said that they passed ({len(missing)} of {len(policy.requires)}) "
            f"> limit (0): {', '.join(missing)}"
        )
        yield closing(5, ExitCode.UNDECIDED, ReasonCode.PREREQUISITES, message)
