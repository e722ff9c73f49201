"""The first event of a run -> news for those who follow runs from their begin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from validator.alerts.begun import begun
from validator.alerts.outboxed import OutboxedChannel
from validator.alerts.port import Channel
from validator.model.events import Record, RunStarted


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginningTold:
    """Implements an observer of a run. A run that is gone on with has begun already, and is not told again."""

    channels: Sequence[Channel]
    is_stored: Callable[[], bool]
    """Whether the record of runs has what was recorded so far: where it is away nobody waits for it twice."""

    def handle(self, record: Record) -> None:
        """Take the first event; the others say nothing here."""
        event = record.event
        if not isinstance(event, RunStarted):
            return
        message = begun(
            tenant=record.tenant, environment=event.environment, run=record.run, at=event.began_at or record.at
        )
        for channel in self.channels:
            if isinstance(channel, OutboxedChannel):
                channel.begin(message, keep=self.is_stored())

    def close(self) -> None:
        """Nothing is open."""
