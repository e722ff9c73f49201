"""`run.json`, schema `validator.run/v1`: the whole story of a run, uncut, for programs and for later. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from validator.model.attempt import AttemptOutcome, Evidence
from validator.model.build import Apk, Finding
from validator.model.decision import PolicyRef, Purpose, SettledFlow, StageFailure
from validator.model.deployment import Deployment, ProbeResult
from validator.model.device import DeviceInfo
from validator.model.events import AlertSent, RunStarted, StopReason
from validator.model.failure import Failure
from validator.model.flow import Flow
from validator.reports.decision_json import DecisionDocument, decision_document
from validator.reports.state import AttemptState, FlowState, RunState
from validator.support.codec import encode_pretty

SCHEMA = "validator.run/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigRef:
    """The configuration that was used."""

    file: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildStory:
    """The APK and how it was come by."""

    apk: Apk
    path: str
    source: str
    seconds: float
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStory:
    """What was to be done."""

    workspace: str
    runner: str
    digest: str
    max_attempts: int
    excluded: int
    absent: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    """Required flows that the command line left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStory:
    """One device; `lost` says why it is not used any more."""

    device: DeviceInfo
    ready_after_seconds: float
    lost: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryStory:
    """Why there is an attempt with this number."""

    number: int
    purpose: str
    reason: str
    not_before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStory:
    """One attempt; `outcome` is null when the run ended under it."""

    number: int
    purpose: str
    serial: str
    folder: str
    started_at: str
    finished_at: str
    seconds: float
    outcome: AttemptOutcome | None
    failure: Failure | None
    evidence: Evidence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStory:
    """One expected flow; `flow` is null when the workspace does not have it, `settled` when it has no outcome."""

    name: str
    flow: Flow | None
    settled: SettledFlow | None
    attempts: tuple[AttemptStory, ...]
    retries: tuple[RetryStory, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertStory:
    """One attempt to tell the team."""

    channel: str
    delivered: bool
    receipt: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDocument:
    """The whole file."""

    schema: str
    run: str
    tenant: str
    environment: str
    purpose: Purpose | None
    validator_version: str
    config: ConfigRef | None
    policy: PolicyRef | None
    started_at: str
    last_event_at: str
    seconds: float | None
    stop: StopReason | None
    """Null while the run goes on, or when it was killed."""
    deployment: Deployment | None
    readiness: tuple[ProbeResult, ...]
    build: BuildStory | None
    plan: PlanStory | None
    devices: tuple[DeviceStory, ...]
    flows: tuple[FlowStory, ...]
    stage_failure: StageFailure | None
    warnings: tuple[str, ...]
    decision: DecisionDocument | None
    """Null until the gate has spoken; it is closed until then."""
    alerts: tuple[AlertStory, ...]


def run_document(state: RunState) -> RunDocument:
    """The story so far."""
    started, finished = state.started, state.finished
    return RunDocument(
        schema=SCHEMA,
        run=state.run,
        tenant=state.tenant,
        environment=state.environment,
        purpose=started.purpose if started is not None else None,
        validator_version=started.validator_version if started is not None else "",
        config=_config(started),
        policy=started.policy if started is not None else None,
        started_at=state.started_at,
        last_event_at=state.last_at,
        seconds=finished.seconds if finished is not None else None,
        stop=finished.stop if finished is not None else None,
        deployment=state.deployment,
        readiness=state.readiness,
        build=_build(state),
        plan=_plan(state),
        devices=tuple(
            DeviceStory(device=device.info, ready_after_seconds=device.seconds, lost=device.lost)
            for device in state.devices
        ),
        flows=tuple(_flow(flow) for flow in state.flows),
        stage_failure=state.stage_failure,
        warnings=state.warnings,
        decision=decision_document(state),
        alerts=_alerts(state),
    )


def _config(started: RunStarted | None) -> ConfigRef | None:
    return ConfigRef(file=started.config_file, digest=started.config_digest) if started is not None else None


def _build(state: RunState) -> BuildStory | None:
    build = state.build
    if build is None:
        return None
    return BuildStory(
        apk=build.apk, path=build.path, source=build.source, seconds=build.seconds, findings=build.findings
    )


def _plan(state: RunState) -> PlanStory | None:
    plan = state.plan
    if plan is None:
        return None
    return PlanStory(
        workspace=plan.workspace,
        runner=plan.runner,
        digest=plan.digest,
        max_attempts=plan.max_attempts,
        excluded=plan.excluded,
        absent=plan.absent,
        left_out=plan.left_out,
    )


def _flow(flow: FlowState) -> FlowStory:
    return FlowStory(
        name=flow.name,
        flow=flow.planned,
        settled=flow.settled,
        attempts=tuple(_attempt(attempt) for attempt in flow.attempts),
        retries=tuple(
            RetryStory(number=retry.number, purpose=retry.purpose, reason=retry.reason, not_before=retry.not_before)
            for retry in flow.retries
        ),
    )


def _attempt(attempt: AttemptState) -> AttemptStory:
    return AttemptStory(
        number=attempt.number,
        purpose=attempt.purpose,
        serial=attempt.serial,
        folder=attempt.folder,
        started_at=attempt.started_at,
        finished_at=attempt.finished_at,
        seconds=attempt.seconds,
        outcome=attempt.outcome,
        failure=attempt.failure,
        evidence=attempt.evidence,
    )


def _alerts(state: RunState) -> tuple[AlertStory, ...]:
    return tuple(
        AlertStory(channel=alert.channel, delivered=True, receipt=alert.receipt, reason="", remedy="")
        if isinstance(alert, AlertSent)
        else AlertStory(channel=alert.channel, delivered=False, receipt="", reason=alert.reason, remedy=alert.remedy)
        for alert in state.alerts
    )


def render_run(state: RunState) -> bytes:
    """The file's content."""
    return encode_pretty(run_document(state))
