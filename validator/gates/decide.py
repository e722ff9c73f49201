"""Recorded facts and a policy in, a decision out. Pure: the same facts give the same bytes, today and in a year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from validator.gates.facts import Facts
from validator.gates.policy import Policy
from validator.gates.reasons import weigh
from validator.gates.steps import next_steps, users_are_affected
from validator.gates.weighed import Weighed
from validator.model.decision import (
    Counts,
    Decision,
    ExitCode,
    Purpose,
    Reason,
    ReasonCode,
    Rollback,
    SettledFlow,
    Verdict,
)
from validator.model.events import StopReason
from validator.model.flow import FlowOutcome
from validator.support.clock import iso


def decide(facts: Facts, policy: Policy, *, purpose: Purpose, now: datetime) -> Decision:
    """Decide whether the gate opens.

    Args:
        facts: What was recorded.
        policy: What is tolerated.
        purpose: A rollback is never blocked; its findings become warnings.
        now: The moment of the decision, UTC.
    """
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as it is recorded, so that it can be repeated
    weighed = _for_purpose(weigh(facts, policy, now), purpose)
    worst = weighed[0]
    closed = not worst.verdict.opens
    verdict = worst.verdict if closed else _opening(weighed)
    urgent = verdict is Verdict.BLOCKED and users_are_affected(facts)
    return Decision(
        verdict=verdict,
        blocks=policy.blocks if closed else (),
        exit_code=_STOPPED.get(facts.stop, worst.exit_code),
        reasons=tuple(item.reason for item in weighed),
        flows=facts.flows,
        counts=count(facts.flows),
        policy=policy.ref,
        decided_at=iso(now),
        expires_at=iso(now + policy.expires),
        next=next_steps(verdict, facts, policy),
        rollback=Rollback(decision_required=urgent, command=policy.rollback if urgent else ""),
    )


_STOPPED = {StopReason.INTERRUPTED: ExitCode.INTERRUPTED, StopReason.TERMINATED: ExitCode.TERMINATED}
"""A run that somebody ended says so, whatever it had found by then."""


def _for_purpose(weighed: Sequence[Weighed], purpose: Purpose) -> tuple[Weighed, ...]:
    match purpose:
        case Purpose.DEPLOY:
            return tuple(weighed)
        case Purpose.ROLLBACK:
            reason = Reason(
                code=ReasonCode.ROLLBACK,
                message="the run was made for a rollback: it is reported and blocks nothing",
            )
            waived = (
                Weighed(rank=w.rank, verdict=_waive(w.verdict), exit_code=ExitCode.OPEN, reason=w.reason)
                for w in weighed
            )
            note = Weighed(rank=0, verdict=Verdict.APPROVED, exit_code=ExitCode.OPEN, reason=reason)
            return (note, *waived)


def _waive(verdict: Verdict) -> Verdict:
    return verdict if verdict.opens else Verdict.APPROVED_WITH_WARNINGS


def _opening(weighed: Sequence[Weighed]) -> Verdict:
    warned = any(item.verdict is Verdict.APPROVED_WITH_WARNINGS for item in weighed)
    return Verdict.APPROVED_WITH_WARNINGS if warned else Verdict.APPROVED


def count(flows: Sequence[SettledFlow]) -> Counts:
    """How many flows ended how."""
    outcomes = [flow.outcome for flow in flows]
    return Counts(
        expected=len(outcomes),
        passed=outcomes.count(FlowOutcome.PASSED),
        flaky=outcomes.count(FlowOutcome.FLAKY),
        failed=outcomes.count(FlowOutcome.FAILED),
        inconclusive=outcomes.count(FlowOutcome.INCONCLUSIVE),
        missing=outcomes.count(FlowOutcome.MISSING),
    )
