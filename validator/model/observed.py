"""What a run saw of the environment that it validates, as events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from validator.model.deployment import Deployment, ProbeResult
from validator.model.parity import Parity


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentObserved:
    """What is live was read."""

    deployment: Deployment
    type: Literal["DeploymentObserved"] = "DeploymentObserved"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentChanged:
    """What is live changed while flows ran, so that nobody can say which deployment they measured."""

    changes: tuple[str, ...]
    """Each in one line: `/version said 4f2a9c1 and now says 8c1d7e0`."""
    deployment: Deployment | None = None
    """What is live now; None when it could not be read again."""
    type: Literal["DeploymentChanged"] = "DeploymentChanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityCompared:
    """The environment was held beside its baseline."""

    parity: Parity
    type: Literal["ParityCompared"] = "ParityCompared"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessChecked:
    """The backend answered a readiness probe, or did not within its time."""

    probe: ProbeResult
    type: Literal["ReadinessChecked"] = "ReadinessChecked"
