"""Whether a decision that somebody holds up opens the gate for what is about to be deployed. Pure; closed by default.

A decision opens it only for its own environment, deployment and revision, while it is valid, and while nothing newer is
known; a person's override opens it for its own deployment, while it is valid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from validator.model.verdict import ExitCode, Purpose, Verdict

CLOCK_SKEW = timedelta(minutes=5)
"""How far the clocks of two machines may be apart before a decision counts as made in the future."""


class Refusal(StrEnum):
    """The closed list of reasons why a gate stays closed."""

    NO_DECISION = "no_decision"
    OTHER_TENANT = "other_tenant"
    OTHER_ENVIRONMENT = "other_environment"
    OTHER_DEPLOYMENT = "other_deployment"
    OTHER_REVISION = "other_revision"
    OTHER_POLICY = "other_policy"
    OTHER_PURPOSE = "other_purpose"
    CONTRADICTION = "contradiction"
    """The parts of the decision do not fit together: it was edited."""
    FROM_THE_FUTURE = "from_the_future"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    """Something newer is known of this environment."""
    REVOKED = "revoked"
    """A person decided otherwise."""
    BEFORE_DEPLOYMENT = "before_deployment"
    """The run began before what is about to be trusted was deployed."""
    NOT_APPROVED = "not_approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is about to be deployed, and where. Empty deployment or revision: any, but not both."""

    environment: str
    tenant: str = "default"
    deployment: str = ""
    revision: str = ""
    purpose: Purpose = Purpose.DEPLOY
    policy_digest: str = ""
    """The policy that must have been applied; empty for any."""
    deployed_at: datetime | None = None
    """When the deployment was made: a run that began before it has measured something else. None: not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A decision, as a file, a server or the record of runs tells it."""

    run: str
    tenant: str
    environment: str
    purpose: Purpose
    deployment: str
    revision: str
    verdict: Verdict
    exit_code: ExitCode
    blocks: tuple[str, ...]
    closing: tuple[str, ...]
    """Required flows that did not pass, and so speak against an approval."""
    decided_at: datetime
    expires_at: datetime
    policy_digest: str
    began_at: datetime | None = None
    """When the run began; None when the decision does not say."""
    message: str = ""
    """The decision's worst reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A person's latest answer to a decision."""

    opens: bool
    """Whether it is an override."""
    kind: str
    by: str
    reason: str
    deployment: str
    expires_at: datetime | None
    """None: it does not expire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the gate says, in one line."""

    open: bool
    exit_code: ExitCode
    line: str
    refusal: Refusal | None = None
    run: str = ""


def check(question: Question, claim: Claim | None, ruling: Ruling | None, *, newer: str, now: datetime) -> Answer:
    """Answer the question.

    Args:
        question: What is about to be deployed.
        claim: The newest decision that is known; None when there is none.
        ruling: What a person answered to it last, whether it still holds or not: an earlier answer was replaced by it.
        newer: What is known of this environment that is newer than the claim, one sentence; empty for nothing.
        now: UTC.
    """
    if claim is None:
        return _closed(ExitCode.UNDECIDED, Refusal.NO_DECISION, f"nothing was decided about {_subject(question)}")
    if newer:
        return _closed(ExitCode.UNDECIDED, Refusal.SUPERSEDED, newer, claim)
    for refusal, why in _strangeness(question, claim, now):
        return _closed(ExitCode.UNDECIDED, refusal, why, claim)
    if ruling is not None and not _expired(ruling, now):
        return _ruled(claim, ruling)
    if not claim.verdict.opens:
        return _closed(_code(claim), Refusal.NOT_APPROVED, f"{claim.verdict}: {claim.message}", claim)
    if ruling is not None:
        why = f"the {ruling.kind} by {ruling.by} expired; what a person answered once, no older approval answers again"
        return _closed(ExitCode.UNDECIDED, Refusal.EXPIRED, why, claim)
    if claim.expires_at <= now:
        why = f"the approval expired {_ago(claim.expires_at, now)}"
        return _closed(ExitCode.UNDECIDED, Refusal.EXPIRED, why, claim)
    return Answer(open=True, exit_code=ExitCode.OPEN, line=f"open: {claim.verdict} by run {claim.run}", run=claim.run)


def _strangeness(question: Question, claim: Claim, now: datetime) -> Iterator[tuple[Refusal, str]]:
    """Why this claim cannot answer this question at all, worst first."""
    for refusal, what, asked, told in (
        (Refusal.OTHER_TENANT, "tenant", question.tenant, claim.tenant),
        (Refusal.OTHER_ENVIRONMENT, "environment", question.environment, claim.environment),
        (Refusal.OTHER_DEPLOYMENT, "deployment", question.deployment, claim.deployment),
        (Refusal.OTHER_REVISION, "revision", question.revision, claim.revision),
        (Refusal.OTHER_POLICY, "policy", question.policy_digest, claim.policy_digest),
    ):
        if asked and asked != told:
            yield refusal, f"the decision is about {what} {told or '(none)'}, not {asked}"
    if not question.environment:
        yield Refusal.OTHER_ENVIRONMENT, "no environment was asked for, so no decision can match"
    if not (question.deployment or question.revision):
        yield Refusal.OTHER_DEPLOYMENT, "no deployment and no revision was asked for, so no decision can match"
    if claim.purpose is not question.purpose:
        yield Refusal.OTHER_PURPOSE, f"the run was made for a {claim.purpose}, not for a {question.purpose}"
    if question.deployed_at is not None and (claim.began_at is None or claim.began_at < question.deployed_at):
        yield Refusal.BEFORE_DEPLOYMENT, _too_early(claim.began_at, question.deployed_at)
    if claim.decided_at > now + CLOCK_SKEW:
        yield Refusal.FROM_THE_FUTURE, f"the decision says that it was made at {claim.decided_at:%Y-%m-%d %H:%M} UTC"
    yield from ((Refusal.CONTRADICTION, why) for why in _contradictions(claim))


def _too_early(began: datetime | None, deployed: datetime) -> str:
    if began is None:
        return (
            f"the decision does not say whether its run began after the deployment ({deployed:%Y-%m-%d %H:%M:%S} UTC)"
        )
    return f"the run began at {began:%Y-%m-%d %H:%M:%S} UTC, before the deployment ({deployed:%Y-%m-%d %H:%M:%S} UTC)"


def _contradictions(claim: Claim) -> Iterator[str]:
    if claim.verdict.opens != (claim.exit_code is ExitCode.OPEN):
        yield f"the decision says {claim.verdict} and exit code {claim.exit_code.value}: it was edited"
    if claim.verdict.opens and claim.blocks:
        yield f"the decision says {claim.verdict} and blocks {', '.join(claim.blocks)}: it was edited"
    if claim.verdict is Verdict.APPROVED and claim.closing:
        yield f"the decision says {claim.verdict} although {', '.join(claim.closing)} did not pass: it was edited"
    if claim.began_at is not None and claim.began_at > claim.decided_at + CLOCK_SKEW:
        yield "the decision was made before its run began: it was edited"
    if claim.expires_at <= claim.decided_at:
        yield "the decision expires before it was made: it was edited"


def _ruled(claim: Claim, ruling: Ruling) -> Answer:
    if not ruling.opens:
        why = f"{ruling.by} decided on {ruling.kind.replace('_', ' ')}: {ruling.reason}"
        return _closed(ExitCode.BLOCKED, Refusal.REVOKED, why, claim)
    if ruling.deployment != claim.deployment:
        why = f"the override by {ruling.by} is for deployment {ruling.deployment}, not {claim.deployment}"
        return _closed(ExitCode.UNDECIDED, Refusal.OTHER_DEPLOYMENT, why, claim)
    line = f"open: {ruling.by} overrode the {claim.verdict} decision of run {claim.run}: {ruling.reason}"
    return Answer(open=True, exit_code=ExitCode.OPEN, line=line, run=claim.run)


def _code(claim: Claim) -> ExitCode:
    """A run that was interrupted is undecided to whoever asks later."""
    told = (ExitCode.BLOCKED, ExitCode.MISSING)
    return claim.exit_code if claim.exit_code in told else ExitCode.UNDECIDED


def _expired(ruling: Ruling, now: datetime) -> bool:
    return ruling.expires_at is not None and ruling.expires_at <= now


def _closed(code: ExitCode, refusal: Refusal, why: str, claim: Claim | None = None) -> Answer:
    run = claim.run if claim is not None else ""
    suffix = f" (run {run})" if run else ""
    return Answer(open=False, exit_code=code, line=f"closed: {why}{suffix}", refusal=refusal, run=run)


def _subject(question: Question) -> str:
    named = [
        f"deployment {question.deployment}" if question.deployment else "",
        f"revision {question.revision}" if question.revision else "",
    ]
    return f"{' and '.join(name for name in named if name) or 'anything'} in {question.environment}"


def _ago(moment: datetime, now: datetime) -> str:
    minutes = int((now - moment).total_seconds() // 60)
    return f"{minutes} min ago" if minutes < 120 else f"{minutes // 60} h ago"
