"""How long a flow takes, and how long it usually takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a flow usually takes in an environment, as it was known before a run."""

    flow: str
    p50: float
    """Seconds: half of the passing attempts took no longer."""
    runs: int
    """How many runs it stands on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What a flow took when it passed."""

    flow: str
    seconds: float
    baseline: Baseline | None = None
