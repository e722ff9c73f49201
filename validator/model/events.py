"""The run is its events: frozen facts, in the order in which they became known.

Everything else (console, journal, JUnit, alerts) is a consumer of them; a state is a fold over them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from validator.model.attempt import AttemptOutcome, Evidence
from validator.model.budget import AccountPlan
from validator.model.build import Apk, Finding
from validator.model.decision import Decision, PolicyRef, Purpose, SettledFlow, StageFailure
from validator.model.device import DeviceInfo
from validator.model.failure import Failure
from validator.model.flow import Flow
from validator.model.observed import DeploymentChanged, DeploymentObserved, ParityCompared, ReadinessChecked
from validator.model.rules import Terms
from validator.model.timing import Baseline, Work
from validator.model.traffic import TrafficAccounted


class StopReason(StrEnum):
    """Why a run ended. How it went is the decision's to say."""

    COMPLETED = "completed"
    STAGE_FAILED = "stage_failed"
    MISUSED = "misused"
    """A mistake in the configuration or the call that only the running run could find."""
    DEADLINE = "deadline"
    INTERRUPTED = "interrupted"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A run began."""

    environment: str
    purpose: Purpose
    validator_version: str
    config_file: str
    config_digest: str
    policy: PolicyRef
    terms: Terms | None = None
    """What causes and decision are derived by; None in records that are older than this field."""
    began_at: str = ""
    """UTC, ISO 8601; empty in records that are older than this field."""
    passed: tuple[str, ...] = ()
    """Earlier stages of the pipeline that have passed, as the caller says."""
    type: Literal["RunStarted"] = "RunStarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResumed:
    """A run whose process had died goes on."""

    validator_version: str
    interrupted: tuple[str, ...]
    """Flows that were running when it died; they run again."""
    type: Literal["RunResumed"] = "RunResumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReady:
    """The APK under test is there, read, and held against the deployment."""

    apk: Apk
    path: str
    """Relative to the run's folder."""
    source: str
    seconds: float
    findings: tuple[Finding, ...] = ()
    type: Literal["BuildReady"] = "BuildReady"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMade:
    """Which flows are expected. Results are compared with this list: what is absent is missing, not passed."""

    workspace: str
    flows: tuple[Flow, ...]
    absent: tuple[str, ...]
    """Names that the configuration requires and the workspace does not have."""
    excluded: int
    digest: str
    max_attempts: int
    runner: str
    left_out: tuple[str, ...] = ()
    """Flows that the gate needs and that the command line left out: such a run opens no gate."""
    baselines: tuple[Baseline, ...] = ()
    """What flows usually take, where the policy asks for it."""
    works: tuple[Work, ...] = ()
    """What says when each flow is started; empty in older records: in the order of the flows."""
    accounts: AccountPlan | None = None
    """The new accounts that it needs; None where nothing limits them."""
    type: Literal["PlanMade"] = "PlanMade"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLeased:
    """A device was made ready, with the APK under test installed on it."""

    device: DeviceInfo
    seconds: float
    replaces: str = ""
    """The serial of the lost device in whose place it was started; empty for those of the beginning."""
    type: Literal["DeviceLeased"] = "DeviceLeased"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLost:
    """A device will not be used again in this run. Told twice when the one that was to replace it cannot be had."""

    serial: str
    reason: str
    replacing: bool = False
    """Whether another one is being started in its place."""
    type: Literal["DeviceLost"] = "DeviceLost"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStarted:
    """A flow began on a device."""

    flow: str
    number: int
    """1 for the first attempt of this flow."""
    serial: str
    folder: str
    """The attempt's folder, relative to the run's."""
    purpose: str
    """`first`, `confirm` or `retry`."""
    type: Literal["AttemptStarted"] = "AttemptStarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFinished:
    """A flow ended on a device. What it means is said by what follows."""

    flow: str
    number: int
    serial: str
    outcome: AttemptOutcome
    seconds: float
    evidence: Evidence
    type: Literal["AttemptFinished"] = "AttemptFinished"

    @property
    def passed(self) -> bool:
        """Whether the flow passed and nothing speaks against it."""
        return self.outcome is AttemptOutcome.PASSED


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureClassified:
    """The cause of an attempt that did not pass."""

    flow: str
    number: int
    failure: Failure
    type: Literal["FailureClassified"] = "FailureClassified"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryScheduled:
    """The flow will be run again, and why."""

    flow: str
    number: int
    """The number that the coming attempt will have."""
    purpose: str
    reason: str
    not_before: str
    """UTC, ISO 8601; empty when it may start at once."""
    type: Literal["RetryScheduled"] = "RetryScheduled"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSettled:
    """The outcome of a flow is final."""

    flow: SettledFlow
    type: Literal["FlowSettled"] = "FlowSettled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFailed:
    """A stage before the flows ended the run."""

    failure: StageFailure
    type: Literal["StageFailed"] = "StageFailed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something that a person should know and that changes no decision."""

    message: str
    type: Literal["Warned"] = "Warned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The gate has spoken. Until this event it is closed."""

    decision: Decision
    type: Literal["Decided"] = "Decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSent:
    """The team was told."""

    channel: str
    receipt: str
    type: Literal["AlertSent"] = "AlertSent"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFailed:
    """The team could not be told."""

    channel: str
    reason: str
    remedy: str
    type: Literal["AlertFailed"] = "AlertFailed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """The run is over."""

    stop: StopReason
    seconds: float
    type: Literal["RunFinished"] = "RunFinished"


Event = (
    RunStarted
    | RunResumed
    | DeploymentObserved
    | DeploymentChanged
    | ParityCompared
    | ReadinessChecked
    | BuildReady
    | PlanMade
    | DeviceLeased
    | DeviceLost
    | AttemptStarted
    | AttemptFinished
    | FailureClassified
    | RetryScheduled
    | FlowSettled
    | TrafficAccounted
    | StageFailed
    | Warned
    | Decided
    | AlertSent
    | AlertFailed
    | RunFinished
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An event in its envelope. Idempotent by `id`, ordered by `(run, seq)`."""

    id: str
    """Time-sortable and unique."""
    run: str
    tenant: str
    seq: int
    """0, 1, 2 … without gaps."""
    at: str
    """UTC, ISO 8601 with milliseconds."""
    version: int
    """The version of the payload's shape."""
    event: Event
