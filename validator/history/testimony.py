"""What the record says about one subject, with the proof that it was stored so: all that a gate asks, in one reading.

The statements stand here as text, so that the library of the full store and the plain driver of SQLite run the very
same ones. Every event of the run that decided is held against its hash and against its neighbours in the chain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from validator.history.chain import Head, Sealed, digest, genesis, link_of_digest
from validator.history.errors import HistoryError
from validator.history.stream import Stream

Row = Mapping[str, object]
Ask = Callable[[str, Mapping[str, str]], Sequence[Row]]
"""Runs a statement with named values. All statements of one testimony must see the same state of the record."""
ReadLong = Callable[[str], str]
"""The payload behind a digest, for events whose payload is long."""

TOLD = frozenset({"RunStarted", "DeploymentObserved", "Decided", "DecisionActed"})
"""Types of events whose payload a gate looks at."""

_SUBJECT = """FROM decision AS d WHERE d."tenant" = :tenant AND d."environment" = :environment"""
_DECISION = f"""SELECT d."run", d."seq", d."deployment", d."revision", d."verdict", d."decided_at" {_SUBJECT}"""
_LATEST = """ ORDER BY d."decided_at" DESC, d."run" DESC, d."seq" DESC LIMIT 1"""
_LAST_STORED = """ ORDER BY (SELECT e."position" FROM event AS e WHERE e."tenant" = d."tenant" AND e."run" = d."run"
 AND e."stream" = 'run' AND e."seq" = d."seq") DESC LIMIT 1"""
NEWEST_RUN = """SELECT "id", "last_at", "finished_at", "deployment", "verdict" FROM run
 WHERE "tenant" = :tenant AND "environment" = :environment ORDER BY "started_at" DESC, "id" DESC LIMIT 1"""
EVENTS = """SELECT e."position", e."id", e."run", e."stream", e."seq", e."at", e."type", e."version", e."payload",
 e."blob", e."prev", e."hash",
 (SELECT b."hash" FROM event AS b WHERE b."tenant" = e."tenant" AND b."position" = e."position" - 1) AS hash_before,
 (SELECT a."prev" FROM event AS a WHERE a."tenant" = e."tenant" AND a."position" = e."position" + 1) AS prev_after
 FROM event AS e WHERE e."tenant" = :tenant AND e."run" = :run AND e."stream" IN ('run', 'act')
 ORDER BY e."stream", e."seq" """
_HEAD = """SELECT "position", "head" FROM tenant WHERE "name" = :tenant"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestRun:
    """The run of an environment that began last."""

    id: str
    last_at: str
    finished_at: str
    deployment: str
    verdict: str
    """Empty while there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """Where the record keeps the decision, and what its tables, which can be made anew, say about it."""

    run: str
    seq: int
    deployment: str
    revision: str
    verdict: str
    decided_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Testimony:
    """What the record says."""

    tenant: str
    newest: NewestRun | None = None
    decision: DecisionRow | None = None
    events: tuple[Sealed, ...] = ()
    """Of the run that decided, of its own and those added to it, each proved. Payloads are there for `TOLD` only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the record is asked about. Empty deployment or revision: any."""

    tenant: str
    environment: str
    deployment: str = ""
    revision: str = ""


def testify(ask: Ask, read_long: ReadLong, subject: Subject) -> Testimony:
    """Read what the record says.

    Raises:
        HistoryError: An event is not what was stored, or is missing.
    """
    newest = ask(NEWEST_RUN, {"tenant": subject.tenant, "environment": subject.environment})
    decision = _decision(ask, subject)
    return Testimony(
        tenant=subject.tenant,
        newest=_newest(newest[0]) if newest else None,
        decision=decision,
        events=_events(ask, read_long, subject.tenant, decision.run) if decision is not None else (),
    )


def statements(subject: Subject) -> tuple[str, str]:
    """The statements that find the newest decision by its own clock, and by when it was stored."""
    about = _DECISION + (' AND d."revision" = :revision' if subject.revision else "")
    about += ' AND d."deployment" = :deployment' if subject.deployment else ""
    return about + _LATEST, about + _LAST_STORED


def _decision(ask: Ask, subject: Subject) -> DecisionRow | None:
    """The newest decision. Where clocks and record disagree which that is, the one that does not open.

    A machine whose clock is late makes a decision that looks older than an approval that it came after.
    """
    values = {"tenant": subject.tenant, "environment": subject.environment}
    values |= {"revision": subject.revision} if subject.revision else {}
    values |= {"deployment": subject.deployment} if subject.deployment else {}
    by_clock, by_record = statements(subject)
    found = ask(by_clock, values)
    latest = _row(found[0]) if found else None
    if latest is None or not latest.verdict.startswith("approved") or not (subject.revision or subject.deployment):
        return latest
    return _row(ask(by_record, values)[0])


def _events(ask: Ask, read_long: ReadLong, tenant: str, run: str) -> tuple[Sealed, ...]:
    heads = ask(_HEAD, {"tenant": tenant})
    head = Head(position=_number(heads[0], "position"), hash=_text(heads[0], "head")) if heads else genesis(tenant)
    following = {Stream.RUN: 0, Stream.ACT: 0}
    events = []
    for row in ask(EVENTS, {"tenant": tenant, "run": run}):
        sealed = _proved(row, tenant, head, read_long)
        if sealed.seq != following[sealed.stream]:
            raise _broken(row, f"event {following[sealed.stream]} of its run is missing before it")
        following[sealed.stream] += 1
        events.append(sealed)
    return tuple(events)


def _proved(row: Row, tenant: str, head: Head, read_long: ReadLong) -> Sealed:
    """The event of a row that fits to its hash, to the event before it and to the one after it.

    Raises:
        HistoryError: It does not.
    """
    try:
        sealed, payload_digest = _sealed(row, read_long)
        before = Head(position=_number(row, "position") - 1, hash=_text(row, "prev"))
        right = link_of_digest(tenant, before, sealed, payload_digest)
    except (ValueError, TypeError) as error:
        raise _broken(row, f"it cannot be read: {error}") from error
    if right.hash != row["hash"]:
        raise _broken(row, "it is not what was stored: its hash is another")
    if before.hash != (row["hash_before"] if before.position else genesis(tenant).hash):
        raise _broken(row, "the event before it is not the one that it was stored after")
    if row["prev_after"] != right.hash and (row["prev_after"] is not None or head != right):
        raise _broken(row, "the event after it was stored after another one")
    return sealed


def _sealed(row: Row, read_long: ReadLong) -> tuple[Sealed, str]:
    """The event, its payload where a gate looks at it, and the payload's digest."""
    kind, blob = _text(row, "type"), row["blob"]
    if row["payload"] is not None:
        payload = _text(row, "payload")
        payload_digest = digest(payload)
    else:
        payload_digest = _text(row, "blob")
        payload = read_long(payload_digest) if kind in TOLD and blob is not None else ""
    sealed = Sealed(
        id=_text(row, "id"),
        run=_text(row, "run"),
        stream=Stream(_text(row, "stream")),
        seq=_number(row, "seq"),
        at=_text(row, "at"),
        type=kind,
        version=_number(row, "version"),
        payload=payload,
    )
    return sealed, payload_digest


def _newest(row: Row) -> NewestRun:
    return NewestRun(
        id=_text(row, "id"),
        last_at=_text(row, "last_at"),
        finished_at=_text(row, "finished_at"),
        deployment=_text(row, "deployment"),
        verdict=_text(row, "verdict"),
    )


def _row(row: Row) -> DecisionRow:
    return DecisionRow(
        run=_text(row, "run"),
        seq=_number(row, "seq"),
        deployment=_text(row, "deployment"),
        revision=_text(row, "revision"),
        verdict=_text(row, "verdict"),
        decided_at=_text(row, "decided_at"),
    )


def _text(row: Row, name: str) -> str:
    value = row[name]
    if not isinstance(value, str):
        raise _broken(row, f"its {name} is no text")
    return value


def _number(row: Row, name: str) -> int:
    value = row[name]
    if not isinstance(value, int):
        raise _broken(row, f"its {name} is no number")
    return value


def _broken(row: Row, what: str) -> HistoryError:
    where = f"event {row.get('seq', '?')} of run {row.get('run', row.get('id', '?'))}"
    return HistoryError(what, where=where, remedy="run `validator history verify`: it names the first event that broke")
