"""Flows that wait for a limit start one after the other: one that has just lifted is not hit by all at once."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

APART: Final = 1.0
"""Seconds between two starts."""


def _jitter() -> float:
    return random.uniform(0.0, APART)  # noqa: S311 - spreads the runs of several machines, and keeps no secret


@dataclass(slots=True, kw_only=True)
class Turns:
    """Gives each flow that waited its own moment."""

    jitter: Callable[[], float] = _jitter
    _last: float = -math.inf

    def after(self, lifts: float, ends: float) -> float:
        """The moment at which the next flow starts whose limit lifts at `lifts`; all on one clock, in seconds.

        Nothing is put off beyond the end of the run that could have begun before it.
        """
        turn = max(lifts + self.jitter(), self._last + APART)
        if lifts < ends <= turn:
            return lifts
        self._last = turn
        return turn
