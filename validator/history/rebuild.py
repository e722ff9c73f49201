"""The projections made again from the events, and whether they are what they should be."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby

from sqlalchemy import Connection, delete, insert, select

from validator.history.chain import Sealed, canonical
from validator.history.fold import RunState, fold
from validator.history.payloads import opened
from validator.history.project import without_gap
from validator.history.reading import StoredEvents
from validator.history.rows import Row, RunRow
from validator.history.storing import save, save_environments
from validator.history.stream import Stream
from validator.history.tables import PROGRESS, PROJECTIONS

FLUSH = 5000
"""Rows that are held before they are written."""


def rebuild(stored: StoredEvents) -> int:
    """Empty a tenant's projections and fill them from its events; how many runs there are.

    It is one transaction, so nobody sees them half full, and no other process can write meanwhile.
    """
    connection, tenant = stored.connection, stored.tenant
    for table in PROJECTIONS:
        connection.execute(delete(table).where(table.c.tenant == tenant))
    rows: list[Row] = []
    progress: list[dict[str, object]] = []
    runs = 0
    for run, events in groupby(stored.by_run(), key=lambda sealed: sealed.run):
        made, counted = _run(tenant, run, events)
        rows += made
        progress += counted
        runs += bool(run)
        if len(rows) > FLUSH:
            _write(connection, tenant, rows, progress)
            rows, progress = [], []
    _write(connection, tenant, rows, progress)
    return runs


def _run(tenant: str, run: str, events: Iterable[Sealed]) -> tuple[list[Row], list[dict[str, object]]]:
    state, progress = RunState(), []
    for stream, group in groupby(events, key=lambda sealed: sealed.stream):
        ordered = list(group)
        ready = without_gap(ordered, 0)
        for sealed in ready:
            fold(state, opened(tenant, sealed))
        progress.append(_counted(tenant, run, stream, ordered, ready))
    return list(state.changed.values()), progress


def _counted(
    tenant: str, run: str, stream: Stream, ordered: Sequence[Sealed], ready: Sequence[Sealed]
) -> dict[str, object]:
    counts = {"stored": len(ordered), "projected": len(ready)}
    return {"tenant": tenant, "run": run, "stream": stream.value, **counts}


def _write(connection: Connection, tenant: str, rows: Sequence[Row], progress: Sequence[dict[str, object]]) -> None:
    save(connection, tenant, rows, replacing=False)
    save_environments(connection, tenant, (row for row in rows if isinstance(row, RunRow)))
    if progress:
        connection.execute(insert(PROGRESS), progress)


def differing_tables(stored: StoredEvents) -> tuple[str, ...]:
    """The projections that are not what a rebuild makes of the events. Nothing is changed.

    Raises:
        HistoryError: An event cannot be read.
    """
    connection, tenant = stored.connection, stored.tenant
    before = _digests(connection, tenant)
    trial = connection.begin_nested()
    try:
        rebuild(stored)
        after = _digests(connection, tenant)
    finally:
        trial.rollback()
    return tuple(name for name in before if before[name] != after[name])


def _digests(connection: Connection, tenant: str) -> dict[str, str]:
    """A digest of each projection's rows, in the order of their keys."""
    found: defaultdict[str, str] = defaultdict(str)
    for table in PROJECTIONS:
        query = select(table).where(table.c.tenant == tenant).order_by(*table.primary_key.columns)
        total = hashlib.sha256()
        for row in connection.execute(query):
            total.update(canonical(list(row)).encode("ascii"))
        found[table.name] = total.hexdigest()
    return found


def runs_with_gaps(stored: StoredEvents) -> tuple[str, ...]:
    """Runs of which an event is missing, so that what follows it does not count yet."""
    query = (
        select(PROGRESS.c.run)
        .where(PROGRESS.c.tenant == stored.tenant, PROGRESS.c.stored > PROGRESS.c.projected)
        .order_by(PROGRESS.c.run)
    )
    return tuple(stored.connection.execute(query).scalars())
