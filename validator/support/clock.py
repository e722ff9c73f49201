"""The time, as something that can be handed in: whoever decides by time takes a `Clock`, and a test its own."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time of day, and measures spans."""

    def now(self) -> datetime:
        """The time of day, with time zone UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back, whatever happens to the time of day."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The time of day, with time zone UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        return time.monotonic()


def iso(moment: datetime) -> str:
    """The moment as UTC, ISO 8601 with milliseconds: `2026-11-21T03:26:54.120Z`.

    All such texts have the same length, so that they sort as their moments do.

    Raises:
        ValueError: The moment has no time zone, so nobody knows when it was.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
