"""Where a run stands, for whoever tells of it: a fold of its records. Pure, and never used to decide anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial, reduce
from typing import assert_never

from validator.model.attempt import AttemptOutcome, Evidence, EvidenceFile
from validator.model.build import Apk
from validator.model.decision import Decision, SettledFlow, StageFailure
from validator.model.deployment import Deployment, ProbeResult
from validator.model.device import DeviceInfo
from validator.model.events import (
    AlertFailed,
    AlertSent,
    AttemptFinished,
    AttemptStarted,
    BuildReady,
    Decided,
    DeviceLeased,
    DeviceLost,
    FailureClassified,
    FlowSettled,
    PlanMade,
    Record,
    RetryScheduled,
    RunFinished,
    RunResumed,
    RunStarted,
    StageFailed,
    Warned,
)
from validator.model.failure import Failure
from validator.model.flow import Flow
from validator.model.observed import DeploymentChanged, DeploymentObserved, ParityCompared, ReadinessChecked
from validator.model.parity import Parity
from validator.model.traffic import TrafficAccounted
from validator.reports.notices import noticed

SCREENSHOT = "screenshot"
"""The kind of evidence file that reports show as a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptState:
    """One attempt, running or finished."""

    flow: str
    number: int
    serial: str
    folder: str
    purpose: str
    started_at: str
    finished_at: str = ""
    outcome: AttemptOutcome | None = None
    """None while it runs, and for good when the run ended under it."""
    seconds: float = 0.0
    evidence: Evidence | None = None
    failure: Failure | None = None

    @property
    def files(self) -> tuple[EvidenceFile, ...]:
        """The files kept with it."""
        return self.evidence.files if self.evidence is not None else ()

    @property
    def screenshots(self) -> tuple[EvidenceFile, ...]:
        """The pictures among its files."""
        return tuple(file for file in self.files if file.kind == SCREENSHOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowState:
    """One flow with all its attempts, in order."""

    name: str
    planned: Flow | None = None
    """None for a flow that is required and that the workspace does not have."""
    attempts: tuple[AttemptState, ...] = ()
    retries: tuple[RetryScheduled, ...] = ()
    settled: SettledFlow | None = None
    """As the decision sees it, once there is one; None while the outcome is open."""

    @property
    def seconds(self) -> float:
        """The time of all its attempts together."""
        return sum(attempt.seconds for attempt in self.attempts)

    @property
    def required(self) -> bool:
        """Whether the gate needs it."""
        if self.settled is not None:
            return self.settled.required
        return self.planned is None or self.planned.required


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedDevice:
    """One device of the run."""

    info: DeviceInfo
    seconds: float
    """How long it took to make it ready."""
    lost: str = ""
    """Why it is not used any more; empty while it is."""
    replaces: str = ""  # a serial, as in DeviceLeased


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """Everything known about a run so far."""

    run: str = ""
    tenant: str = ""
    seq: int = -1
    """The number of the last record."""
    started_at: str = ""
    last_at: str = ""
    started: RunStarted | None = None
    deployment: Deployment | None = None
    readiness: tuple[ProbeResult, ...] = ()
    parity: Parity | None = None
    build: BuildReady | None = None
    plan: PlanMade | None = None
    devices: tuple[LeasedDevice, ...] = ()
    flows: tuple[FlowState, ...] = ()
    """In the order of the plan, then the absent ones."""
    stage_failure: StageFailure | None = None
    warnings: tuple[str, ...] = ()
    decision: Decision | None = None
    alerts: tuple[AlertSent | AlertFailed, ...] = ()
    finished: RunFinished | None = None

    @property
    def apk(self) -> Apk | None:
        """The APK under test."""
        return self.build.apk if self.build is not None else None

    @property
    def environment(self) -> str:
        """Where the app runs; empty before the run has begun."""
        return self.started.environment if self.started is not None else ""

    @property
    def attempts(self) -> tuple[AttemptState, ...]:
        """All attempts of all flows, flow by flow."""
        return tuple(attempt for flow in self.flows for attempt in flow.attempts)


def fold(records: Iterable[Record]) -> RunState:
    """The state after all the records."""
    return reduce(apply, records, RunState())


def apply(state: RunState, record: Record) -> RunState:
    """The state after one more record. A record that was already applied changes nothing."""
    if record.seq <= state.seq:
        return state
    known = replace(
        state,
        run=record.run,
        tenant=record.tenant,
        seq=record.seq,
        started_at=state.started_at or record.at,
        last_at=record.at,
    )
    match record.event:
        case RunResumed():
            return replace(known, flows=tuple(_cut_off(flow, state.last_at) for flow in known.flows))
        case RunStarted() | DeploymentObserved() | ReadinessChecked() | BuildReady() | PlanMade() as fact:
            return _learned(known, fact)
        case DeviceLeased() | DeviceLost() as change:
            return _device(known, change)
        case AttemptStarted() | AttemptFinished() | FailureClassified() | RetryScheduled() | FlowSettled() as step:
            return _flow(known, step, record.at)
        case DeploymentChanged() | ParityCompared() | TrafficAccounted() as notice:
            parity = notice.parity if isinstance(notice, ParityCompared) else known.parity
            return replace(known, parity=parity, warnings=(*known.warnings, *noticed(notice)))
        case StageFailed() | Warned() | Decided() | AlertSent() | AlertFailed() | RunFinished() as ending:
            return _ending(known, ending)
        case event:
            assert_never(event)


def _cut_off(flow: FlowState, at: str) -> FlowState:
    """The flow, its running attempt over when the process died: at the last record before it, or later."""

    def cut(attempt: AttemptState) -> AttemptState:
        lasted = datetime.fromisoformat(at) - datetime.fromisoformat(attempt.started_at)
        return replace(attempt, finished_at=at, seconds=lasted.total_seconds())

    return replace(flow, attempts=tuple(each if each.finished_at else cut(each) for each in flow.attempts))


def _learned(
    state: RunState, fact: RunStarted | DeploymentObserved | ReadinessChecked | BuildReady | PlanMade
) -> RunState:
    match fact:
        case RunStarted():
            return replace(state, started=fact)
        case DeploymentObserved():
            return replace(state, deployment=fact.deployment)
        case ReadinessChecked():
            return replace(state, readiness=(*state.readiness, fact.probe))
        case BuildReady():
            return replace(state, build=fact)
        case PlanMade():
            planned = [FlowState(name=flow.name, planned=flow) for flow in fact.flows]
            absent = [FlowState(name=name) for name in fact.absent]
            return replace(state, plan=fact, flows=(*planned, *absent))


def _device(state: RunState, change: DeviceLeased | DeviceLost) -> RunState:
    match change:
        case DeviceLeased(device=info):
            leased = LeasedDevice(info=info, seconds=change.seconds, replaces=change.replaces)
            others = tuple(device for device in state.devices if device.info.serial != info.serial)
            return replace(state, devices=(*others, leased))
        case DeviceLost():
            devices = tuple(
                replace(device, lost=change.reason) if device.info.serial == change.serial else device
                for device in state.devices
            )
            return replace(state, devices=devices)


def _flow(
    state: RunState,
    step: AttemptStarted | AttemptFinished | FailureClassified | RetryScheduled | FlowSettled,
    at: str,
) -> RunState:
    match step:
        case AttemptStarted():
            return _change(state, step.flow, lambda flow: replace(flow, attempts=(*flow.attempts, _begun(step, at))))
        case AttemptFinished():
            return _change_attempt(state, step, lambda attempt: _finished(attempt, step, at))
        case FailureClassified():
            return _change_attempt(state, step, lambda attempt: replace(attempt, failure=step.failure))
        case RetryScheduled():
            return _change(state, step.flow, lambda flow: replace(flow, retries=(*flow.retries, step)))
        case FlowSettled():
            return _settle(state, (step.flow,))


def _ending(
    state: RunState, ending: StageFailed | Warned | Decided | AlertSent | AlertFailed | RunFinished
) -> RunState:
    match ending:
        case StageFailed():
            return replace(state, stage_failure=ending.failure)
        case Warned():
            return replace(state, warnings=(*state.warnings, ending.message))
        case Decided():
            return replace(_settle(state, ending.decision.flows), decision=ending.decision)
        case AlertSent() | AlertFailed():
            return replace(state, alerts=(*state.alerts, ending))
        case RunFinished():
            return replace(state, finished=ending)


def _begun(step: AttemptStarted, at: str) -> AttemptState:
    return AttemptState(
        flow=step.flow,
        number=step.number,
        serial=step.serial,
        folder=step.folder,
        purpose=step.purpose,
        started_at=at,
    )


def _finished(attempt: AttemptState, step: AttemptFinished, at: str) -> AttemptState:
    return replace(attempt, finished_at=at, outcome=step.outcome, seconds=step.seconds, evidence=step.evidence)


def _settle(state: RunState, settled: Iterable[SettledFlow]) -> RunState:
    for flow in settled:
        state = _change(state, flow.name, partial(replace, settled=flow))
    return state


def _change(state: RunState, name: str, change: Callable[[FlowState], FlowState]) -> RunState:
    """The state with one flow changed; a flow that no plan named is added rather than lost."""
    flows = state.flows
    if all(flow.name != name for flow in flows):
        flows = (*flows, FlowState(name=name))
    return replace(state, flows=tuple(change(flow) if flow.name == name else flow for flow in flows))


def _change_attempt(
    state: RunState, step: AttemptFinished | FailureClassified, change: Callable[[AttemptState], AttemptState]
) -> RunState:
    def changed(flow: FlowState) -> FlowState:
        attempts = tuple(change(each) if each.number == step.number else each for each in flow.attempts)
        return replace(flow, attempts=attempts)

    return _change(state, step.flow, changed)
