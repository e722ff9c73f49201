"""What a run would do, before anything is done."""

from __future__ import annotations

from dataclasses import dataclass

from validator.model.budget import AccountPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFlow:
    """One flow that would be run."""

    name: str
    file: str
    weight: str
    """`critical`, `required` or `informational`."""
    runs: int = 0
    """How many past runs its times stand on."""
    p50: float | None = None
    """Seconds that half of its passing attempts took at most; None when none is recorded."""
    p90: float | None = None
    needs: str = ""
    """What it needs of its device; empty where any will do."""
    starts: float | None = None
    """Seconds after which it starts, where each flow is as slow as in its slowest tenth; None when nobody knows."""
    problem: str = ""
    """Why it cannot be run; empty when it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How long all flows take on all devices, each of them once."""

    p50: float
    """Seconds, where each flow takes what it usually takes."""
    p90: float
    """Seconds, where each flow is as slow as in its slowest tenth."""
    guessed: int
    """Flows without a recorded time, taken for as long as the middle one of the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRate:
    """What attempts have cost the backend so far, as an access log has shown."""

    run: str
    per_attempt: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """Everything that `validator plan` says."""

    environment: str
    flows: tuple[PlannedFlow, ...]
    """In the order in which they are started; those that cannot be run are last."""
    absent: tuple[str, ...]
    left_out: tuple[str, ...]
    attempts: int
    """The most attempts of one flow."""
    devices: int
    longest: float
    """Seconds after which a run is ended."""
    expected: Expected | None
    """None when no flow of the environment has a recorded time."""
    requests: RequestRate | None
    """None when no run has shown by an access log what it cost."""
    accounts: AccountPlan | None
    """None where `traffic.accounts` limits nothing."""

    @property
    def runnable(self) -> tuple[PlannedFlow, ...]:
        """The flows that can be run."""
        return tuple(flow for flow in self.flows if not flow.problem)
