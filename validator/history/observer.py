"""Records a run as it happens: first in the journal on this machine's disk, then in the store.

The journal is the spool. While the store is away the run goes on, and what it could not take waits here. A decision is
the other way round: everything that it stands on must be in the store, then the decision itself, and only then is it
written to the journal; or the run ends without one. When the connection is lost while the store is committing a
decision, nobody on this side can know whether it did; `validator run --resume` asks it and goes on from there.
"""

from __future__ import annotations

import math

from validator.history.errors import HistoryError, StoreUnreachableError
from validator.history.journal import Journal
from validator.history.log import EventLog
from validator.model.events import Decided, Record, RunFinished
from validator.support.clock import Clock
from validator.support.stop import Stop

PATIENCE = 60.0
"""Seconds that a decision waits for a store that is away, unless told otherwise."""
_TURN = 2.0
"""Seconds that an event waits for other writers; after that it waits in the journal, and the run goes on."""
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_DECISION_PAUSE = 3.0


class UnrecordedError(HistoryError):
    """The store stayed away for longer than the run could wait: there is no decision, and the gate stays closed."""


class HistoryObserver:
    """Takes every record of a run; hand it to the recorder as its journal, which must succeed.

    Args:
        journal: The run's `events.jsonl`.
        log: The tenant's event log.
        clock: Measures how long the store has been away.
        patience: Seconds that a decision waits for the store at most.
        lasts: Seconds from now that the run may take; a decision does not wait beyond them.
        stop: Ends the waiting.
    """

    def __init__(  # noqa: PLR0913 - all but three by keyword, with a default
        self,
        journal: Journal,
        log: EventLog,
        clock: Clock,
        *,
        patience: float = PATIENCE,
        lasts: float = math.inf,
        stop: Stop | None = None,
    ) -> None:
        self._journal = journal
        self._log = log
        self._clock = clock
        self._patience = patience
        self._ends = clock.monotonic() + lasts
        self._stop = stop or Stop()
        self._waiting: list[Record] = []
        self._pause = _FIRST_PAUSE
        self._next_try = 0.0

    @property
    def unstored(self) -> int:
        """Events that only the journal has. `validator history import` of that file stores them later."""
        return len(self._waiting)

    def handle(self, record: Record) -> None:
        """Record one event.

        A decision is stored before it is written to the journal: whoever reads of it anywhere finds it in the store.

        Raises:
            JournalError: It could not be written to disk.
            UnrecordedError: A decision cannot be recorded, because the store stayed away; the journal is without it.
            HistoryError: The store refuses the event.
        """
        if isinstance(record.event, Decided):
            self._settle(record)
            self._journal.handle(record)
            return
        self._journal.handle(record)
        self._waiting.append(record)
        if isinstance(record.event, RunFinished) or self._clock.monotonic() >= self._next_try:
            self._try()

    def close(self) -> None:
        """Close the journal. What the store does not have stays in it."""
        self._journal.close()

    def _settle(self, decided: Record) -> None:
        """Store everything that waits, then the decision, within our patience."""
        until = min(self._clock.monotonic() + self._patience, self._ends)
        self._pause = _FIRST_PAUSE
        while not (self._try() and self._try(decided)):
            left = until - self._clock.monotonic()
            if left <= 0 or self._stop.wait(min(self._pause, _DECISION_PAUSE, left)):
                raise UnrecordedError(
                    f"{len(self._waiting)} events of this run and its decision could not be stored within "
                    f"{self._patience:.0f} s, or before the run had to end; the gate stays closed",
                    remedy="when the store is back: the same command again with --resume latest",
                )

    def _try(self, decided: Record | None = None) -> bool:
        """Bring what waits, or the decision, to the store; whether it took it."""
        try:
            self._log.append(self._waiting if decided is None else (decided,), busy=_TURN)
        except StoreUnreachableError:
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
            self._next_try = self._clock.monotonic() + self._pause
            return False
        if decided is None:
            self._waiting.clear()
        self._pause, self._next_try = _FIRST_PAUSE, 0.0
        return True
