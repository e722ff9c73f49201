"""Keeps the projections in step with the events, in the transaction that stores these.

Only events from 0 on without a gap are projected. Whatever arrives ahead of one that is missing is stored and waits,
so the order of arrival changes nothing, and a decision does not count before everything that it stands on is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from validator.history.chain import Sealed
from validator.history.fold import RunState, fold
from validator.history.payloads import opened
from validator.history.reading import StoredEvents
from validator.history.rows import RunRow
from validator.history.storing import (
    Progress,
    load_progress,
    load_state,
    save,
    save_environments,
    save_progress,
)
from validator.history.stream import Stream

Key = tuple[str, str]


def project(stored: StoredEvents, fresh: Sequence[Sealed]) -> None:
    """Take events that were just stored into the projections."""
    connection, tenant = stored.connection, stored.tenant
    streams: dict[Key, list[Sealed]] = {}
    for sealed in fresh:
        streams.setdefault((sealed.run, sealed.stream.value), []).append(sealed)
    runs = list(dict.fromkeys(run for run, _ in streams))
    progress = load_progress(connection, tenant, runs)
    known = {run for run, _ in progress}
    states: dict[str, RunState] = {}
    begun: list[RunRow] = []
    for key, arrived in streams.items():
        entry = progress.setdefault(key, Progress(run=key[0], stream=key[1]))
        ready = _ready(stored, entry, arrived)
        entry.stored += len(arrived)
        entry.projected += len(ready)
        if ready:
            run = key[0]
            state = states.get(run) or (load_state(connection, tenant, run) if run in known else RunState())
            states[run] = state
            begun += _folded(state, tenant, ready)
    rows = [row for state in states.values() for row in state.changed.values()]
    save(connection, tenant, rows, replacing=True)
    save_environments(connection, tenant, begun)
    save_progress(connection, tenant, (progress[key] for key in streams))


def _folded(state: RunState, tenant: str, ready: Sequence[Sealed]) -> list[RunRow]:
    """Fold the events; the run, if it began with them."""
    before = state.run
    for sealed in ready:
        fold(state, opened(tenant, sealed))
    return [state.run] if before is None and state.run is not None else []


def _ready(stored: StoredEvents, progress: Progress, arrived: Sequence[Sealed]) -> Sequence[Sealed]:
    """The events that continue what is projected, without a gap."""
    ordered = sorted(arrived, key=lambda sealed: sealed.seq)
    if ordered[0].seq > progress.projected:
        return ()
    if progress.stored == progress.projected:
        return without_gap(ordered, progress.projected)
    waiting = stored.of_run(progress.run, Stream(progress.stream), start=progress.projected)
    return without_gap(waiting, progress.projected)


def without_gap(ordered: Sequence[Sealed], start: int) -> list[Sealed]:
    """The events numbered start, start + 1 … up to the first that is missing."""
    numbered = takewhile(lambda pair: pair[0] == pair[1].seq, enumerate(ordered, start))
    return [sealed for _, sealed in numbered]
