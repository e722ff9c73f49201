"""A tenant's event log: appending, idempotent and in one chain, and reading back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, Table, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from validator.history.acts import Act
from validator.history.blobs import THRESHOLD, Blobs
from validator.history.chain import CURRENT_VERSION, Head, Sealed, digest, genesis, link
from validator.history.database import Database
from validator.history.entry import Entry, as_record, stream_of
from validator.history.errors import ConflictError, TenantError
from validator.history.payloads import opened, require_sound, sealed_entry, sealed_record
from validator.history.project import project
from validator.history.reading import StoredEvents
from validator.history.stream import Stream
from validator.history.tables import EVENT, TENANT
from validator.model.events import Record
from validator.support.clock import Clock, iso
from validator.support.ids import new_id

BATCH = 2000
"""Events that one transaction takes at most: others wait for their turn meanwhile."""

Check = Callable[[Connection], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """What became of events that were brought."""

    stored: int = 0
    known: int = 0
    """They were there already."""

    def __add__(self, other: Appended) -> Appended:
        return Appended(stored=self.stored + other.stored, known=self.known + other.known)


class EventLog:
    """The events of one tenant."""

    def __init__(self, database: Database, blobs: Blobs, tenant: str, clock: Clock) -> None:
        self.tenant = tenant
        self._database = database
        self._blobs = blobs
        self._clock = clock

    def append(self, records: Iterable[Record], *, busy: float | None = None) -> Appended:
        """Store events of runs; in any order, any number of times.

        When it returns they are durable, and the projections contain them. They are stored in transactions of
        `BATCH` events, each completely or not at all.

        Args:
            records: The events.
            busy: Seconds to wait for the turn; the database's own unless given.

        Raises:
            TenantError: A record belongs to another tenant.
            ConflictError: The id or the place of an event holds something else already.
            StoreUnreachableError: The database is away or busy; bring them again later.
            HistoryError: It refuses.
        """
        return self.append_sealed((self._mine(record) for record in records), busy=busy)

    def append_sealed(self, events: Iterable[Sealed], *, busy: float | None = None) -> Appended:
        """Store events of this tenant that are sealed already. Raises as `append`."""
        total, source = Appended(), iter(events)
        while batch := list(islice(source, BATCH)):
            with self._database.writing(self.tenant, busy=busy) as connection:
                total += self._store(connection, batch)
        return total

    def act(self, run: str, act: Act, check: Check | None = None) -> Entry:
        """Add what a person, or a part other than the pipeline, says about a run.

        Args:
            run: The run it belongs to.
            act: What is said.
            check: Called under the tenant's lock before anything is written; what it raises prevents the act.

        Raises:
            StoreUnreachableError: The database is away or busy; nothing was stored.
            HistoryError: It refuses.
        """
        with self._database.writing(self.tenant) as connection:
            self._lock(connection)
            if check is not None:
                check(connection)
            entry = self.prepared(connection, run, act)
            self._store(connection, [sealed_entry(entry)])
        return entry

    def prepared(self, connection: Connection, run: str, act: Act, table: Table = EVENT) -> Entry:
        """An act in its envelope, with the next number of its stream in `table`. The tenant's lock must be held."""
        stream = stream_of(act.type)
        place = (table.c.tenant == self.tenant, table.c.run == run, table.c.stream == stream.value)
        last = connection.execute(select(func.max(table.c.seq)).where(*place)).scalar()
        return Entry(
            id=new_id(),
            run=run,
            tenant=self.tenant,
            stream=stream,
            seq=0 if last is None else last + 1,
            at=iso(self._clock.now()),
            version=CURRENT_VERSION,
            event=act,
        )

    def records(self, run: str) -> list[Record]:
        """A run's own events in their order: its timeline. Empty when this tenant has no such run."""
        return [as_record(entry) for entry in self._entries(run, Stream.RUN)]

    def acts(self, run: str) -> list[Entry]:
        """What was added to a run, in its order."""
        return list(self._entries(run, Stream.ACT))

    def head(self) -> Head:
        """The end of the chain."""
        with self._database.reading(self.tenant) as connection:
            return stored_head(connection, self.tenant) or genesis(self.tenant)

    def contains(self, event_id: str) -> bool:
        """Whether an event is stored."""
        query = select(EVENT.c.position).where(EVENT.c.tenant == self.tenant, EVENT.c.id == event_id)
        with self._database.reading(self.tenant) as connection:
            return connection.execute(query).first() is not None

    def _entries(self, run: str, stream: Stream) -> Iterator[Entry]:
        with self._database.reading(self.tenant) as connection:
            found = self._stored(connection).of_run(run, stream)
        return (opened(self.tenant, sealed) for sealed in found)

    def _stored(self, connection: Connection) -> StoredEvents:
        return StoredEvents(connection=connection, blobs=self._blobs, tenant=self.tenant)

    def _mine(self, record: Record) -> Sealed:
        if record.tenant != self.tenant:
            raise TenantError(
                f"the event belongs to tenant {record.tenant!r}, this log to {self.tenant!r}",
                where=f"event {record.id}",
                remedy=f"store it with --tenant {record.tenant}",
            )
        return sealed_record(record)

    def _lock(self, connection: Connection) -> Head:
        """Become the only writer of this tenant until the transaction ends; the chain's head."""
        head = stored_head(connection, self.tenant, lock=True)
        if head is None:
            self._begin(connection)
            head = stored_head(connection, self.tenant, lock=True)
        if head is None:
            raise TenantError(f"tenant {self.tenant!r} cannot be locked", remedy="run `validator history verify`")
        return head

    def _begin(self, connection: Connection) -> None:
        start = genesis(self.tenant)
        values = {"name": self.tenant, "created_at": iso(self._clock.now()), "position": 0, "head": start.hash}
        with suppress(IntegrityError), connection.begin_nested():  # somebody else may begin it at the same time
            connection.execute(insert(TENANT), values)

    def _store(self, connection: Connection, events: Sequence[Sealed]) -> Appended:
        brought = _once(events)
        head = self._lock(connection)
        fresh = self._write(connection, head, brought)
        if fresh:
            project(self._stored(connection), fresh)
        return Appended(stored=len(fresh), known=len(events) - len(fresh))

    def _write(self, connection: Connection, head: Head, brought: Sequence[Sealed]) -> Sequence[Sealed]:
        """Store the events that are not stored yet; which they were.

        Nearly always all are new, so the database is only asked about them when it refuses one as known: to look up 50
        ids before writing them costs more than the writing, where the planner has no statistics of a table that grows.
        """
        try:
            with connection.begin_nested():
                write_links(connection, self._blobs, self.tenant, head, brought)
        except IntegrityError:
            brought = self._unknown(connection, brought)
            write_links(connection, self._blobs, self.tenant, head, brought)
        return brought

    def _unknown(self, connection: Connection, events: Sequence[Sealed]) -> list[Sealed]:
        """The events that are not stored yet."""
        brought = {sealed.id: sealed for sealed in events}
        ids = list(brought)
        for part in (ids[start : start + 500] for start in range(0, len(ids), 500)):
            query = select(EVENT).where(EVENT.c.tenant == self.tenant, EVENT.c.id.in_(part))
            for row in connection.execute(query):
                sealed = brought.pop(row.id)
                same = (row.run, row.stream, row.seq, row.at, row.type, row.version) == (
                    sealed.run,
                    sealed.stream.value,
                    sealed.seq,
                    sealed.at,
                    sealed.type,
                    sealed.version,
                )
                kept = row.payload == sealed.payload if row.blob is None else row.blob == digest(sealed.payload)
                if not (same and kept):
                    raise _contradiction(sealed)
        return list(brought.values())


def _once(events: Sequence[Sealed]) -> list[Sealed]:
    """Each event once, and sound."""
    brought: dict[str, Sealed] = {}
    for sealed in events:
        require_sound(sealed)
        if brought.setdefault(sealed.id, sealed) != sealed:
            raise _contradiction(sealed)
    return list(brought.values())


def stored_head(connection: Connection, tenant: str, *, lock: bool = False) -> Head | None:
    """The head that stands beside the chain; None for a tenant without one."""
    query = select(TENANT.c.position, TENANT.c.head).where(TENANT.c.name == tenant)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return Head(position=row.position, hash=row.head) if row is not None else None


def write_links(connection: Connection, blobs: Blobs, tenant: str, head: Head, events: Iterable[Sealed]) -> Head:
    """Append events to the chain and move its head. The tenant's lock must be held."""
    rows: list[dict[str, object]] = []
    for sealed in events:
        before, head = head, link(tenant, head, sealed)
        long = len(sealed.payload) > THRESHOLD
        rows.append(
            {
                "tenant": tenant,
                "position": head.position,
                "id": sealed.id,
                "run": sealed.run,
                "stream": sealed.stream.value,
                "seq": sealed.seq,
                "at": sealed.at,
                "type": sealed.type,
                "version": sealed.version,
                "payload": None if long else sealed.payload,
                "blob": blobs.keep(connection, tenant, sealed.payload) if long else None,
                "prev": before.hash,
                "hash": head.hash,
            }
        )
    if rows:
        connection.execute(insert(EVENT), rows)
        moved = update(TENANT).where(TENANT.c.name == tenant).values(position=head.position, head=head.hash)
        connection.execute(moved)
    return head


def _contradiction(sealed: Sealed) -> ConflictError:
    return ConflictError(
        f"event {sealed.id} is stored with another content; what is stored is never changed",
        where=f"run {sealed.run}, event {sealed.seq}",
        remedy="one of the two was changed by hand; `validator history verify` says whether it is the stored one",
    )
