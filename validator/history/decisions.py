"""The latest decision about what is live, and what people decided about it."""

from __future__ import annotations

from sqlalchemy import Connection, Select, select

from validator.history.acts import ActKind, DecisionActed
from validator.history.blobs import Blobs
from validator.history.database import Database
from validator.history.entry import Entry
from validator.history.errors import ConflictError, HistoryError
from validator.history.log import EventLog
from validator.history.payloads import is_moment, opened
from validator.history.reading import StoredEvents
from validator.history.stream import Stream
from validator.history.tables import DECISION, DECISION_ACT
from validator.history.views import ActView, GateRecord
from validator.model.decision import Decision
from validator.model.events import Decided


class Decisions:
    """The decisions of one tenant."""

    def __init__(self, database: Database, blobs: Blobs, log: EventLog) -> None:
        self._database = database
        self._blobs = blobs
        self._log = log
        self._tenant = log.tenant

    def of_run(self, run: str) -> GateRecord | None:
        """The decision of one run; None when this tenant has none.

        Raises:
            StoreUnreachableError: The database is away or busy.
        """
        query = select(DECISION).where(DECISION.c.tenant == self._tenant, DECISION.c.run == run)
        return self._first(query.order_by(DECISION.c.seq.desc()))

    def _first(self, query: Select[*tuple[object, ...]]) -> GateRecord | None:
        with self._database.reading(self._tenant) as connection:
            row = connection.execute(query.limit(1)).one_or_none()
            if row is None:
                return None
            return GateRecord(
                run=row.run,
                environment=row.environment,
                deployment=row.deployment,
                revision=row.revision,
                apk=row.apk,
                decision=self._decision(connection, row.run, row.seq),
                acts=self._acts(connection, row.run),
            )

    def record(self, run: str, act: DecisionActed) -> Entry:
        """Record what a person decided or judged.

        The first answer to "what now?" stands: a later one must name it in `after`, so that two people who decide at
        once do not overwrite one another unseen. Feedback is not an answer and may always be given.

        Raises:
            ConflictError: Somebody answered already; the text says who, and by which act.
            HistoryError: There is no such run, or the answer is about something else than what the run decided about.
            StoreUnreachableError: The database is away or busy; nothing was stored.
        """
        return self._log.act(run, act, check=lambda connection: self._check(connection, run, act))

    def acts(self, run: str) -> tuple[ActView, ...]:
        """What was said about one run, oldest first."""
        with self._database.reading(self._tenant) as connection:
            return self._acts(connection, run)

    def _check(self, connection: Connection, run: str, act: DecisionActed) -> None:
        known = select(DECISION.c.environment, DECISION.c.deployment).where(
            DECISION.c.tenant == self._tenant, DECISION.c.run == run
        )
        decided = connection.execute(known.order_by(DECISION.c.seq.desc()).limit(1)).one_or_none()
        if decided is None:
            remedy = "name a run from `validator runs` that has a decision"
            raise HistoryError("there is no decision to say anything about", where=f"run {run}", remedy=remedy)
        if act.kind is ActKind.OVERRIDE:
            _require_subject(run, act, decided.environment, decided.deployment)
        answers = [said for said in self._acts(connection, run) if said.kind.decides]
        last = answers[-1] if answers else None
        if act.kind.decides and act.after != (last.id if last is not None else ""):
            said = (
                f"{last.by} answered {last.kind.value} at {last.at}" if last is not None else "nobody has answered yet"
            )
            remedy = f"to replace that answer, name it: {last.id}" if last is not None else "name no earlier answer"
            raise ConflictError(said, where=f"run {run}", remedy=remedy)

    def _acts(self, connection: Connection, run: str) -> tuple[ActView, ...]:
        query = (
            select(DECISION_ACT)
            .where(DECISION_ACT.c.tenant == self._tenant, DECISION_ACT.c.run == run)
            .order_by(DECISION_ACT.c.seq)
        )
        return tuple(
            ActView(
                id=row.id,
                kind=ActKind(row.kind),
                at=row.at,
                by=row.by,
                reason=row.reason,
                deployment=row.deployment,
                expires_at=row.expires_at,
                replaces=row.replaces,
            )
            for row in connection.execute(query)
        )

    def _decision(self, connection: Connection, run: str, seq: int) -> Decision:
        stored = StoredEvents(connection=connection, blobs=self._blobs, tenant=self._tenant)
        for sealed in stored.of_run(run, Stream.RUN, start=seq)[:1]:
            event = opened(self._tenant, sealed).event
            if sealed.seq == seq and isinstance(event, Decided):
                return event.decision
        remedy = "run `validator history verify`, then `validator history rebuild`"
        raise HistoryError("the decision's event is not there", where=f"run {run}, event {seq}", remedy=remedy)


def _require_subject(run: str, act: DecisionActed, environment: str, deployment: str) -> None:
    """See that an override says what it opens, and that it is what the run was about."""
    if not deployment or (act.environment, act.deployment) != (environment, deployment):
        named = f"{act.deployment or '(none)'} of {act.environment}"
        about = f"{deployment or '(none)'} of {environment}"
        remedy = "an override holds for the one deployment that the run validated: name that one"
        raise HistoryError(f"it names {named}, the run is about {about}", where=f"run {run}", remedy=remedy)
    if act.expires_at and not is_moment(act.expires_at):
        remedy = "write it as 2026-11-21T03:26:54.120Z, or leave it away"
        raise HistoryError(f"{act.expires_at!r:.40} is no moment", where="expires_at", remedy=remedy)
