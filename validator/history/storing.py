"""Rows of projections in and out of the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache

from sqlalchemy import Connection, Insert, Table, insert, select
from sqlalchemy.dialects import sqlite

from validator.history.fold import RunState
from validator.history.rows import (
    AccountUseRow,
    AlertRow,
    AttemptRow,
    DecisionActRow,
    DecisionRow,
    FlowOutcomeRow,
    FlowTimingRow,
    Row,
    RunCauseRow,
    RunRow,
)
from validator.history.tables import (
    ACCOUNT_USE,
    ALERT_OUTBOX,
    ATTEMPT,
    DECISION,
    DECISION_ACT,
    ENVIRONMENT,
    FLOW_OUTCOME,
    FLOW_TIMING,
    PROGRESS,
    RUN,
    RUN_CAUSE,
)

TABLE_OF: Mapping[type[Row], Table] = {
    RunRow: RUN,
    AttemptRow: ATTEMPT,
    RunCauseRow: RUN_CAUSE,
    FlowOutcomeRow: FLOW_OUTCOME,
    FlowTimingRow: FLOW_TIMING,
    DecisionRow: DECISION,
    DecisionActRow: DECISION_ACT,
    AccountUseRow: ACCOUNT_USE,
    AlertRow: ALERT_OUTBOX,
}
_NAMES = {kind: tuple(field.name for field in fields(kind)) for kind in TABLE_OF}

Values = dict[str, object]


@dataclass(slots=True, kw_only=True)
class Progress:
    """How many events of one stream of one run are stored, and how many of them are projected."""

    run: str
    stream: str
    stored: int = 0
    projected: int = 0


def row_values(tenant: str, row: Row) -> Values:
    """The row as the database takes it. PostgreSQL's text cannot hold NUL, so neither database gets one."""
    kind = type(row)
    values: Values = {"tenant": tenant}
    for name in _NAMES[kind]:
        value = getattr(row, name)
        values[name] = value.replace("\0", "\N{SYMBOL FOR NULL}") if isinstance(value, str) else value
    return values


def save(connection: Connection, tenant: str, rows: Iterable[Row], *, replacing: bool) -> None:
    """Write rows; `replacing` for those that may be there already."""
    by_kind: defaultdict[type[Row], list[Values]] = defaultdict(list)
    for row in rows:
        by_kind[type(row)].append(row_values(tenant, row))
    for kind, values in by_kind.items():
        table = TABLE_OF[kind]
        connection.execute(upsert(table, connection.dialect.name) if replacing else insert(table), values)


@cache
def upsert(table: Table, dialect: str) -> Insert:
    """The statement that inserts a row or replaces the one with the same key."""
    rest = [column.name for column in table.columns if not column.primary_key]
    if dialect == "postgresql":
        # its import takes longer than a question to SQLite
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415

        made = postgresql.insert(table)
        return made.on_conflict_do_update(
            index_elements=list(table.primary_key.columns), set_={name: made.excluded[name] for name in rest}
        )
    lite = sqlite.insert(table)
    return lite.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_={name: lite.excluded[name] for name in rest}
    )


def load_state(connection: Connection, tenant: str, run: str) -> RunState:
    """A run's rows as the fold left them."""
    state = RunState()
    for kind, table, column in (
        (RunRow, RUN, RUN.c.id),
        (AttemptRow, ATTEMPT, ATTEMPT.c.run),
        (RunCauseRow, RUN_CAUSE, RUN_CAUSE.c.run),
        (AlertRow, ALERT_OUTBOX, ALERT_OUTBOX.c.run),
    ):
        columns = [table.c[name] for name in _NAMES[kind]]
        for values in connection.execute(select(*columns).where(table.c.tenant == tenant, column == run)).mappings():
            _enter(state, kind(**values))
    return state


def _enter(state: RunState, row: Row) -> None:
    match row:
        case RunRow():
            state.run = row
        case AttemptRow():
            state.attempts[row.flow, row.number] = row
        case RunCauseRow():
            state.causes[row.cause] = row
        case AlertRow():
            state.alerts[row.dedup, row.channel] = row
        case _:
            raise AssertionError(f"{type(row).__name__} is never loaded")


def load_progress(connection: Connection, tenant: str, runs: Sequence[str]) -> dict[tuple[str, str], Progress]:
    """How far the streams of these runs are."""
    found: dict[tuple[str, str], Progress] = {}
    for part in (runs[start : start + 500] for start in range(0, len(runs), 500)):
        query = select(PROGRESS).where(PROGRESS.c.tenant == tenant, PROGRESS.c.run.in_(part))
        for row in connection.execute(query):
            found[row.run, row.stream] = Progress(
                run=row.run, stream=row.stream, stored=row.stored, projected=row.projected
            )
    return found


def save_progress(connection: Connection, tenant: str, rows: Iterable[Progress]) -> None:
    """Write how far the streams are."""
    values = [
        {
            "tenant": tenant,
            "run": row.run,
            "stream": row.stream,
            "stored": row.stored,
            "projected": row.projected,
        }
        for row in rows
    ]
    if values:
        connection.execute(upsert(PROGRESS, connection.dialect.name), values)


def save_environments(connection: Connection, tenant: str, runs: Iterable[RunRow]) -> None:
    """Widen each environment's span by the runs that began in it."""
    begun: dict[str, list[str]] = {}
    for run in runs:
        begun.setdefault(run.environment, []).append(run.started_at)
    for name, moments in begun.items():
        query = select(ENVIRONMENT).where(ENVIRONMENT.c.tenant == tenant, ENVIRONMENT.c.name == name)
        known = connection.execute(query).one_or_none()
        if known is not None:
            moments += [known.first_run_at, known.last_run_at]
        values = {"tenant": tenant, "name": name, "first_run_at": min(moments), "last_run_at": max(moments)}
        connection.execute(upsert(ENVIRONMENT, connection.dialect.name), values)
