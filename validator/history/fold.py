"""Events to rows: the projections as a pure fold over one run's events in their order.

A run's rows depend on nothing but that run's events, so any run can be projected again on its own, and the rows that
appending left are those that a rebuild makes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from validator.history.acts import AccountsUsed, Act, AlertDeferred, AlertDelivered, AlertQueued, DecisionActed
from validator.history.entry import Entry
from validator.history.likeness import shortened, signature, storable
from validator.history.rows import (
    AccountUseRow,
    AlertRow,
    AttemptRow,
    DecisionActRow,
    DecisionRow,
    FlowOutcomeRow,
    FlowTimingRow,
    Row,
    RunCauseRow,
    RunRow,
)
from validator.model.attempt import AttemptOutcome
from validator.model.causes import Cause
from validator.model.events import (
    AttemptFinished,
    AttemptStarted,
    BuildReady,
    Decided,
    FailureClassified,
    FlowSettled,
    PlanMade,
    RunFinished,
    RunStarted,
    StageFailed,
)
from validator.model.flow import FlowOutcome
from validator.model.observed import DeploymentObserved


@dataclass(slots=True, kw_only=True)
class RunState:
    """What the fold knows of one run, and which rows it has changed since they were last stored."""

    run: RunRow | None = None
    attempts: dict[tuple[str, int], AttemptRow] = field(default_factory=dict)
    causes: dict[str, RunCauseRow] = field(default_factory=dict)
    alerts: dict[tuple[str, str], AlertRow] = field(default_factory=dict)
    changed: dict[tuple[type[Row], tuple[str, ...]], Row] = field(default_factory=dict)

    def put(self, row: Row) -> None:
        """Note that a row is new or changed."""
        self.changed[type(row), row.key] = row


def fold(state: RunState, entry: Entry) -> None:
    """Take one event into the run's rows. Before `RunStarted` there is no run that could have any."""
    if isinstance(entry.event, Act):
        _act(state, entry, entry.event)
    elif isinstance(entry.event, RunStarted):
        _started(state, entry, entry.event)
    elif state.run is not None:
        state.run.last_at = max(state.run.last_at, entry.at)
        state.put(state.run)
        _run_event(state, state.run, entry)


def _started(state: RunState, entry: Entry, event: RunStarted) -> None:
    if state.run is not None:  # a resumed run says again that it starts; it is still the same run
        return
    state.run = RunRow(
        id=entry.run,
        environment=event.environment,
        purpose=event.purpose,
        started_at=entry.at,
        last_at=entry.at,
        program=event.validator_version,
        config_file=event.config_file,
        config_digest=event.config_digest,
        policy=event.policy.name,
        policy_digest=event.policy.digest,
    )
    state.put(state.run)


def _run_event(state: RunState, run: RunRow, entry: Entry) -> None:
    match entry.event:
        case DeploymentObserved(deployment=deployment):
            run.deployment, run.revision = deployment.id, deployment.revision
        case BuildReady(apk=apk):
            run.apk, run.package, run.app_version = apk.sha256, apk.package, apk.version_name
        case PlanMade() as plan:
            run.expected = len(plan.flows) + len(plan.absent)
        case StageFailed(failure=failure):
            run.stage, run.cause = failure.stage, run.cause or failure.cause
            _cause(state, run, failure.cause, flows=0)
        case RunFinished() as finished:
            run.finished_at, run.stop, run.seconds = entry.at, finished.stop, finished.seconds
        case Decided():
            _decided(state, run, entry, entry.event)
        case _:
            _flow_event(state, run, entry)


def _flow_event(state: RunState, run: RunRow, entry: Entry) -> None:
    match entry.event:
        case AttemptStarted() as event:
            row = _attempt(state, run, event.flow, event.number)
            row.serial, row.purpose, row.folder, row.started_at = event.serial, event.purpose, event.folder, entry.at
        case AttemptFinished() as event:
            _finished(_attempt(state, run, event.flow, event.number), event, entry.at)
        case FailureClassified() as event:
            _classified(_attempt(state, run, event.flow, event.number), event)
        case FlowSettled():
            _settled(state, run, entry.event)
        case _:
            pass


def _attempt(state: RunState, run: RunRow, name: str, number: int) -> AttemptRow:
    flow = storable(name)  # as it is read back: what is folded later must find it
    row = state.attempts.get((flow, number))
    if row is None:
        row = AttemptRow(run=run.id, flow=flow, number=number, environment=run.environment)
        state.attempts[flow, number] = row
    state.put(row)
    return row


def _finished(row: AttemptRow, event: AttemptFinished, at: str) -> None:
    row.serial, row.outcome, row.seconds, row.finished_at = event.serial, event.outcome, event.seconds, at
    row.started_at = row.started_at or at
    row.message = shortened(event.evidence.runner.message or event.evidence.preparation)


def _classified(row: AttemptRow, event: FailureClassified) -> None:
    failure = event.failure
    row.cause, row.rule, row.step, row.why = failure.cause, failure.rule, shortened(failure.step), failure.why
    row.quote = shortened(failure.quotes[0].line) if failure.quotes else ""
    row.signature = signature(failure.cause, row.message or row.quote)


def _settled(state: RunState, run: RunRow, event: FlowSettled) -> None:
    flow, name = event.flow, storable(event.flow.name)
    state.put(
        FlowOutcomeRow(
            run=run.id,
            flow=name,
            environment=run.environment,
            started_at=run.started_at,
            outcome=flow.outcome,
            required=flow.required,
            cause=flow.cause or "",
            attempts=flow.attempts,
            step=shortened(flow.step),
            why=flow.why,
            quote=shortened(flow.quote),
        )
    )
    if flow.cause is not None:
        _cause(state, run, flow.cause, flows=1)
    if flow.outcome in (FlowOutcome.PASSED, FlowOutcome.FLAKY):
        _timed(state, run, name)


def _cause(state: RunState, run: RunRow, cause: Cause, *, flows: int) -> None:
    row = state.causes.get(cause)
    if row is None:
        row = RunCauseRow(run=run.id, cause=cause, started_at=run.started_at, environment=run.environment)
        state.causes[cause] = row
    row.flows += flows
    state.put(row)


def _timed(state: RunState, run: RunRow, flow: str) -> None:
    passed = [row for row in state.attempts.values() if row.flow == flow and row.outcome == AttemptOutcome.PASSED]
    if passed:
        last = max(passed, key=lambda row: row.number)
        state.put(
            FlowTimingRow(
                run=run.id,
                flow=flow,
                environment=run.environment,
                started_at=run.started_at,
                seconds=last.seconds,
            )
        )


def _decided(state: RunState, run: RunRow, entry: Entry, event: Decided) -> None:
    decision = event.decision
    run.verdict = decision.verdict
    run.cause = next((flow.cause for flow in decision.flows if _closes(flow.outcome) and flow.cause), run.cause)
    state.put(
        DecisionRow(
            run=run.id,
            seq=entry.seq,
            environment=run.environment,
            purpose=run.purpose,
            deployment=run.deployment,
            revision=run.revision,
            apk=run.apk,
            verdict=decision.verdict,
            exit_code=decision.exit_code,
            decided_at=decision.decided_at,
            expires_at=decision.expires_at,
            policy=decision.policy.name,
            policy_digest=decision.policy.digest,
        )
    )


def _closes(outcome: FlowOutcome) -> bool:
    return outcome not in (FlowOutcome.PASSED, FlowOutcome.FLAKY)


def _act(state: RunState, entry: Entry, act: Act) -> None:
    match act:
        case DecisionActed():
            state.put(_decision_act(entry, act))
        case AccountsUsed():
            state.put(
                AccountUseRow(
                    id=entry.id,
                    run=entry.run,
                    environment=act.environment,
                    address=act.address,
                    at=entry.at,
                    accounts=act.accounts,
                )
            )
        case AlertQueued() | AlertDeferred() | AlertDelivered():
            _alert(state, entry, act)
        case _:
            pass


def _decision_act(entry: Entry, act: DecisionActed) -> DecisionActRow:
    return DecisionActRow(
        id=entry.id,
        run=entry.run,
        seq=entry.seq,
        kind=act.kind,
        at=entry.at,
        by=act.by,
        reason=act.reason,
        environment=act.environment,
        deployment=act.deployment,
        revision=act.revision,
        expires_at=act.expires_at,
        replaces=act.after,
    )


def _alert(state: RunState, entry: Entry, act: AlertQueued | AlertDeferred | AlertDelivered) -> None:
    key, channel = storable(act.key), storable(act.channel)
    row = state.alerts.get((key, channel))
    if isinstance(act, AlertQueued):
        if row is None:
            row = AlertRow(
                run=entry.run,
                dedup=key,
                channel=channel,
                state="due",
                required=act.required,
                queued_at=entry.at,
                not_before=entry.at,
                body=act.body,
            )
            state.alerts[key, channel] = row
    elif row is not None and isinstance(act, AlertDeferred):
        row.tries, row.reason, row.not_before = row.tries + 1, act.reason, act.not_before
    elif row is not None and isinstance(act, AlertDelivered):
        row.state, row.tries, row.receipt = "delivered", row.tries + 1, act.receipt
    if row is not None:
        state.put(row)
