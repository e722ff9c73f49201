"""What an alert is about, how bad it is, and when it is over. Pure."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import assert_never

from validator.model.causes import Cause, Family
from validator.model.decision import Decision, Verdict
from validator.model.flow import FlowOutcome


class Kind(StrEnum):
    """What an alert says."""

    FIRE = "fire"
    """Something is the matter."""
    RESOLVE = "resolve"
    """What was the matter is over: a run has passed."""
    PASS = "pass"  # noqa: S105 - a run passes
    """A run has passed; only a target that shows the state of every run is told."""
    START = "start"
    """A run has begun; only a target that follows runs from their begin is told."""
    ANSWER = "answer"
    """A person has answered a decision; only a target that told of the question is told."""


class Severity(StrEnum):
    """How bad it is, in the words of PagerDuty; from bottom to top."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return tuple(Severity).index(self)


def kind_of(decision: Decision) -> Kind:
    """All but a plain approval is told."""
    return Kind.PASS if decision.verdict is Verdict.APPROVED else Kind.FIRE


def severity_of(decision: Decision) -> Severity:
    """The severity of one decision, whatever happened before."""
    match decision.verdict:
        case Verdict.BLOCKED:
            return Severity.CRITICAL
        case Verdict.UNDECIDED:
            return Severity.WARNING
        case Verdict.APPROVED_WITH_WARNINGS | Verdict.APPROVED:
            return Severity.INFO
        case _:
            assert_never(decision.verdict)


def escalated(severity: Severity, verdict: Verdict, *, before: int, after: int) -> Severity:
    """The severity of an undecided run that follows others of its kind.

    Args:
        severity: Of the run by itself.
        verdict: Of the run.
        before: How many runs before it were undecided in a row.
        after: How many in a row are too many; 0 for never.
    """
    if verdict is Verdict.UNDECIDED and after and before + 1 >= after:
        return max(severity, Severity.ERROR, key=lambda each: each.rank)
    return severity


def causes_of(decision: Decision) -> tuple[Cause, ...]:
    """Why flows did not pass, each cause once, sorted."""
    found = {flow.cause for flow in decision.flows if flow.cause is not None and flow.outcome is not FlowOutcome.PASSED}
    return tuple(sorted(found))


def families_of(decision: Decision) -> tuple[Family, ...]:
    """Who has to act; empty when no cause is known, as for flows that are missing."""
    return tuple(sorted({cause.family for cause in causes_of(decision)}))


def incident_of(decision: Decision, *, tenant: str, environment: str) -> str:
    """The deduplication key `TENANT/ENVIRONMENT/FINGERPRINT`: the same for runs that fail for the same causes.

    Where no cause is known the codes of the reasons stand in for them.
    """
    codes = [cause.value for cause in causes_of(decision)] or sorted({reason.code.value for reason in decision.reasons})
    digest = hashlib.sha256("\n".join((tenant, environment, *codes)).encode()).hexdigest()
    return f"{beginning(tenant, environment)}{digest[:12]}"


def beginning(tenant: str, environment: str) -> str:
    """What the keys of all incidents of one environment begin with."""
    return f"{tenant}/{environment}/"


def is_over(decision: Decision) -> bool:
    """Whether a run ends what was the matter before: its gate is open, and every required flow was seen to pass.

    A gate that is open by policy, for a rollback or because nothing could be measured, ends nothing.
    """
    required = [flow for flow in decision.flows if flow.required]
    passed = (FlowOutcome.PASSED, FlowOutcome.FLAKY)
    return decision.verdict.opens and bool(required) and all(flow.outcome in passed for flow in required)
