"""The numberings of events."""

from __future__ import annotations

from enum import StrEnum


class Stream(StrEnum):
    """Which numbering an event belongs to; each is 0, 1, 2 … on its own."""

    RUN = "run"
    """The run's own events, numbered by the pipeline."""
    ACT = "act"
    """What was added to a run, numbered by the store."""
    STORE = "store"
    """What was done to the store itself; belongs to no run."""
