"""A run's record walked through again: what was observed is taken from it, what was concluded is concluded anew. Pure.

Observed: the plan, devices, evidence, probes, a stage that failed, when the run was stopped. Concluded: causes,
retries, outcomes. Where other rules conclude otherwise, attempts that would not have been made are left out, and those
that would have been are missed: what they would have come to is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from validator.failures.classify import Classification, classify
from validator.failures.settle import Again, Settled
from validator.gates.facts import Facts
from validator.model.attempt import Evidence
from validator.model.build import Finding
from validator.model.causes import Cause, Family
from validator.model.decision import SettledFlow, StageFailure
from validator.model.deployment import ProbeResult
from validator.model.events import (
    AttemptFinished,
    AttemptStarted,
    BuildReady,
    DeviceLeased,
    DeviceLost,
    Event,
    FailureClassified,
    FlowSettled,
    PlanMade,
    RetryScheduled,
    RunResumed,
    RunStarted,
    StageFailed,
    StopReason,
)
from validator.model.failure import Failure
from validator.model.flow import FlowOutcome
from validator.model.observed import DeploymentChanged, ReadinessChecked
from validator.model.traffic import TrafficAccounted
from validator.pipeline.affording import ACCOUNTS_SPENT, was_unaffordable
from validator.pipeline.board import Board, FlowState, apply
from validator.pipeline.closing import absent_flow, unmeasured_flow
from validator.pipeline.judging import (
    DEADLINE_PASSED,
    is_held_back,
    is_pointless,
    retry_of,
    settled_flow,
    stayed_away,
    step_after,
    why_not_run,
)
from validator.pipeline.sequence import passed_over
from validator.pipeline.stranded import stranded
from validator.pipeline.terms import Basis

_SIGNALS = (StopReason.INTERRUPTED, StopReason.TERMINATED)
_PASSING_BY = (FailureClassified, DeviceLost, ReadinessChecked)
"""What is recorded between the end of an attempt and what was concluded from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """One attempt that was come by."""

    flow: str
    number: int
    serial: str
    evidence: Evidence
    found: Classification
    made: bool
    """Whether it would have been made."""
    consecutive_infrastructure: int
    """Infrastructure failures in a row, over all flows, right after it."""
    step: Again | Settled | None = None
    """What was concluded from it; None when nothing was, because the run was stopped."""


@dataclass(slots=True, kw_only=True)
class Walk:
    """Takes the events of one run in their order; then `facts` are what the decision stands on."""

    basis: Basis
    stop: StopReason
    """Why the run ended."""
    board: Board = field(default_factory=Board)
    attempts: list[Walked] = field(default_factory=list)
    _began: str = ""
    _passed: tuple[str, ...] = ()
    _findings: tuple[Finding, ...] = ()
    _stage: StageFailure | None = None
    _changes: tuple[str, ...] = ()
    _traffic: TrafficAccounted | None = None
    _away: ProbeResult | None = None
    _backend_down: Failure | None = None
    _looped: bool = False
    """Whether flows were run since the process began."""
    _pending: dict[str, int] = field(default_factory=dict)
    """Flow -> where its attempt stands from which nothing was concluded yet."""
    _unaffordable: set[str] = field(default_factory=set)
    """Flows for which no account was free."""
    _fresh: str = ""
    """The flow whose attempt ended just now."""

    def take(self, event: Event) -> None:
        """Take the next event."""
        self._conclude_silently(event)
        match event:
            case RunStarted():
                self._began, self._passed = event.began_at, event.passed
            case PlanMade() | DeviceLost():
                self.board = apply(self.board, event)
            case DeviceLeased() | RunResumed():
                self.board = apply(self.board, event)
                self._looped = isinstance(event, DeviceLeased)
            case BuildReady():
                self._findings = event.findings
            case StageFailed():
                self._stage = event.failure
            case DeploymentChanged():
                self._changes = event.changes
            case TrafficAccounted():
                self._traffic = event
            case ReadinessChecked():
                self._away = event.probe if not event.probe.ready else None
            case _:
                self._take_flow(event)

    def _take_flow(self, event: Event) -> None:
        match event:
            case AttemptStarted() if self._is_made(event.flow):
                self.board = apply(self.board, event)
            case AttemptFinished():
                self._judge(event)
            case RetryScheduled():
                self._conclude(event.flow, event.not_before)
            case FlowSettled() if was_unaffordable(event.flow):
                self._unaffordable.add(event.flow.name)
            case FlowSettled() if not self._was_given_up(event.flow):
                self._conclude(event.flow.name)
                for state in self.board.unsettled:
                    if state.flow.name == event.flow.name:
                        self._strand(state)
            case _:
                pass

    def _is_made(self, flow: str) -> bool:
        settled = self.board.state(flow).settled is not None
        return not settled and not is_pointless(self.board, self.basis.bounds, self._backend_down)

    def _judge(self, event: AttemptFinished) -> None:
        found = classify(event.evidence, self.basis.rules)
        made = self.board.state(event.flow).started == event.number and self.board.state(event.flow).settled is None
        if made:
            self.board = apply(self.board, replace(event, outcome=found.outcome))
            if found.failure is not None:
                classified = FailureClassified(flow=event.flow, number=event.number, failure=found.failure)
                self.board = apply(self.board, classified)
            self._pending[event.flow] = len(self.attempts)
            self._fresh = event.flow
        walked = Walked(
            flow=event.flow,
            number=event.number,
            serial=event.serial,
            evidence=event.evidence,
            found=found,
            made=made,
            consecutive_infrastructure=self.board.consecutive_infrastructure,
        )
        self.attempts.append(walked)

    def _conclude_silently(self, event: Event) -> None:
        """That a flow has to run again and no device is left was concluded without a word."""
        flow = self._fresh
        if not flow or isinstance(event, _PASSING_BY):
            return
        self._fresh = ""
        spoken = (isinstance(event, RetryScheduled) and event.flow == flow) or (
            isinstance(event, FlowSettled) and event.flow.name == flow
        )
        if not spoken and self.stop is StopReason.COMPLETED and not isinstance(event, RunResumed):
            self._conclude(flow)

    def _strand(self, state: FlowState) -> None:
        """Flows that no device was left for were told at the moment that this became known.

        A run whose process died after that went on with other devices, and what was told stood.
        """
        told = (*stranded(self.board, self._backend_down), *passed_over(self.board))
        settled = next((flow for flow in told if flow.name == state.flow.name), None)
        hopeless = not self.board.hoped_for(state.flow)
        if settled is not None and (state.flow.needs or not hopeless):
            self._settle(settled)
        elif hopeless and self._looped and self.stop is StopReason.COMPLETED:
            self.board = apply(self.board, FlowSettled(flow=self._leftover(state)))

    def _was_given_up(self, flow: SettledFlow) -> bool:
        """Whether it has this outcome because the run was stopped before anything was concluded from its attempt."""
        late = self.stop is StopReason.DEADLINE and flow.why == DEADLINE_PASSED.why
        return late or (self.stop is not StopReason.COMPLETED and flow.outcome is FlowOutcome.MISSING)

    def _conclude(self, flow: str, not_before: str = "") -> None:
        position = self._pending.pop(flow, None)
        if position is None:
            return
        state = self.board.state(flow)
        failure, away = state.tried[-1].failure, self._away
        self._away = None
        if away is not None and failure is not None and failure.cause.family is Family.BACKEND:
            self._backend_down = self._backend_down or stayed_away(failure, away)
        step = step_after(state, self.basis.limits, self._backend_down)
        self.attempts[position] = replace(self.attempts[position], step=step)
        match step:
            case Settled():
                self._settle(settled_flow(state, step.outcome, step.failure))
            case Again() if self.board.hoped_for(state.flow):
                self.board = apply(self.board, retry_of(state, step, not_before))
            case Again():
                pass

    def _settle(self, flow: SettledFlow) -> None:
        self.board = apply(self.board, FlowSettled(flow=flow))
        for other in passed_over(self.board):
            self.board = apply(self.board, FlowSettled(flow=other))

    def facts(self) -> Facts:
        """What the decision stands on, once every event was taken. Flows without an outcome get theirs now."""
        for state in self.board.unsettled:
            if self._looped and state.flow.problem:
                self._settle(self._leftover(state))
        for state in self.board.unsettled:
            self.board = apply(self.board, FlowSettled(flow=self._leftover(state)))
        absent = tuple(absent_flow(name) for name in self.board.absent)
        flows = (*self.board.settled, *absent)
        return Facts(
            flows=flows,
            left_out=self.board.left_out,
            findings=self._findings,
            stage=self._stage,
            stop=self.stop,
            changes=self._changes,
            timings=self.board.timings,
            began=self._began,
            passed=self._passed,
            traffic=self._traffic,
        )

    def _leftover(self, state: FlowState) -> SettledFlow:
        if state.flow.problem or self._stage is not None or self.stop in _SIGNALS or not self._looped:
            return unmeasured_flow(state, self._stage)
        if state.flow.name in self._unaffordable:
            return settled_flow(state, FlowOutcome.INCONCLUSIVE, ACCOUNTS_SPENT)
        late = self.stop is StopReason.DEADLINE
        failure = why_not_run(self.board, state, self._backend_down, late=late)
        pointless = is_held_back(state) or is_pointless(self.board, self.basis.bounds, self._backend_down)
        if not late and self.board.fitting(state.flow) and not pointless:
            failure = _unknowable(state)
        return settled_flow(state, FlowOutcome.INCONCLUSIVE, failure)


def _unknowable(state: FlowState) -> Failure:
    last = state.tried[-1].failure if state.tried else None
    cause = last.cause if last is not None else Cause.UNKNOWN
    why = "It would have been run again; what that would have come to is not known."
    return Failure(cause=cause, rule="not-run", why=why, step=last.step if last is not None else "")
