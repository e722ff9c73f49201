"""Past failures that look like one at hand."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Row, Select, select

from validator.history.database import Database
from validator.history.likeness import overlap, shortened, signature, words
from validator.history.tables import ATTEMPT
from validator.history.views import SimilarFailure
from validator.model.causes import Cause

_CANDIDATES = 100
"""Attempts that each index contributes; the newest ones."""
_WEIGHTS = (0.4, 0.35, 0.15, 0.1)
"""What the cause, the message, the flow and the step count for; a message says more than the place it came up at."""


class Failures:
    """The failed attempts of one tenant."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    def similar(
        self, cause: Cause, message: str, *, flow: str = "", step: str = "", limit: int = 10
    ) -> tuple[SimilarFailure, ...]:
        """Past attempts like this one: the most alike first, then the newest.

        Args:
            cause: Only failures of this cause are compared.
            message: What the runner said; numbers, addresses and ids in it do not count.
            flow: The flow that failed.
            step: The step at which it did.
            limit: How many at most.
        """
        found: dict[tuple[str, str, int], SimilarFailure] = {}
        with self._database.reading(self._tenant) as connection:
            for query in self._queries(cause, message, flow):
                for row in connection.execute(query):
                    found.setdefault((row.run, row.flow, row.number), _view(row, message, flow, step))
        ordered = sorted(found.values(), key=lambda item: (item.likeness, item.at, item.run), reverse=True)
        return tuple(ordered[:limit])

    def _queries(self, cause: Cause, message: str, flow: str) -> Iterator[Select[*tuple[object, ...]]]:
        """One question per index, each to its newest entries: no question reads a whole table."""
        base = select(ATTEMPT).where(ATTEMPT.c.tenant == self._tenant)
        newest = (ATTEMPT.c.started_at.desc(), ATTEMPT.c.run.desc())
        sign = signature(cause, shortened(message))
        if sign:
            yield base.where(ATTEMPT.c.signature == sign).order_by(*newest).limit(_CANDIDATES)
        if flow:
            mine = base.where(ATTEMPT.c.flow == flow, ATTEMPT.c.cause == cause)
            yield mine.order_by(*newest).limit(_CANDIDATES)
        yield base.where(ATTEMPT.c.cause == cause).order_by(*newest).limit(_CANDIDATES)


def _view(row: Row[*tuple[object, ...]], message: str, flow: str, step: str) -> SimilarFailure:
    values = row._mapping  # noqa: SLF001 - the public name of a row's columns, in spite of its underscore
    told = values["message"] or values["quote"]
    parts = (1.0, overlap(words(told), words(message)), float(values["flow"] == flow), float(values["step"] == step))
    return SimilarFailure(
        run=values["run"],
        flow=values["flow"],
        number=values["number"],
        at=values["started_at"],
        environment=values["environment"],
        cause=Cause(values["cause"]),
        step=values["step"],
        message=values["message"],
        quote=values["quote"],
        likeness=sum(weight * part for weight, part in zip(_WEIGHTS, parts, strict=True)),
    )
