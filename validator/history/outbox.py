"""Alerts that have to go out, and survive outages and restarts until they have."""

from __future__ import annotations

from sqlalchemy import Connection, select

from validator.history.acts import AlertDeferred, AlertDelivered, AlertQueued
from validator.history.database import Database
from validator.history.errors import ConflictError
from validator.history.likeness import storable
from validator.history.log import EventLog
from validator.history.tables import ALERT_OUTBOX
from validator.history.views import DueAlert, QueuedAlert


class Outbox:
    """The alerts of one tenant."""

    def __init__(self, database: Database, log: EventLog) -> None:
        self._database = database
        self._log = log

    def queue(self, run: str, alert: AlertQueued) -> bool:
        """Put an alert in; False when one of this key and channel is in already, delivered or not."""
        try:
            self._log.act(run, alert, check=lambda connection: self._absent(connection, run, alert))
        except _QueuedAlreadyError:
            return False
        return True

    def due(self, now: str, *, limit: int = 100) -> tuple[DueAlert, ...]:
        """Alerts that may be tried at a moment (UTC, ISO 8601), the longest waiting first."""
        query = (
            select(ALERT_OUTBOX)
            .where(
                ALERT_OUTBOX.c.tenant == self._log.tenant,
                ALERT_OUTBOX.c.state == "due",
                ALERT_OUTBOX.c.not_before <= now,
            )
            .order_by(ALERT_OUTBOX.c.not_before)
            .limit(limit)
        )
        with self._database.reading(self._log.tenant) as connection:
            return tuple(
                DueAlert(
                    run=row.run,
                    key=row.dedup,
                    channel=row.channel,
                    body=row.body,
                    required=row.required,
                    tries=row.tries,
                    not_before=row.not_before,
                    reason=row.reason,
                )
                for row in connection.execute(query)
            )

    def told(self, channel: str, beginning: str, *, limit: int = 500) -> tuple[QueuedAlert, ...]:
        """Alerts of a channel whose key begins so, delivered or not, those of the newest runs first."""
        query = (
            select(ALERT_OUTBOX)
            .where(
                ALERT_OUTBOX.c.tenant == self._log.tenant,
                ALERT_OUTBOX.c.channel == storable(channel),
                ALERT_OUTBOX.c.dedup.startswith(storable(beginning), autoescape=True),
            )
            .order_by(ALERT_OUTBOX.c.run.desc())
            .limit(limit)
        )
        with self._database.reading(self._log.tenant) as connection:
            rows = connection.execute(query).fetchall()
        return tuple(QueuedAlert(run=row.run, key=row.dedup, state=row.state, receipt=row.receipt) for row in rows)

    def delivered(self, run: str, outcome: AlertDelivered) -> None:
        """Record that an alert arrived."""
        self._log.act(run, outcome)

    def deferred(self, run: str, outcome: AlertDeferred) -> None:
        """Record that an alert did not arrive, and when it is tried again."""
        self._log.act(run, outcome)

    def _absent(self, connection: Connection, run: str, alert: AlertQueued) -> None:
        query = select(ALERT_OUTBOX.c.state).where(
            ALERT_OUTBOX.c.tenant == self._log.tenant,
            ALERT_OUTBOX.c.run == run,
            ALERT_OUTBOX.c.dedup == storable(alert.key),
            ALERT_OUTBOX.c.channel == storable(alert.channel),
        )
        if connection.execute(query).first() is not None:
            raise _QueuedAlreadyError(f"{alert.key} is queued for {alert.channel} already")


class _QueuedAlreadyError(ConflictError):
    """The alert is there already."""
