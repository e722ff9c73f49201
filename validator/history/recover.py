"""A dead run's record made whole: the journal and the store each get what only the other one has."""

from __future__ import annotations

from pathlib import Path

from validator.history.journal import Journal, read_journal
from validator.history.log import EventLog
from validator.model.events import Record


def recover(file: Path, run: str, log: EventLog) -> list[Record]:
    """Bring a run's journal and the store to the same events, and return all of them in order.

    Either can be ahead: the journal while the store was away, the store when the process died between the two.

    Raises:
        JournalError: The journal cannot be read or written.
        ConflictError: They contradict each other.
        StoreUnreachableError: The store is away or busy; nothing was lost.
    """
    known = list(read_journal(file))
    log.append(known)
    records = log.records(run)
    with Journal(file) as journal:
        for record in records[len(known) :]:
            journal.handle(record)
    return records
