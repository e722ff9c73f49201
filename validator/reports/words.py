"""The words that every report uses, so that the console, the summary and the page say the same thing. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from validator.model.decision import Decision, ExitCode, SettledFlow, Verdict
from validator.model.events import StopReason
from validator.model.flow import FlowOutcome
from validator.reports.state import FlowState, RunState


def duration(seconds: float) -> str:
    """A time as a person says it: `0.4 s`, `12.3 s`, `3 m 05 s`, `1 h 02 m`."""
    if seconds < 59.95:
        return f"{max(seconds, 0):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} m {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} m"


def verdict_words(verdict: Verdict) -> str:
    """The verdict in capitals, as a banner says it."""
    match verdict:
        case Verdict.APPROVED:
            return "APPROVED"
        case Verdict.APPROVED_WITH_WARNINGS:
            return "APPROVED WITH WARNINGS"
        case Verdict.BLOCKED:
            return "BLOCKED"
        case Verdict.UNDECIDED:
            return "UNDECIDED"
        case _:
            assert_never(verdict)


NO_DECISION = "NO DECISION"
"""What a banner says when the run ended without one."""


def banner_words(state: RunState) -> str:
    """The decision in capitals."""
    return verdict_words(state.decision.verdict) if state.decision is not None else NO_DECISION


def day_and_time(at: str) -> str:
    """`2026-11-21T03:26:54.120Z` for people: `2026-11-21 03:26:54 UTC`."""
    return f"{at[:19].replace('T', ' ')} UTC" if at else ""


def gate_words(state: RunState) -> str:
    """What the decision means for those who wait at the gate; the gate stays closed without one."""
    decision = state.decision
    if decision is None:
        return f"the gate stays closed; {_stop_words(state)}"
    if decision.verdict.opens:
        return "the gate is open"
    return f"the {' and '.join(decision.blocks)} must not be deployed" if decision.blocks else "the gate is closed"


def _stop_words(state: RunState) -> str:
    if state.finished is None:
        return "the run has not ended, or was killed"
    match state.finished.stop:
        case StopReason.COMPLETED:
            return "the run ended without a decision"
        case StopReason.STAGE_FAILED:
            return "a stage before the flows failed"
        case StopReason.MISUSED:
            return "the configuration or the call has a mistake"
        case StopReason.DEADLINE:
            return "the run's deadline passed"
        case StopReason.INTERRUPTED:
            return "the run was interrupted"
        case StopReason.TERMINATED:
            return "the run was terminated"
        case stop:
            assert_never(stop)


def exit_code(state: RunState) -> ExitCode:
    """What the process tells its caller; a run that ended without a decision and without a reason is a bug."""
    if state.decision is not None:
        return state.decision.exit_code
    stop = state.finished.stop if state.finished is not None else None
    match stop:
        case StopReason.INTERRUPTED:
            return ExitCode.INTERRUPTED
        case StopReason.TERMINATED:
            return ExitCode.TERMINATED
        case StopReason.STAGE_FAILED | StopReason.DEADLINE:
            return ExitCode.UNDECIDED
        case StopReason.MISUSED:
            return ExitCode.USAGE
        case StopReason.COMPLETED | None:
            return ExitCode.BUG
        case _:
            assert_never(stop)


def outcome_words(flow: FlowState) -> str:
    """The outcome, or what the flow is doing while it has none."""
    if flow.settled is not None:
        return flow.settled.outcome.value
    return "unsettled" if flow.attempts else "not run"


def cause_words(flow: FlowState) -> str:
    """Why the flow did not simply pass, for a person; empty when it did."""
    settled = flow.settled
    if settled is None:
        return "the run ended before it had an outcome"
    if settled.outcome is FlowOutcome.PASSED:
        return ""
    if settled.outcome is FlowOutcome.MISSING and settled.cause is None:
        return "it was expected and never ran"
    return settled.cause.meaning if settled.cause is not None else (settled.why or "the cause is not known")


def time_words(flow: FlowState) -> str:
    """How long it ran, `-` when no attempt came to its end."""
    return duration(flow.seconds) if any(attempt.finished_at for attempt in flow.attempts) else "-"


def devices(flow: FlowState) -> tuple[str, ...]:
    """The devices it ran on, each once, in order."""
    return tuple(dict.fromkeys(attempt.serial for attempt in flow.attempts))


def devices_words(flow: FlowState) -> str:
    """The devices on one line, `-` when there are none."""
    return ", ".join(devices(flow)) or "-"


def subject_words(state: RunState) -> str:
    """What was tested, on one line."""
    apk = state.apk
    app = f"{apk.package} {apk.version_name} ({apk.version_code})" if apk is not None else "no APK"
    deployment = state.deployment
    live = f"deployment {deployment.id}" if deployment is not None else "no deployment"
    revision = f" at {deployment.revision[:12]}" if deployment is not None and deployment.revision else ""
    return f"{app} against {live}{revision}"


def tally(decision: Decision) -> str:
    """The counts as a sentence: `9 expected: 7 passed, 2 failed`."""
    counts = decision.counts
    parts: Iterable[tuple[int, FlowOutcome]] = (
        (counts.passed, FlowOutcome.PASSED),
        (counts.flaky, FlowOutcome.FLAKY),
        (counts.failed, FlowOutcome.FAILED),
        (counts.inconclusive, FlowOutcome.INCONCLUSIVE),
        (counts.missing, FlowOutcome.MISSING),
    )
    return f"{counts.expected} expected: " + (", ".join(f"{n} {o.value}" for n, o in parts if n) or "none ran")


def next_steps(state: RunState) -> tuple[str, ...]:
    """What a person should do, in order; also where no decision says it."""
    if state.decision is not None:
        return state.decision.next
    return ("Run it again: nothing is known about this deployment until a run has decided.",)


def rollback_words(state: RunState) -> str:
    """What is to be said about going back, unless the next steps say it already; empty when there is nothing."""
    if state.decision is None:
        return ""
    rollback = state.decision.rollback
    if not rollback.decision_required or any(rollback.command in step for step in state.decision.next):
        return ""
    return f"Whether to roll back is a named person's decision: {rollback.command}"


_WORST_FIRST = (
    FlowOutcome.FAILED,
    FlowOutcome.MISSING,
    FlowOutcome.INCONCLUSIVE,
    FlowOutcome.FLAKY,
    FlowOutcome.PASSED,
)


def worst_first(flows: Iterable[FlowState]) -> list[FlowState]:
    """What needs a person's eye first; required before informational, otherwise in the order of the plan."""
    return sorted(flows, key=_lightness)


def worst_last(flows: Iterable[FlowState]) -> list[FlowState]:
    """For a terminal, where the eye rests on the last lines; otherwise in the order of the plan."""
    return sorted(flows, key=_lightness, reverse=True)


def _lightness(flow: FlowState) -> tuple[bool, int]:
    rank = 0 if flow.settled is None else _WORST_FIRST.index(flow.settled.outcome)
    harmless = flow.settled is not None and flow.settled.outcome is FlowOutcome.PASSED
    return (harmless or not flow.required, rank)


def is_trouble(settled: SettledFlow | None) -> bool:
    """Whether a person has to read on: everything but a plain pass."""
    return settled is None or settled.outcome is not FlowOutcome.PASSED
