"""`decision.json`, schema `validator.decision/v1`: what the frontend stage, and every other tool, reads. Pure.

The fields stand in the order of the file. Consumers must tolerate new fields; none is ever removed or renamed in v1.
"""

from __future__ import annotations

from dataclasses import dataclass

from validator.model.causes import Cause, Family
from validator.model.decision import (
    Counts,
    ExitCode,
    PolicyRef,
    Purpose,
    Reason,
    Rollback,
    SettledFlow,
    Verdict,
)
from validator.model.flow import FlowOutcome
from validator.reports.state import RunState
from validator.support.codec import encode_pretty

SCHEMA = "validator.decision/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentRef:
    """Which deployment the decision is about."""

    id: str
    revision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApkRef:
    """Which APK it was tested with."""

    sha256: str
    package: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowResult:
    """One expected flow."""

    name: str
    required: bool
    outcome: FlowOutcome
    cause: Cause | None
    family: Family | None
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionDocument:
    """The whole file."""

    schema: str
    run: str
    tenant: str
    environment: str
    purpose: Purpose
    deployment: DeploymentRef | None
    """None when what is live could not be read."""
    apk: ApkRef | None
    """None when there was no readable APK."""
    decision: Verdict
    blocks: tuple[str, ...]
    exit_code: ExitCode
    reasons: tuple[Reason, ...]
    flows: tuple[FlowResult, ...]
    counts: Counts
    policy: PolicyRef
    began_at: str
    """When the run began, UTC, ISO 8601: what was deployed later was not measured by it."""
    decided_at: str
    expires_at: str
    next: tuple[str, ...]
    rollback: Rollback


def decision_document(state: RunState) -> DecisionDocument | None:
    """The decision as other tools read it; None while there is none."""
    decision = state.decision
    if decision is None:
        return None
    deployment, apk = state.deployment, state.apk
    return DecisionDocument(
        schema=SCHEMA,
        run=state.run,
        tenant=state.tenant,
        environment=state.environment,
        purpose=state.started.purpose if state.started is not None else Purpose.DEPLOY,
        deployment=DeploymentRef(id=deployment.id, revision=deployment.revision) if deployment is not None else None,
        apk=ApkRef(sha256=apk.sha256, package=apk.package, version=apk.version_name) if apk is not None else None,
        decision=decision.verdict,
        blocks=decision.blocks,
        exit_code=decision.exit_code,
        reasons=decision.reasons,
        flows=tuple(_flow(flow) for flow in decision.flows),
        counts=decision.counts,
        policy=decision.policy,
        began_at=state.started_at,
        decided_at=decision.decided_at,
        expires_at=decision.expires_at,
        next=decision.next,
        rollback=decision.rollback,
    )


def _flow(flow: SettledFlow) -> FlowResult:
    return FlowResult(
        name=flow.name,
        required=flow.required,
        outcome=flow.outcome,
        cause=flow.cause,
        family=flow.cause.family if flow.cause is not None else None,
        attempts=flow.attempts,
    )


def render_decision(state: RunState) -> bytes | None:
    """The file's content; None while there is no decision, so that there is no file."""
    document = decision_document(state)
    return encode_pretty(document) if document is not None else None
