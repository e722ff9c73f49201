"""Runs by filter and time, page by page."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import ColumnElement, Row, Select, select, tuple_

from validator.history.chain import canonical
from validator.history.database import Database
from validator.history.errors import CursorError
from validator.history.tables import FLOW_OUTCOME, RUN, RUN_CAUSE
from validator.history.views import RunFilter, RunPage, RunSummary
from validator.model.causes import Cause
from validator.model.decision import Verdict

_MOST = 500
"""Runs that one page holds at most."""


class Runs:
    """The runs of one tenant."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    def get(self, run: str) -> RunSummary | None:
        """One run; None when this tenant has none of this id."""
        with self._database.reading(self._tenant) as connection:
            query = select(RUN).where(RUN.c.tenant == self._tenant, RUN.c.id == run)
            found = connection.execute(query).one_or_none()
        return _summary(found) if found is not None else None

    def newest(self, environment: str, deployment: str) -> RunSummary | None:
        """The run of a deployment that began last, decided or not; None when there is none."""
        query = (
            select(RUN)
            .where(RUN.c.tenant == self._tenant, RUN.c.environment == environment, RUN.c.deployment == deployment)
            .order_by(RUN.c.started_at.desc())
            .limit(1)
        )
        with self._database.reading(self._tenant) as connection:
            found = connection.execute(query).one_or_none()
        return _summary(found) if found is not None else None

    def page(self, wanted: RunFilter | None = None, *, limit: int = 50, cursor: str = "") -> RunPage:
        """Runs, newest first.

        Args:
            wanted: Which runs; all unless given.
            limit: How many at most, 1 to 500.
            cursor: The page before this one names it.

        Raises:
            CursorError: The cursor belongs to another tenant or another filter.
            StoreUnreachableError: The database is away or busy.
        """
        asked, limit = wanted or RunFilter(), max(1, min(limit, _MOST))
        place = self._place(asked, cursor) if cursor else None
        with self._database.reading(self._tenant) as connection:
            found = connection.execute(self._query(asked, place).limit(limit + 1)).fetchall()
        runs = tuple(_summary(row) for row in found[:limit])
        more = len(found) > limit
        return RunPage(runs=runs, cursor=self._cursor(asked, runs[-1]) if more else "")

    def _query(self, wanted: RunFilter, place: tuple[str, str] | None) -> Select[*tuple[object, ...]]:
        """The list is driven by the narrowest index: of the flow, of the cause, else of the runs themselves."""
        query = select(RUN).where(RUN.c.tenant == self._tenant)
        at, run = RUN.c.started_at, RUN.c.id
        if wanted.cause is not None:
            query = query.join(RUN_CAUSE, (RUN_CAUSE.c.tenant == RUN.c.tenant) & (RUN_CAUSE.c.run == RUN.c.id))
            query = query.where(RUN_CAUSE.c.tenant == self._tenant, RUN_CAUSE.c.cause == wanted.cause)
            at, run = RUN_CAUSE.c.started_at, RUN_CAUSE.c.run
        if wanted.flow:
            joined = (FLOW_OUTCOME.c.tenant == RUN.c.tenant) & (FLOW_OUTCOME.c.run == RUN.c.id)
            query = query.join(FLOW_OUTCOME, joined)
            query = query.where(FLOW_OUTCOME.c.tenant == self._tenant, FLOW_OUTCOME.c.flow == wanted.flow)
            if wanted.cause is None:
                at, run = FLOW_OUTCOME.c.started_at, FLOW_OUTCOME.c.run
            else:
                query = query.where(FLOW_OUTCOME.c.cause == wanted.cause)
        for condition in _conditions(wanted, at):
            query = query.where(condition)
        if place is not None:
            query = query.where(tuple_(at, run) < place)
        return query.order_by(at.desc(), run.desc())

    def _cursor(self, wanted: RunFilter, last: RunSummary) -> str:
        value = canonical([self._mark(wanted), last.started_at, last.id])
        return base64.urlsafe_b64encode(value.encode("ascii")).decode("ascii")

    def _place(self, wanted: RunFilter, cursor: str) -> tuple[str, str]:
        try:
            value = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        except (ValueError, RecursionError) as error:
            raise _no_cursor() from error
        match value:
            case [mark, str(at), str(run)] if mark == self._mark(wanted) and (at + run).isprintable():
                return at, run
            case _:
                raise _no_cursor()

    def _mark(self, wanted: RunFilter) -> str:
        """What a cursor is bound to: the tenant and the filter."""
        asked = [
            self._tenant,
            wanted.environment,
            wanted.verdict,
            wanted.cause,
            wanted.flow,
            wanted.since,
            wanted.until,
        ]
        return sha256(canonical(asked).encode("ascii")).hexdigest()[:16]


def _conditions(wanted: RunFilter, at: ColumnElement[str]) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.environment:
        conditions.append(RUN.c.environment == wanted.environment)
    if wanted.verdict is not None:
        conditions.append(RUN.c.verdict == wanted.verdict)
    if wanted.since:
        conditions.append(at >= wanted.since)
    if wanted.until:
        conditions.append(at < wanted.until)
    return conditions


def _summary(row: Row[*tuple[object, ...]]) -> RunSummary:
    values = row._mapping  # noqa: SLF001 - the public name of a row's columns, in spite of its underscore
    return RunSummary(
        id=values["id"],
        environment=values["environment"],
        purpose=values["purpose"],
        started_at=values["started_at"],
        last_at=values["last_at"],
        finished_at=values["finished_at"],
        seconds=values["seconds"],
        deployment=values["deployment"],
        revision=values["revision"],
        package=values["package"],
        app_version=values["app_version"],
        expected=values["expected"],
        verdict=Verdict(values["verdict"]) if values["verdict"] else None,
        cause=Cause(values["cause"]) if values["cause"] else None,
        stage=values["stage"],
        stop=values["stop"],
    )


def _no_cursor() -> CursorError:
    return CursorError("this is not the cursor of this list", remedy="ask for the first page, with the same filter")
