"""Whether a tenant's events are what was once stored: every link of the chain, every guard, every projection."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import SQLAlchemyError

from validator.history.acts import ChainStarted
from validator.history.blobs import Blobs
from validator.history.chain import Head, genesis, link
from validator.history.database import Database
from validator.history.errors import DamagedStoreError, HistoryError
from validator.history.guards import POSTGRESQL_FUNCTIONS, POSTGRESQL_TRIGGERS, SQLITE_TRIGGERS
from validator.history.log import stored_head
from validator.history.payloads import read_payload
from validator.history.reading import Link, StoredEvents
from validator.history.rebuild import differing_tables, runs_with_gaps
from validator.history.tables import EVENT

_UNREADABLE = (ValueError, TypeError, OverflowError, HistoryError, SQLAlchemyError)
"""What reading a row of a changed or damaged file can raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenLink:
    """The first event that is not what was stored."""

    position: int
    event: str
    run: str
    seq: int
    what: str

    @property
    def text(self) -> str:
        """The break on one line."""
        return f"position {self.position}, event {self.event} (run {self.run}, event {self.seq}): {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found."""

    tenant: str
    events: int
    head: Head
    """The last link that is right."""
    broken: BrokenLink | None = None
    problems: tuple[str, ...] = ()
    """What else is not as it should be, worst first."""
    gaps: tuple[str, ...] = ()
    """Runs of which an event has not arrived. No break: it may still wait in a spool."""

    @property
    def ok(self) -> bool:
        """Whether nothing was changed."""
        return self.broken is None and not self.problems


def verify(
    database: Database, blobs: Blobs, tenant: str, *, anchor: Head | None = None, projections: bool = True
) -> Verification:
    """Check a tenant's record. Nothing is changed.

    Args:
        database: Where it is kept.
        blobs: Where its long payloads are kept.
        tenant: Whose record.
        anchor: A head that somebody noted outside the database; it must still be a link of the chain.
        projections: Also compare them with a rebuild; other writers wait meanwhile.

    Raises:
        StoreUnreachableError: The database is away or busy.
    """
    try:
        with database.reading(tenant) as connection:
            stored = StoredEvents(connection=connection, blobs=blobs, tenant=tenant)
            found = _chain(stored, anchor)
            found = replace(found, problems=(*found.problems, *_head_problem(connection, found)))
        if found.broken is None:
            found = _surroundings(database, blobs, found, projections=projections)
    except DamagedStoreError as error:
        return Verification(tenant=tenant, events=0, head=genesis(tenant), problems=(error.text,))
    return found


def _surroundings(database: Database, blobs: Blobs, found: Verification, *, projections: bool) -> Verification:
    """The guards, the file itself, and the projections."""
    with database.looking() as connection:
        problems = [*found.problems, *_guard_problems(connection), *_file_problems(connection)]
    with database.writing(found.tenant, long=True) as connection:
        written = stored_head(connection, found.tenant, lock=True) is not None
        stored = StoredEvents(connection=connection, blobs=blobs, tenant=found.tenant)
        if projections and written:
            problems += [f"the table {name} is not what the events say" for name in differing_tables(stored)]
        return replace(found, problems=tuple(problems), gaps=runs_with_gaps(stored))


def _chain(stored: StoredEvents, anchor: Head | None) -> Verification:
    """Walk the chain to its end or to the first link that is broken."""
    found = Verification(tenant=stored.tenant, events=0, head=genesis(stored.tenant))
    anchored = anchor is None
    try:
        for item in stored.chain():
            head = _start(item) if found.events == 0 else found.head
            wrong = _wrong(stored.tenant, head or found.head, item)
            if wrong:
                return replace(found, broken=_broken(item, wrong))
            anchored = anchored or item.head == anchor
            found = replace(found, events=found.events + 1, head=item.head)
    except _UNREADABLE as error:
        return replace(found, broken=_unreadable(stored, found, error))
    if not anchored:
        found = replace(found, problems=("the head that was noted is no link of this chain: it was made anew",))
    return found


def _start(item: Link) -> Head | None:
    """What the first event may follow instead of nothing: the chain that a pruning ended."""
    if item.sealed.type != ChainStarted.__name__:
        return None
    event = read_payload(item.sealed)
    if not isinstance(event, ChainStarted) or event.previous_head != item.prev:
        return None
    return Head(position=event.previous_position, hash=event.previous_head)


def _wrong(tenant: str, head: Head, item: Link) -> str:
    """What is wrong with a link; empty when nothing is."""
    right = link(tenant, head, item.sealed)
    if item.head.position != right.position:
        return f"it should be position {right.position}: events are missing before it"
    if item.prev != head.hash:
        return "it does not follow the event before it"
    if item.head.hash != right.hash:
        return "its content is not what its hash says: it was changed"
    return ""


def _broken(item: Link, what: str) -> BrokenLink:
    sealed = item.sealed
    return BrokenLink(position=item.head.position, event=sealed.id, run=sealed.run, seq=sealed.seq, what=what)


def _unreadable(stored: StoredEvents, found: Verification, error: Exception) -> BrokenLink:
    """The event after the last readable one, with as much of its name as can still be read."""
    query = (
        select(EVENT.c.position, EVENT.c.id, EVENT.c.run, EVENT.c.seq)
        .where(EVENT.c.tenant == stored.tenant, EVENT.c.position > found.head.position)
        .order_by(EVENT.c.position)
        .limit(1)
    )
    what = f"it cannot be read: {error}"
    try:
        row = stored.connection.execute(query).one_or_none()
    except SQLAlchemyError:
        row = None
    if row is None:
        return BrokenLink(position=found.head.position + 1, event="?", run="?", seq=-1, what=what)
    return BrokenLink(position=row.position, event=row.id, run=row.run, seq=row.seq, what=what)


def _head_problem(connection: Connection, found: Verification) -> tuple[str, ...]:
    if found.broken is not None:
        return ()
    head = stored_head(connection, found.tenant) or genesis(found.tenant)
    if head == found.head:
        return ()
    return (f"the chain ends at position {found.head.position}, but {head.position} was written: its end is missing",)


def _guard_problems(connection: Connection) -> list[str]:
    if connection.dialect.name == "postgresql":
        return _postgresql_guards(connection)
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    have = {row.name: row.sql for row in rows}
    return [
        f"the trigger {name} is missing or changed" for name, sql in SQLITE_TRIGGERS.items() if have.get(name) != sql
    ]


def _postgresql_guards(connection: Connection) -> list[str]:
    triggers = connection.execute(
        text(
            "SELECT tgname, tgenabled FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgrelid IN ('event'::regclass, 'blob'::regclass)"
        )
    )
    alive = {row.tgname for row in triggers if row.tgenabled in ("O", "A", b"O", b"A")}
    problems = [f"the trigger {name} is missing or disabled" for name in POSTGRESQL_TRIGGERS if name not in alive]
    for name, sql in POSTGRESQL_FUNCTIONS.items():
        body = connection.execute(text("SELECT prosrc FROM pg_proc WHERE proname = :name"), {"name": name}).scalar()
        if body is None or body not in sql:
            problems.append(f"the function {name} is missing or changed")
    open_tables = connection.execute(
        text(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' "
            "WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND NOT c.relrowsecurity"
        )
    )
    return problems + [f"the table {row.relname} shows every tenant's rows" for row in open_tables]


def _file_problems(connection: Connection) -> list[str]:
    """What SQLite finds wrong with its own file, indexes included."""
    if connection.dialect.name == "postgresql":
        return []
    rows = connection.exec_driver_sql("PRAGMA integrity_check(5)").scalars().all()
    return [] if rows == ["ok"] else [f"the file is damaged: {row}" for row in rows]
