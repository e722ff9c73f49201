"""Which alerts go to which target. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from validator.alerts.incident import Kind, Severity, escalated
from validator.alerts.message import AlertMessage
from validator.alerts.quiet import QuietHours
from validator.model.causes import Family


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What one target is for."""

    families: frozenset[Family] = frozenset(Family)
    """Alerts with a cause of one of these families, and those without a known cause."""
    at_least: Severity = Severity.INFO
    every_run: bool = False
    """Runs that passed too: the target shows a state."""
    from_the_begin: bool = False
    """That a run has begun, too."""
    approvals: bool = False
    """Nothing but gates that wait for a person, at an address that others can open."""
    escalate_after: int = 3
    """How many undecided runs in a row make an error of a warning; 0 for never."""
    required: bool = True
    """Whether the run's exit code says so when an alert did not go out."""
    quiet: QuietHours | None = None
    """When what is not urgent waits."""


def wants(route: Route, message: AlertMessage) -> bool:
    """Whether a target is told of this. What is over is told to those who were told that it began."""
    if route.approvals:
        return message.kind is Kind.FIRE and not message.verdict.opens and bool(message.job_url)
    match message.kind:
        case Kind.RESOLVE:
            return True
        case Kind.PASS:
            return route.every_run
        case Kind.START:
            return route.from_the_begin
        case Kind.ANSWER:
            return False
        case Kind.FIRE:
            concerned = not message.families or bool(route.families & set(message.families))
            return route.every_run or (concerned and message.severity.rank >= route.at_least.rank)


def weighed(route: Route, message: AlertMessage, undecided_before: int) -> AlertMessage:
    """The message with the severity that it has after so many undecided runs."""
    severity = escalated(message.severity, message.verdict, before=undecided_before, after=route.escalate_after)
    return replace(message, severity=severity)


def resolved(message: AlertMessage, incident: str) -> AlertMessage:
    """The end of an incident, told by the message of the run that passed."""
    return replace(
        message,
        kind=Kind.RESOLVE,
        severity=Severity.INFO,
        incident=incident,
        headline=f"RESOLVED in {message.environment}: run {message.run} passed",
    )
