"""Removes old runs: the whole chain is exported and checked first, then a new chain begins that names the old head.

It needs the rights of the database's owner, because the guards against deletion are lifted for it, inside the one
transaction in which it happens; whoever looks before or after sees them in place.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, delete, func, insert, select

from validator.history.acts import ChainStarted
from validator.history.blobs import Blobs
from validator.history.chain import Head, Sealed
from validator.history.database import Database
from validator.history.errors import HistoryError
from validator.history.exporting import Exported, read_export, write_export_file
from validator.history.guards import GUARDED, SQLITE_TRIGGERS
from validator.history.log import EventLog, stored_head, write_links
from validator.history.payloads import sealed_entry
from validator.history.reading import StoredEvents
from validator.history.rebuild import rebuild
from validator.history.tables import BLOB, EVENT

_TEMPORARY = MetaData()
_OLD = Table("old_run", _TEMPORARY, Column("run", Text, primary_key=True), prefixes=["TEMPORARY"])
_KEPT = Table(
    "kept_event",
    _TEMPORARY,
    *(Column(column.name, Integer if isinstance(column.type, Integer) else Text) for column in EVENT.columns),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What was removed, and where it is now."""

    runs: int
    events: int
    kept: int
    """Events that stay, in the new chain."""
    export: Path | None
    """None when there was nothing to remove."""


def prune(database: Database, blobs: Blobs, log: EventLog, *, before: str, export: Path) -> Pruned:
    """Remove the runs whose last event is older than a moment.

    Args:
        database: Where they are kept.
        blobs: Where their long payloads are kept.
        log: The tenant's log.
        before: UTC, ISO 8601.
        export: The file that the chain as it was is written to; it must not exist.

    Raises:
        HistoryError: The chain is broken, or the export cannot be written or read back: nothing was removed.
        StoreUnreachableError: The database is away or busy.
    """
    if export.exists():
        remedy = "name a new file: an older export is the only copy of what an earlier pruning removed"
        raise HistoryError("the file for the export exists already", where=str(export), remedy=remedy)
    with database.owning() as connection:
        _require_owner(connection)
        stored = StoredEvents(connection=connection, blobs=blobs, tenant=log.tenant)
        head = stored_head(connection, log.tenant, lock=True)
        runs = _mark_old(connection, log.tenant, before) if head is not None else 0
        if head is None or not runs:
            return Pruned(runs=0, events=0, kept=0, export=None)
        exported = write_export_file(stored, export)
        _read_back(export, exported, head)
        with _lifted(connection):
            kept = _set_aside(connection, log.tenant)
            removed = exported.events - kept
            started = ChainStarted(
                previous_position=head.position,
                previous_head=head.hash,
                before=before,
                removed_events=removed,
                removed_runs=runs,
                export_name=export.name,
                export_sha256=exported.sha256,
            )
            _begin_anew(stored, log, head, started)
            _drop_blobs(connection, log.tenant)
        rebuild(stored)
        _TEMPORARY.drop_all(connection)
    return Pruned(runs=runs, events=removed, kept=kept, export=export)


def _require_owner(connection: Connection) -> None:
    """Whoever does not own the tables cannot lift their guards; on SQLite whoever has the file does."""
    if connection.dialect.name != "postgresql":
        return
    query = "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'event'::regclass"
    if not connection.exec_driver_sql(query).scalar():
        remedy = "run it as the user who migrated the database"
        raise HistoryError("only the user who owns the database can remove events", remedy=remedy)


def _mark_old(connection: Connection, tenant: str, before: str) -> int:
    """Note the runs that are old in a temporary table; how many they are."""
    _TEMPORARY.create_all(connection, checkfirst=False)
    old = (
        select(EVENT.c.run)
        .where(EVENT.c.tenant == tenant, EVENT.c.run != "")
        .group_by(EVENT.c.run)
        .having(func.max(EVENT.c.at) < before)
    )
    connection.execute(insert(_OLD).from_select(["run"], old))
    count = connection.execute(select(func.count()).select_from(_OLD)).scalar() or 0
    if not count:
        _TEMPORARY.drop_all(connection)
    return count


def _read_back(file: Path, exported: Exported, head: Head) -> None:
    """Read the export as whoever needs it one day will: every link, and the digest of the whole."""
    total = hashlib.sha256()
    events = sum(1 for _ in read_export(file, total.update))
    if (events, total.hexdigest(), exported.head) != (exported.events, exported.sha256, head):
        remedy = "nothing was removed; see whether the disk is sound"
        raise HistoryError("the export does not read back as it was written", where=str(file), remedy=remedy)


@contextlib.contextmanager
def _lifted(connection: Connection) -> Iterator[None]:
    """The guards against deletion are down inside this block; an error undoes that with the whole transaction."""
    postgresql = connection.dialect.name == "postgresql"
    for table in GUARDED:
        down = f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only"
        connection.exec_driver_sql(down if postgresql else f"DROP TRIGGER {table}_no_delete")
    yield
    for table in GUARDED:
        up = f"ALTER TABLE {table} ENABLE TRIGGER {table}_append_only"
        connection.exec_driver_sql(up if postgresql else SQLITE_TRIGGERS[f"{table}_no_delete"])


def _set_aside(connection: Connection, tenant: str) -> int:
    """Move the events that stay into a temporary table and empty the chain; how many stay."""
    staying = select(EVENT).where(EVENT.c.tenant == tenant, EVENT.c.run.not_in(select(_OLD.c.run)))
    connection.execute(insert(_KEPT).from_select([column.name for column in EVENT.columns], staying))
    connection.execute(delete(EVENT).where(EVENT.c.tenant == tenant))
    return connection.execute(select(func.count()).select_from(_KEPT)).scalar() or 0


def _begin_anew(stored: StoredEvents, log: EventLog, head: Head, started: ChainStarted) -> None:
    connection = stored.connection
    entry = log.prepared(connection, "", started, _KEPT)
    head = write_links(connection, stored.blobs, stored.tenant, head, [sealed_entry(entry)])
    piece: list[Sealed] = []
    for sealed in _kept(stored):
        piece.append(sealed)
        if len(piece) == 1000:
            head = write_links(connection, stored.blobs, stored.tenant, head, piece)
            piece = []
    write_links(connection, stored.blobs, stored.tenant, head, piece)


def _kept(stored: StoredEvents) -> Iterator[Sealed]:
    return (item.sealed for item in stored.chain(table=_KEPT))


def _drop_blobs(connection: Connection, tenant: str) -> None:
    """Long payloads that no event needs any more. Those in files stay: a file that nobody reads harms nobody."""
    needed = select(EVENT.c.blob).where(EVENT.c.tenant == tenant, EVENT.c.blob.is_not(None))
    connection.execute(delete(BLOB).where(BLOB.c.tenant == tenant, BLOB.c.digest.not_in(needed)))
