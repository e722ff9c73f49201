"""A reason and what it does to the gate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from validator.gates.policy import Policy, WhenUndecided
from validator.model.decision import ExitCode, Reason, ReasonCode, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A reason and what it does to the gate. `rank` 0 is the worst."""

    rank: int
    verdict: Verdict
    exit_code: ExitCode
    reason: Reason


def closing(rank: int, exit_code: ExitCode, code: ReasonCode, message: str, flows: Iterable[str] = ()) -> Weighed:
    """A reason that closes the gate, whatever the policy says."""
    verdict = Verdict.BLOCKED if exit_code is ExitCode.BLOCKED else Verdict.UNDECIDED
    reason = Reason(code=code, message=message, flows=tuple(flows))
    return Weighed(rank=rank, verdict=verdict, exit_code=exit_code, reason=reason)


def warning(rank: int, code: ReasonCode, message: str, flows: Iterable[str] = ()) -> Weighed:
    """A reason that a person should know and that leaves the gate open."""
    reason = Reason(code=code, message=message, flows=tuple(flows))
    return Weighed(rank=rank, verdict=Verdict.APPROVED_WITH_WARNINGS, exit_code=ExitCode.OPEN, reason=reason)


def unmeasurable(rank: int, policy: Policy, code: ReasonCode, message: str, flows: Iterable[str] = ()) -> Weighed:
    """A reason why nothing is known; the policy says what that does to the gate."""
    match policy.undecided:
        case WhenUndecided.CLOSED:
            return closing(rank, ExitCode.UNDECIDED, code, message, flows)
        case WhenUndecided.OPEN:
            return warning(rank, code, f"{message}; the policy opens the gate all the same", flows)
