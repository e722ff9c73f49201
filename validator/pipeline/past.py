"""What a run had recorded before its process died: a fold of its records, from which it goes on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

from validator.model.build import Apk
from validator.model.decision import Decision, StageFailure
from validator.model.deployment import Deployment
from validator.model.events import (
    AlertSent,
    AttemptFinished,
    BuildReady,
    Decided,
    Event,
    FlowSettled,
    PlanMade,
    RunFinished,
    RunStarted,
    StageFailed,
)
from validator.model.observed import DeploymentChanged, DeploymentObserved, ParityCompared
from validator.model.parity import Parity
from validator.model.traffic import TrafficAccounted
from validator.pipeline.board import Board, apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Everything that need not be done, or must not be decided, a second time. Empty for a new run."""

    board: Board = field(default_factory=Board)
    started: RunStarted | None = None
    deployment: Deployment | None = None
    changes: tuple[str, ...] = ()
    """How the deployment had changed after the flows."""
    parity: Parity | None = None
    plan: PlanMade | None = None
    build: BuildReady | None = None
    stage: StageFailure | None = None
    ended: Mapping[str, AttemptFinished] = field(default_factory=dict)
    """Flow -> its latest attempt."""
    settled: frozenset[str] = frozenset()
    """Flows whose outcome is recorded, absent ones too."""
    traffic: TrafficAccounted | None = None
    decision: Decision | None = None
    told: frozenset[str] = frozenset()
    """Channels that took the alert."""
    finished: bool = False

    @property
    def apk(self) -> Apk | None:
        """The APK under test."""
        return self.build.apk if self.build is not None else None

    @property
    def interrupted(self) -> tuple[str, ...]:
        """Flows that were running when the process died."""
        return tuple(state.flow.name for state in self.board.flows if state.running_on)


def remember(events: Iterable[Event]) -> Past:
    """The past that these events make."""
    return reduce(_after, events, Past())


def _after(past: Past, event: Event) -> Past:
    past = replace(past, board=apply(past.board, event))
    match event:
        case RunStarted():
            return replace(past, started=event)
        case DeploymentObserved():
            return replace(past, deployment=event.deployment)
        case DeploymentChanged():
            return replace(past, changes=event.changes)
        case ParityCompared():
            return replace(past, parity=event.parity)
        case PlanMade():
            return replace(past, plan=event)
        case BuildReady():
            return replace(past, build=event)
        case StageFailed():
            return replace(past, stage=event.failure)
        case _:
            return _after_result(past, event)


def _after_result(past: Past, event: Event) -> Past:
    match event:
        case AttemptFinished():
            return replace(past, ended={**past.ended, event.flow: event})
        case FlowSettled():
            return replace(past, settled=past.settled | {event.flow.name})
        case TrafficAccounted():
            return replace(past, traffic=event)
        case Decided():
            return replace(past, decision=event.decision)
        case AlertSent():
            return replace(past, told=past.told | {event.channel})
        case RunFinished():
            return replace(past, finished=True)
        case _:
            return past
