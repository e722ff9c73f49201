"""Where every flow and device of a run stands: a fold of the run's events. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from validator.failures.settle import Tried
from validator.failures.throttling import asked_wait
from validator.farm.needs import fits
from validator.model.causes import Family
from validator.model.decision import SettledFlow
from validator.model.device import DeviceInfo
from validator.model.events import (
    AttemptFinished,
    AttemptStarted,
    DeviceLeased,
    DeviceLost,
    Event,
    FailureClassified,
    FlowSettled,
    PlanMade,
    RetryScheduled,
    RunResumed,
)
from validator.model.failure import Failure
from validator.model.flow import Flow
from validator.model.timing import Baseline, Timing, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowState:
    """One expected flow: what was tried, and what is going on."""

    flow: Flow
    tried: tuple[Tried, ...] = ()
    started: int = 0
    """How many attempts were begun; the next one has this number plus one."""
    running_on: str = ""
    seconds: float = 0.0
    """What its latest attempt took, if that passed."""
    retry: RetryScheduled | None = None
    settled: SettledFlow | None = None

    @property
    def waits(self) -> bool:
        """Whether it has to run and is not running."""
        return self.settled is None and not self.running_on and (not self.tried or self.retry is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All flows and devices of a run."""

    flows: tuple[FlowState, ...] = ()
    absent: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    works: tuple[Work, ...] = ()
    devices: tuple[DeviceInfo, ...] = ()
    """All that were ever made ready, lost ones too, as they were last."""
    alive: frozenset[str] = frozenset()
    coming: frozenset[str] = frozenset()
    """Lost devices in whose place others are being started."""
    consecutive_infrastructure: int = 0
    last_infrastructure: Failure | None = None

    def state(self, name: str) -> FlowState:
        """One flow's state."""
        return next(state for state in self.flows if state.flow.name == name)

    def fitting(self, flow: Flow) -> frozenset[str]:
        """The living devices that the flow may run on."""
        return self._that_fit(flow, self.alive)

    def hoped_for(self, flow: Flow) -> frozenset[str]:
        """Those, and the lost ones in whose place others are being started."""
        return self._that_fit(flow, self.alive | self.coming)

    def _that_fit(self, flow: Flow, serials: frozenset[str]) -> frozenset[str]:
        if not flow.needs:
            return serials
        return frozenset(each.serial for each in self.devices if each.serial in serials and fits(flow.needs, each))

    @property
    def busy(self) -> frozenset[str]:
        """The devices on which a flow is running."""
        return frozenset(state.running_on for state in self.flows if state.running_on)

    @property
    def unsettled(self) -> tuple[FlowState, ...]:
        """The flows without an outcome."""
        return tuple(state for state in self.flows if state.settled is None)

    @property
    def settled(self) -> tuple[SettledFlow, ...]:
        """The outcomes so far, in the order of the plan."""
        return tuple(state.settled for state in self.flows if state.settled is not None)

    @property
    def timings(self) -> tuple[Timing, ...]:
        """What the flows took that passed."""
        usual = {baseline.flow: baseline for baseline in self.baselines}
        return tuple(
            Timing(flow=state.flow.name, seconds=state.seconds, baseline=usual.get(state.flow.name))
            for state in self.flows
            if state.seconds
        )


def apply(board: Board, event: Event) -> Board:
    """The board after the event. Events that concern neither flows nor devices change nothing."""
    match event:
        case PlanMade():
            flows = tuple(FlowState(flow=flow) for flow in event.flows)
            board = replace(board, flows=flows, absent=event.absent, left_out=event.left_out)
            return replace(board, baselines=event.baselines, works=event.works)
        case RunResumed():
            idle = tuple(replace(state, running_on="") for state in board.flows)
            return replace(board, flows=idle, alive=frozenset(), coming=frozenset())
        case DeviceLeased():
            serial = event.device.serial
            others = tuple(device for device in board.devices if device.serial != serial)
            alive, coming = board.alive | {serial}, board.coming - {event.replaces}
            return replace(board, alive=alive, coming=coming, devices=(*others, event.device))
        case DeviceLost():
            if event.serial in board.coming and not event.replacing:
                return replace(board, coming=board.coming - {event.serial})  # its serial may be another one's by now
            coming = board.coming | {event.serial} if event.replacing else board.coming
            return replace(board, alive=board.alive - {event.serial}, coming=coming)
        case FailureClassified():
            return _classified(board, event)
        case _:
            return _flow_event(board, event)


def _flow_event(board: Board, event: Event) -> Board:
    match event:
        case AttemptStarted():
            state = board.state(event.flow)
            return _put(board, replace(state, started=event.number, running_on=event.serial, retry=None))
        case AttemptFinished():
            state = board.state(event.flow)
            asked = asked_wait(event.evidence)
            tried = Tried(outcome=event.outcome, failure=None, serial=event.serial, asked_wait=asked)
            board = replace(board, consecutive_infrastructure=0, last_infrastructure=None) if event.passed else board
            seconds = event.seconds if event.passed else 0.0
            return _put(board, replace(state, tried=(*state.tried, tried), running_on="", seconds=seconds))
        case RetryScheduled():
            return _put(board, replace(board.state(event.flow), retry=event))
        case FlowSettled():
            return _put(board, replace(board.state(event.flow.name), settled=event.flow, retry=None))
        case _:
            return board


def _classified(board: Board, event: FailureClassified) -> Board:
    state = board.state(event.flow)
    tried = (*state.tried[:-1], replace(state.tried[-1], failure=event.failure))
    infrastructure = event.failure.cause.family is Family.INFRASTRUCTURE
    board = replace(
        board,
        consecutive_infrastructure=board.consecutive_infrastructure + 1 if infrastructure else 0,
        last_infrastructure=event.failure if infrastructure else None,
    )
    return _put(board, replace(state, tried=tried))


def _put(board: Board, state: FlowState) -> Board:
    flows = tuple(state if old.flow.name == state.flow.name else old for old in board.flows)
    return replace(board, flows=flows)
