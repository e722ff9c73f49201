"""The gate's answer, and everything that it stands on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from validator.model.causes import Cause
from validator.model.flow import FlowOutcome
from validator.model.verdict import ExitCode, Purpose, Verdict

__all__ = [
    "Counts",
    "Decision",
    "ExitCode",
    "PolicyRef",
    "Purpose",
    "Reason",
    "ReasonCode",
    "Rollback",
    "SettledFlow",
    "StageFailure",
    "Verdict",
]


class ReasonCode(StrEnum):
    """The closed list of reasons for a decision."""

    ALL_PASSED = "all_passed"
    PRODUCT_FAILURES = "product_failures"
    BACKEND_FAILURES = "backend_failures"
    MISSING_FLOWS = "missing_flows"
    NO_FLOWS = "no_flows"
    NARROWED = "narrowed"
    """The command line left out required flows: the run tried some, and says nothing about the others."""
    BUILD_FINDINGS = "build_findings"
    FLOW_ERRORS = "flow_errors"
    UNCONFIRMED = "unconfirmed_failures"
    """Something failed that looked like the app or the backend, and did not fail the same way again."""
    UNKNOWN_FAILURES = "unknown_failures"
    INFRASTRUCTURE_FAILURES = "infrastructure_failures"
    THROTTLED = "throttled"
    FLAKY_FLOWS = "flaky_flows"
    INFORMATIONAL = "informational"
    """A flow that is not required did not pass."""
    STAGE_FAILED = "stage_failed"
    """A stage before the flows could not do its work."""
    DEPLOYMENT_CHANGED = "deployment_changed"
    """What is live changed while flows ran."""
    INTERRUPTED = "interrupted"
    QUARANTINED = "quarantined"
    """A flow did not pass and does not count for now, because somebody is mending it."""
    QUARANTINE_EXPIRED = "quarantine_expired"
    QUARANTINE_VOID = "quarantine_void"
    """An entry of the quarantine does nothing."""
    SLOW_FLOWS = "slow_flows"
    STALE = "stale"
    """The run began too long before its decision."""
    TRAFFIC = "traffic"
    """Production could not tell the run's requests from those of real users, or others used its mark."""
    PREREQUISITES = "prerequisites"
    """A stage of the pipeline that must pass before the run is not known to have passed."""
    ROLLBACK = "rollback"
    """The run was made for a rollback, which nothing blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason, with its numbers in the message: `product failures (2) > limit (0)`."""

    code: ReasonCode
    message: str
    flows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledFlow:
    """One flow as the gate sees it."""

    name: str
    required: bool
    outcome: FlowOutcome
    cause: Cause | None
    """The cause that decided the outcome; the first failure's cause for a flaky flow; None when it passed."""
    attempts: int
    step: str = ""
    why: str = ""
    quote: str = ""
    """The most telling line of evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFailure:
    """A stage that ended the run before, or instead of, its flows."""

    stage: str
    cause: Cause
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many flows ended how; `expected` is their sum."""

    expected: int
    passed: int
    flaky: int
    failed: int
    inconclusive: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRef:
    """The policy that was applied."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """What the gate says about going back. The decision is a named human's."""

    decision_required: bool
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The gate's answer: a pure function of the run's recorded facts and the policy."""

    verdict: Verdict
    blocks: tuple[str, ...]
    """What may not be deployed; empty when the gate is open."""
    exit_code: ExitCode
    reasons: tuple[Reason, ...]
    """Worst first."""
    flows: tuple[SettledFlow, ...]
    counts: Counts
    policy: PolicyRef
    decided_at: str
    """UTC, ISO 8601."""
    expires_at: str
    next: tuple[str, ...]
    """What a person should do, in order."""
    rollback: Rollback
