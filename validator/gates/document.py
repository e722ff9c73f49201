"""A `decision.json` of any origin as a claim: read with distrust, refused with the reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from validator.gates.check import Claim
from validator.model.decision import ExitCode, PolicyRef, Purpose, Reason, Verdict
from validator.model.errors import PermanentError
from validator.model.flow import FlowOutcome
from validator.support.codec import UndecodableError, decode

SCHEMA = "validator.decision/v1"
MAX_BYTES = 4 * 1024 * 1024
"""A decision about 10,000 flows is smaller; whatever is larger is no decision."""


class DecisionUnreadableError(PermanentError):
    """What was given is no decision; the gate stays closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The deployment that a decision is about."""

    id: str
    revision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedApk:
    """The APK that a decision stands on."""

    sha256: str
    package: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLine:
    """One flow of a decision."""

    name: str
    required: bool
    outcome: FlowOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The parts of the file that a gate looks at; others may come and go."""

    schema: str
    run: str
    tenant: str
    environment: str
    purpose: Purpose
    deployment: Subject | None
    apk: TestedApk | None
    decision: Verdict
    blocks: tuple[str, ...]
    exit_code: ExitCode
    reasons: tuple[Reason, ...]
    flows: tuple[FlowLine, ...]
    policy: PolicyRef
    decided_at: str
    expires_at: str
    began_at: str = ""
    """Empty in files that are older than this key."""


def read_decision(data: bytes, where: str) -> Claim:
    """The claim that a file's content makes. Raises as `parse_decision`."""
    document = parse_decision(data, where)
    subject = document.deployment or Subject(id="", revision="")
    return Claim(
        run=document.run,
        tenant=document.tenant,
        environment=document.environment,
        purpose=document.purpose,
        deployment=subject.id,
        revision=subject.revision,
        verdict=document.decision,
        exit_code=document.exit_code,
        blocks=document.blocks,
        closing=tuple(flow.name for flow in document.flows if flow.required and flow.outcome is not FlowOutcome.PASSED),
        decided_at=_moment(document.decided_at),
        expires_at=_moment(document.expires_at),
        began_at=_moment(document.began_at) if document.began_at else None,
        policy_digest=document.policy.digest,
        message=document.reasons[0].message if document.reasons else "",
    )


def parse_decision(data: bytes, where: str) -> Document:
    """Read a file's content.

    Args:
        data: At most `MAX_BYTES` of it are looked at.
        where: The file or address, for errors.

    Raises:
        DecisionUnreadableError: It is too long, no JSON, no decision, or of another version.
    """
    if len(data) > MAX_BYTES:
        raise _unreadable(f"it is longer than {MAX_BYTES // 1024 // 1024} MiB", where)
    try:
        document = decode(Document, data)
        _moment(document.decided_at), _moment(document.expires_at), _moment(document.began_at or document.decided_at)
        json.loads(data, object_pairs_hook=_each_once)
    except (UndecodableError, ValueError, OverflowError, RecursionError) as error:
        raise _unreadable(f"it is no decision: {error}", where) from error
    if document.schema != SCHEMA:
        raise _unreadable(f"its schema is {document.schema[:80]!r}, this program reads {SCHEMA}", where)
    return document


def _each_once(pairs: Sequence[tuple[str, object]]) -> None:
    """Two readers of one file must not read two decisions in it."""
    names = [name for name, _ in pairs]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise ValueError(f"{double[:80]!r} stands in it twice")


def _moment(text: str) -> datetime:
    """A moment in UTC; one without an offset is no moment."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)


def _unreadable(what: str, where: str) -> DecisionUnreadableError:
    remedy = "name the decision.json of a run, or leave --from out to ask the record of runs"
    return DecisionUnreadableError(what, where=where, remedy=remedy)
