"""What a decision stands on."""

from __future__ import annotations

from dataclasses import dataclass

from validator.model.build import Finding
from validator.model.decision import SettledFlow, StageFailure
from validator.model.events import StopReason
from validator.model.timing import Timing
from validator.model.traffic import TrafficAccounted


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a decision stands on."""

    flows: tuple[SettledFlow, ...]
    """One entry per expected flow; one that never ran is `missing`."""
    left_out: tuple[str, ...] = ()
    """Required flows that the command line left out."""
    findings: tuple[Finding, ...] = ()
    stage: StageFailure | None = None
    stop: StopReason = StopReason.COMPLETED
    changes: tuple[str, ...] = ()
    """How the deployment changed while flows ran."""
    timings: tuple[Timing, ...] = ()
    """What the flows took that passed."""
    began: str = ""
    """When the run began, UTC, ISO 8601; empty in records that are older than this field."""
    passed: tuple[str, ...] = ()
    """Earlier stages of the pipeline that have passed, as the run was told."""
    traffic: TrafficAccounted | None = None
    """What is known of the run's own requests; None when nobody looked."""
