"""What a report offers the pipeline: it takes the run's records as they come, and is told when no more will."""

from __future__ import annotations

from typing import Protocol

from validator.model.events import Record


class Observer(Protocol):
    """Consumes the records of one run, in order; cannot change it."""

    def handle(self, record: Record) -> None:
        """Take one record.

        Raises:
            OSError: What it writes cannot be written.
        """
        ...

    def close(self) -> None:
        """No more records will come, whether the run is over or not: finish what is written.

        Raises:
            OSError: What it writes cannot be written.
        """
        ...
