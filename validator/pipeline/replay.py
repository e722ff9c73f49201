"""A run's causes, outcomes and decision derived again from its record: offline, and byte for byte. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from validator.gates.decide import decide
from validator.model.decision import Decision, ExitCode, ReasonCode
from validator.model.errors import UsageError
from validator.model.events import (
    AttemptFinished,
    Decided,
    Event,
    FailureClassified,
    FlowSettled,
    Record,
    RunFinished,
    RunResumed,
    RunStarted,
    StopReason,
)
from validator.model.replay import Judged, Replay, ReplayedAttempt, ReplayedFlow
from validator.pipeline.terms import Basis
from validator.pipeline.walk import Walk, Walked


def replay(records: Sequence[Record], basis: Basis) -> Replay:
    """Derive everything again that was concluded in a run that has decided.

    Args:
        records: The run's records, in order.
        basis: Rules and policy; with those that the run was judged by, everything comes out as it was recorded.

    Raises:
        UsageError: The run has no decision that could be derived again.
    """
    events = [record.event for record in records]
    recorded = decision_of(events)
    if recorded is None:
        remedy = "go on with it: `validator run --resume RUN`; or look at it: `validator explain RUN`"
        raise UsageError("nothing was decided in this run", where=records[0].run if records else "", remedy=remedy)
    walk = walk_through(events, basis)
    moment = datetime.fromisoformat(recorded.decided_at)
    now = decide(walk.facts(), basis.policy, purpose=started_of(events).purpose, now=moment)
    return Replay(
        run=records[0].run,
        attempts=tuple(_attempts(events, walk.attempts)),
        flows=tuple(_flows(events, now)),
        recorded=recorded,
        now=now,
        notes=basis.notes,
    )


def walk_through(events: Sequence[Event], basis: Basis) -> Walk:
    """Take all events of a run, but for those after its decision."""
    walk = Walk(basis=basis, stop=stop_of(events))
    for event in events:
        if isinstance(event, Decided):
            break
        walk.take(event)
    return walk


def started_of(events: Sequence[Event]) -> RunStarted:
    """How the run began.

    Raises:
        UsageError: The record does not begin at the beginning.
    """
    if events and isinstance(events[0], RunStarted):
        return events[0]
    raise UsageError("the record does not begin with the run's beginning", remedy="the record was changed")


def decision_of(events: Sequence[Event]) -> Decision | None:
    """What was decided; None when the run ended before that."""
    return next((event.decision for event in events if isinstance(event, Decided)), None)


def stop_of(events: Sequence[Event]) -> StopReason:
    """Why the part of the run ended that came to the decision.

    The last event says so, unless the process died after the decision and another one wrote it.
    """
    decision = decision_of(events)
    if decision is None:
        ended = [event.stop for event in events if isinstance(event, RunFinished)]
        return ended[-1] if ended else StopReason.COMPLETED
    for event in events[events.index(Decided(decision=decision)) :]:
        if isinstance(event, RunResumed):
            break
        if isinstance(event, RunFinished):
            return event.stop
    signalled = {ExitCode.INTERRUPTED: StopReason.INTERRUPTED, ExitCode.TERMINATED: StopReason.TERMINATED}
    late = any(reason.code is ReasonCode.INTERRUPTED for reason in decision.reasons)
    return signalled.get(decision.exit_code, StopReason.DEADLINE if late else StopReason.COMPLETED)


def _attempts(events: Sequence[Event], walked: Sequence[Walked]) -> list[ReplayedAttempt]:
    failures = {(event.flow, event.number): event.failure for event in events if isinstance(event, FailureClassified)}
    outcomes = {(event.flow, event.number): event.outcome for event in events if isinstance(event, AttemptFinished)}
    return [
        ReplayedAttempt(
            flow=each.flow,
            number=each.number,
            recorded=Judged(outcome=outcomes[each.flow, each.number], failure=failures.get((each.flow, each.number))),
            now=Judged(outcome=each.found.outcome, failure=each.found.failure),
            made=each.made,
        )
        for each in walked
    ]


def _flows(events: Sequence[Event], now: Decision) -> list[ReplayedFlow]:
    recorded = {event.flow.name: event.flow for event in events if isinstance(event, FlowSettled)}
    current = {flow.name: flow for flow in now.flows}
    return [
        ReplayedFlow(name=name, recorded=recorded.get(name), now=current.get(name))
        for name in dict.fromkeys((*current, *recorded))
    ]
