"""How flows ended and how long they took over time: what a plan is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import ceil

from sqlalchemy import Connection, select

from validator.history.database import Database
from validator.history.tables import FLOW_OUTCOME, FLOW_TIMING, RUN
from validator.history.views import FlowStats, OutcomeView
from validator.model.causes import Cause
from validator.model.flow import FlowOutcome


class Flows:
    """The flows of one tenant."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    def outcomes(self, environment: str, flow: str, *, last: int = 100) -> tuple[OutcomeView, ...]:
        """How the flow ended in its newest runs, newest first."""
        with self._database.reading(self._tenant) as connection:
            return self._outcomes(connection, environment, flow, last)

    def stats(self, environment: str, flows: Sequence[str] = (), *, last: int = 200) -> tuple[FlowStats, ...]:
        """Outcomes and times over the newest runs of each flow.

        Args:
            environment: Where they ran.
            flows: Which; those of the environment's newest run that settled any unless given.
            last: How many runs of each flow count.
        """
        with self._database.reading(self._tenant) as connection:
            names = flows or self._newest(connection, environment)
            return tuple(self._stats(connection, environment, name, last) for name in names)

    def _newest(self, connection: Connection, environment: str) -> Sequence[str]:
        runs = (
            select(RUN.c.id)
            .where(RUN.c.tenant == self._tenant, RUN.c.environment == environment, RUN.c.verdict != "")
            .order_by(RUN.c.started_at.desc(), RUN.c.id.desc())
            .limit(1)
        )
        newest = connection.execute(runs).scalar() or ""
        settled = (
            select(FLOW_OUTCOME.c.flow)
            .where(FLOW_OUTCOME.c.tenant == self._tenant, FLOW_OUTCOME.c.run == newest)
            .order_by(FLOW_OUTCOME.c.flow)
        )
        return connection.execute(settled).scalars().all()

    def _stats(self, connection: Connection, environment: str, flow: str, last: int) -> FlowStats:
        ended = Counter(view.outcome for view in self._outcomes(connection, environment, flow, last))
        query = (
            select(FLOW_TIMING.c.seconds)
            .where(
                FLOW_TIMING.c.tenant == self._tenant,
                FLOW_TIMING.c.environment == environment,
                FLOW_TIMING.c.flow == flow,
            )
            .order_by(FLOW_TIMING.c.started_at.desc())
            .limit(last)
        )
        seconds = sorted(connection.execute(query).scalars())
        return FlowStats(
            flow=flow,
            runs=ended.total(),
            passed=ended[FlowOutcome.PASSED],
            flaky=ended[FlowOutcome.FLAKY],
            failed=ended[FlowOutcome.FAILED],
            other=ended[FlowOutcome.INCONCLUSIVE] + ended[FlowOutcome.MISSING],
            p50=percentile(seconds, 0.5),
            p90=percentile(seconds, 0.9),
        )

    def _outcomes(self, connection: Connection, environment: str, flow: str, last: int) -> tuple[OutcomeView, ...]:
        query = (
            select(FLOW_OUTCOME)
            .where(
                FLOW_OUTCOME.c.tenant == self._tenant,
                FLOW_OUTCOME.c.environment == environment,
                FLOW_OUTCOME.c.flow == flow,
            )
            .order_by(FLOW_OUTCOME.c.started_at.desc(), FLOW_OUTCOME.c.run.desc())
            .limit(last)
        )
        return tuple(
            OutcomeView(
                run=row.run,
                flow=row.flow,
                at=row.started_at,
                outcome=FlowOutcome(row.outcome),
                cause=Cause(row.cause) if row.cause else None,
                attempts=row.attempts,
            )
            for row in connection.execute(query)
        )


def percentile(ordered: Sequence[float], part: float) -> float:
    """The smallest value that at least this part of all does not exceed (nearest rank); 0 for none."""
    return ordered[max(ceil(part * len(ordered)), 1) - 1] if ordered else 0.0
