"""The loop that runs flows until each one has an outcome: assign, wait, classify, settle or run again.

It decides from the board alone, and the board is a fold of the events that it yields.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from validator.devices.port import Device
from validator.failures.classify import classify
from validator.failures.rules import Rule
from validator.failures.settle import Again, Limits, Settled
from validator.failures.throttling import wait_for
from validator.farm.in_process import InProcessEngine
from validator.farm.plan import Assignment, Waiting, assign, wake_in
from validator.model.attempt import Evidence
from validator.model.causes import Family
from validator.model.deployment import ProbeResult
from validator.model.errors import StageError
from validator.model.events import (
    AttemptFinished,
    AttemptStarted,
    DeviceLost,
    Event,
    FailureClassified,
    FlowSettled,
    StopReason,
)
from validator.model.failure import Failure
from validator.model.flow import FlowOutcome
from validator.model.observed import ReadinessChecked
from validator.pipeline.affording import ACCOUNTS_SPENT, Spending, Unlimited
from validator.pipeline.attempt import Attempter, Tried
from validator.pipeline.board import Board, FlowState, apply
from validator.pipeline.closing import unmeasured_flow
from validator.pipeline.job import Job
from validator.pipeline.judging import (
    Bounds,
    is_pointless,
    retry_of,
    settled_flow,
    stayed_away,
    step_after,
    why_not_run,
)
from validator.pipeline.queue import Queue
from validator.pipeline.replacing import NOT_NEEDED, Replaced, replace_device, why_given_up
from validator.pipeline.sequence import has_turn
from validator.pipeline.stranded import never_run
from validator.pipeline.turns import Turns
from validator.support.clock import Clock, SystemClock, iso
from validator.support.files import slug
from validator.support.stop import Stop

_TICK = 0.5
"""Seconds after which the loop looks at the stop again while nothing finishes."""


@dataclass(slots=True, kw_only=True)
class FlowLoop:
    """Runs every waiting flow of a board on its devices."""

    board: Board
    devices: MutableMapping[str, Device]
    """By serial; those that are started later are added."""
    install: Callable[[Device], float | StageError]
    """Installs the APK on one of those; the seconds that it took, or why it cannot be."""
    attempter: Attempter
    rules: Sequence[Rule]
    limits: Limits
    consecutive_infrastructure: int
    run_folder: Path
    clock: Clock
    stop: Stop
    begun: Mapping[str, AttemptFinished] = field(default_factory=dict)
    """Flow -> its latest attempt before the process of this run had died."""
    wait_for_backend: Callable[[Stop], Iterator[ProbeResult]] = lambda _: iter(())
    """Asks the backend until it is ready or its time is over; one result per probe."""
    ends: float = math.inf
    """The moment, on the monotonic clock, when the run's deadline passes; what has to wait for longer does not wait."""
    spending: Spending = field(default_factory=lambda: Spending(accounts=Unlimited(), clock=SystemClock()))
    _backend_down: Failure | None = None
    """Set once the backend stayed away for as long as readiness allows: nothing more can be measured."""
    _used: set[str] = field(default_factory=set)
    _not_before: dict[str, float] = field(default_factory=dict)
    _queue: Queue = field(default_factory=Queue)
    _turns: Turns = field(default_factory=Turns)
    _needed: Stop = field(default_factory=Stop)
    """Set once no other device is needed."""

    def events(self) -> Iterator[Event]:
        """Everything that happens until each flow is settled, or the run has to stop."""
        yield from self._refuse_invalid()
        yield from self._pick_up()
        yield from self._pass_over()
        with InProcessEngine[Tried | Replaced](len(self.devices)) as engine, self._no_longer_than_needed():
            try:
                while self._may_go_on() or self.board.busy:
                    yield from self._start(engine)
                    yield from self._collect(engine)
                    yield from self._pass_over()
            finally:
                if self.board.busy:
                    self.stop.set("the loop ended early")
        yield from self._settle_rest()

    @contextmanager
    def _no_longer_than_needed(self) -> Iterator[None]:
        """No device is started any more once the block has ended."""
        self._needed = Stop(self.stop)
        try:
            yield
        finally:
            self._needed.set(NOT_NEEDED)
            self._needed.detach()

    def _emit(self, event: Event) -> Event:
        self.board = apply(self.board, event)
        return event

    def _may_go_on(self) -> bool:
        bounds = Bounds(limits=self.limits, consecutive_infrastructure=self.consecutive_infrastructure)
        hopeless = self.stop.is_set or is_pointless(self.board, bounds, self._backend_down) or self._is_too_late()
        waiting = (state for state in self.board.unsettled if state.waits and has_turn(self.board, state))
        return not hopeless and any(self.board.hoped_for(state.flow) for state in waiting)

    def _is_too_late(self) -> bool:
        """Whether every flow that waits would begin after the run's deadline."""
        waiting = self._waiting()
        return bool(waiting) and all(flow.not_before >= self.ends for flow in waiting)

    def _refuse_invalid(self) -> Iterator[Event]:
        for state in self.board.unsettled:
            if state.flow.problem:
                yield self._emit(FlowSettled(flow=unmeasured_flow(state, None)))

    def _pass_over(self) -> Iterator[Event]:
        for flow in never_run(self.board, self._backend_down, stopped=self.stop.is_set):
            yield self._emit(FlowSettled(flow=flow))

    def _pick_up(self) -> Iterator[Event]:
        """Go on where the process of this run had died: judge what has ended, wait as long as was to be waited."""
        for state in self.board.unsettled:
            if state.retry is not None and state.retry.not_before:
                left = datetime.fromisoformat(state.retry.not_before) - self.clock.now()
                moment = self.clock.monotonic() + max(0.0, left.total_seconds())
                failure = state.tried[-1].failure if state.tried else None
                self._not_before[state.flow.name] = self._later(failure, moment)
            elif state.tried and state.retry is None:
                ended = self.begun[state.flow.name]
                if state.tried[-1].failure is None:
                    yield from self._classified(ended, classify(ended.evidence, self.rules).failure)
                yield from self._judge(ended)

    def _start(self, engine: InProcessEngine[Tried | Replaced]) -> Iterator[Event]:
        if not self._may_go_on():
            return
        idle = self.board.alive - self.board.busy
        for assignment in assign(self._waiting(), idle, self.board.alive, self.clock.monotonic()):
            if (refused := self._hold(assignment.waiting.flow)) is not None:
                yield refused
                return
            event, job = self._job(assignment)
            yield self._emit(event)
            device = self.devices[assignment.serial]
            engine.start(assignment.serial, partial(self.attempter, job, device, self.stop))

    def _hold(self, first: str) -> Event | None:
        """None when a flow may make its account; else it waits for one, and so does every other that could start."""
        now = self.clock.monotonic()
        others = [flow.flow for flow in self._waiting() if flow.not_before <= now and flow.flow != first]
        refused = self.spending.refused([first, *others])
        if refused is not None:
            self._not_before |= {flow: self.spending.held[flow] for flow in (first, *others)}
        return refused

    def _waiting(self) -> list[Waiting]:
        return self._queue.waiting(self.board, self._not_before)

    def _job(self, assignment: Assignment) -> tuple[AttemptStarted, Job]:
        state = self.board.state(assignment.waiting.flow)
        number = state.started + 1
        folder = f"attempts/{slug(state.flow.name)}/{number}"
        event = AttemptStarted(
            flow=state.flow.name,
            number=number,
            serial=assignment.serial,
            folder=folder,
            purpose=state.retry.purpose if state.retry is not None else "first",
        )
        job = Job(
            flow=state.flow,
            number=number,
            run_folder=self.run_folder,
            folder=folder,
            follows_another=assignment.serial in self._used,
        )
        self._used.add(assignment.serial)
        return event, job

    def _collect(self, engine: InProcessEngine[Tried | Replaced]) -> Iterator[Event]:
        pause = wake_in(self._waiting(), self.clock.monotonic())
        result = engine.next(min(_TICK, pause) if pause is not None else _TICK)
        match result:
            case (_, Tried() as tried):
                yield from self._finish(tried, engine)
            case (_, Replaced() as replaced):
                if replaced.device is not None:
                    self.devices[replaced.device.info.serial] = replaced.device
                yield self._emit(replaced.event)
            case None:
                pass

    def _finish(self, tried: Tried, engine: InProcessEngine[Tried | Replaced]) -> Iterator[Event]:
        found = classify(tried.evidence, self.rules)
        ended = AttemptFinished(
            flow=tried.job.flow.name,
            number=tried.job.number,
            serial=tried.serial,
            outcome=found.outcome,
            seconds=tried.seconds,
            evidence=tried.evidence,
        )
        yield self._emit(ended)
        yield from self._classified(ended, found.failure)
        yield from self._give_up_device(tried, engine)
        yield from self._judge(ended)

    def _classified(self, ended: AttemptFinished, failure: Failure | None) -> Iterator[Event]:
        if failure is not None:
            yield self._emit(FailureClassified(flow=ended.flow, number=ended.number, failure=failure))

    def _judge(self, ended: AttemptFinished) -> Iterator[Event]:
        failure, since = self.board.state(ended.flow).tried[-1].failure, self.clock.monotonic()
        if failure is not None and failure.cause.family is Family.BACKEND:
            yield from self._wait_for_backend(failure)
        if not self.stop.is_set:
            yield from self._next(self.board.state(ended.flow), ended.evidence, since)

    def _wait_for_backend(self, failure: Failure) -> Iterator[Event]:
        """A backend failure is confirmed by the backend: while it is away no flow can be, and none is started."""
        if self._backend_down is not None:
            return
        for probe in self.wait_for_backend(self.stop):
            yield ReadinessChecked(probe=probe)
            if not probe.ready and not self.stop.is_set:
                self._backend_down = stayed_away(failure, probe)
                return

    def _give_up_device(self, tried: Tried, engine: InProcessEngine[Tried | Replaced]) -> Iterator[Event]:
        renew = self.devices[tried.serial].renew
        reason = why_given_up(tried.evidence, replaceable=renew is not None)
        if reason:
            yield self._emit(DeviceLost(serial=tried.serial, reason=reason, replacing=renew is not None))
        if reason and renew is not None:
            lost = Replaced(lost=tried.serial, reason=reason)
            engine.start(tried.serial, partial(replace_device, lost, renew, self.install, self._needed))

    def _next(self, state: FlowState, evidence: Evidence, since: float) -> Iterator[Event]:
        match step_after(state, self.limits, self._backend_down):
            case Settled() as step:
                yield self._settled(state, step.outcome, step.failure)
            case Again() as step if self.board.hoped_for(state.flow):
                yield self._run_again(state, step, evidence, since)
            case Again():
                pass  # no device is left that fits; what that makes of the flow is said when the loop ends

    def _run_again(self, state: FlowState, step: Again, evidence: Evidence, since: float) -> Event:
        waited = self.clock.monotonic() - since
        pause = max(0.0, wait_for(step.failure, evidence) - waited)
        moment = self._later(step.failure, self.clock.monotonic() + pause)
        pause = moment - self.clock.monotonic() if pause else 0.0
        self._not_before[state.flow.name] = moment
        not_before = iso(self.clock.now() + timedelta(seconds=pause)) if pause else ""
        return self._emit(retry_of(state, step, not_before))

    def _later(self, failure: Failure | None, moment: float) -> float:
        """A limit that lifts is not hit by everyone at once."""
        throttled = failure is not None and failure.cause.family is Family.THROTTLED
        return self._turns.after(moment, self.ends) if throttled else moment

    def _settle_rest(self) -> Iterator[Event]:
        """What has no outcome now could not be measured. A run that somebody ended leaves that to whoever ends it."""
        if self.stop.is_set and self.stop.reason != StopReason.DEADLINE:
            return
        late = self.stop.is_set
        for state in self.board.unsettled:
            spent = state.waits and self.spending.is_held(state.flow.name, self.ends)
            failure = ACCOUNTS_SPENT if spent else why_not_run(self.board, state, self._backend_down, late=late)
            yield self._settled(state, FlowOutcome.INCONCLUSIVE, failure)

    def _settled(self, state: FlowState, outcome: FlowOutcome, failure: Failure | None) -> Event:
        return self._emit(FlowSettled(flow=settled_flow(state, outcome, failure)))
