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
    p90: float = 0.0
    """Seconds that nine of ten passing attempts took at most; 0 in records that are older than this field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What is known of past runs."""

    baselines: tuple[Baseline, ...] = ()
    unknown: str = ""
    """Why nothing is known although there may be something to know; empty when it was looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is known of a flow before it runs, and says when it is started."""

    flow: str
    seconds: float
    """How long it is expected to take: its p90, or a guess; 0 when nothing is known of any flow."""
    critical: bool = False
    after: str = ""
    """The flow that has to have its outcome before, where the workspace demands it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What a flow took when it passed."""

    flow: str
    seconds: float
    baseline: Baseline | None = None
