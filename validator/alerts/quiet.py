"""The hours in which people are not disturbed by what is not urgent. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, tzinfo

from validator.alerts.incident import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From one time of day to another, by the clocks of one place."""

    starts: time
    ends: time
    """Not before `starts`: on the next day. The same as `starts`: never quiet."""
    zone: tzinfo
    urgent: Severity = Severity.CRITICAL
    """The least severity that is told all the same."""

    def hold(self, severity: Severity, now: datetime) -> bool:
        """Whether an alert has to wait at a moment, which has a time zone.

        What the clocks on the wall show decides, also in the night in which they are changed.
        """
        return severity.rank < self.urgent.rank and self._covers(now.astimezone(self.zone).time())

    def _covers(self, shown: time) -> bool:
        if self.starts <= self.ends:
            return self.starts <= shown < self.ends
        return shown >= self.starts or shown < self.ends
