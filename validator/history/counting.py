"""A period in numbers, and how much is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement, and_, func, select

from validator.history.acts import ActKind
from validator.history.chain import genesis
from validator.history.database import Database
from validator.history.log import stored_head
from validator.history.schema import revision_of
from validator.history.tables import DECISION_ACT, EVENT, PROGRESS, RUN, RUN_CAUSE
from validator.history.views import Alarms, Count, Counts, Stats
from validator.model.decision import Verdict

_JUDGED = (ActKind.FALSE_POSITIVE, ActKind.TRUE_POSITIVE)


class Counting:
    """Numbers of one tenant."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    def over(self, since: str, until: str) -> Counts:
        """Runs by environment, verdict and cause that started in a period (UTC, ISO 8601; the end is not in it)."""
        with self._database.reading(self._tenant) as connection:
            verdicts = connection.execute(
                select(RUN.c.environment, RUN.c.verdict, func.count())
                .where(RUN.c.tenant == self._tenant, RUN.c.started_at >= since, RUN.c.started_at < until)
                .group_by(RUN.c.environment, RUN.c.verdict)
                .order_by(RUN.c.environment, RUN.c.verdict)
            ).all()
            causes = connection.execute(
                select(RUN_CAUSE.c.environment, RUN_CAUSE.c.cause, func.count())
                .where(
                    RUN_CAUSE.c.tenant == self._tenant,
                    RUN_CAUSE.c.started_at >= since,
                    RUN_CAUSE.c.started_at < until,
                )
                .group_by(RUN_CAUSE.c.environment, RUN_CAUSE.c.cause)
                .order_by(RUN_CAUSE.c.environment, RUN_CAUSE.c.cause)
            ).all()
            judged = connection.execute(
                select(RUN.c.environment, RUN.c.id, DECISION_ACT.c.kind)
                .join(RUN, and_(RUN.c.tenant == DECISION_ACT.c.tenant, RUN.c.id == DECISION_ACT.c.run))
                .where(
                    DECISION_ACT.c.tenant == self._tenant,
                    DECISION_ACT.c.kind.in_([kind.value for kind in _JUDGED]),
                    RUN.c.started_at >= since,
                    RUN.c.started_at < until,
                )
                .order_by(DECISION_ACT.c.seq)
            ).all()
        return Counts(
            alarms=tuple(_alarms(verdicts, judged)),
            verdicts=tuple(Count(environment=place, name=name, number=number) for place, name, number in verdicts),
            causes=tuple(Count(environment=place, name=name, number=number) for place, name, number in causes),
        )

    def stats(self) -> Stats:
        """How much is stored."""
        with self._database.reading(self._tenant) as connection:

            def number(column: ColumnElement[int] | ColumnElement[str], *where: ColumnElement[bool]) -> object:
                return connection.execute(select(column).where(*where)).scalar()

            mine, run_mine = EVENT.c.tenant == self._tenant, RUN.c.tenant == self._tenant
            waiting = number(func.sum(PROGRESS.c.stored - PROGRESS.c.projected), PROGRESS.c.tenant == self._tenant)
            head = stored_head(connection, self._tenant) or genesis(self._tenant)
            return Stats(
                tenant=self._tenant,
                address=self._database.address.shown,
                schema=revision_of(connection),
                events=_int(number(func.count(EVENT.c.position), mine)),
                runs=_int(number(func.count(RUN.c.id), run_mine)),
                undecided_runs=_int(number(func.count(RUN.c.id), run_mine, RUN.c.verdict == "")),
                waiting_events=_int(waiting),
                first_at=str(number(func.min(RUN.c.started_at), run_mine) or ""),
                last_at=str(number(func.max(RUN.c.started_at), run_mine) or ""),
                position=head.position,
                head=head.hash,
                long_payloads=_int(number(func.count(EVENT.c.blob), mine)),
            )


def _alarms(verdicts: Iterable[Sequence[object]], judged: Iterable[Sequence[object]]) -> Iterator[Alarms]:
    """Per environment; the last judgement of a run counts."""
    closed = Counter[str]()
    for place, verdict, number in verdicts:
        if verdict and not Verdict(str(verdict)).opens:
            closed[str(place)] += _int(number)
    last = {(str(place), run): str(kind) for place, run, kind in judged}
    said = Counter((place, ActKind(kind)) for (place, _), kind in last.items())
    for place, number in sorted(closed.items()):
        true, false = (said[place, kind] for kind in (ActKind.TRUE_POSITIVE, ActKind.FALSE_POSITIVE))
        yield Alarms(environment=place, closed=number, true=true, false=false)


def _int(value: object) -> int:
    return int(str(value or 0))
