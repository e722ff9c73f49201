"""Why a run came to what it came to, told from its record. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from validator.failures.classify import matches
from validator.failures.settle import Again, Settled
from validator.gates.policy import Policy
from validator.model.events import (
    AttemptFinished,
    AttemptStarted,
    Event,
    FailureClassified,
    FlowSettled,
    Record,
)
from validator.model.explanation import ExplainedAttempt, ExplainedFlow, Explanation
from validator.pipeline.alternatives import Trials, for_flow, for_run
from validator.pipeline.board import FlowState
from validator.pipeline.closing import absent_flow
from validator.pipeline.replay import decision_of, started_of, walk_through
from validator.pipeline.seen import seen
from validator.pipeline.terms import Basis, recorded_basis
from validator.pipeline.walk import Walk, Walked

_MOST_OUTWEIGHED = 8


def explain(records: Sequence[Record]) -> Explanation:
    """Explain a run, also one that has not decided.

    Args:
        records: The run's records, in order.

    Raises:
        UsageError: The record is broken.
    """
    events = [record.event for record in records]
    started, decision = started_of(events), decision_of(events)
    known = started.terms is not None or started.policy == Policy().ref
    basis = recorded_basis(started, policy=None if known else Policy())
    walk = walk_through(events, basis)
    facts = walk.facts()
    moment = datetime.fromisoformat(decision.decided_at if decision is not None else records[0].at)
    decided = known and decision is not None
    trials = Trials(facts=facts, basis=basis, purpose=started.purpose, moment=moment, decided=decided)
    told = _Told(events, walk, trials)
    most = max((each.consecutive_infrastructure for each in walk.attempts), default=0)
    return Explanation(
        run=records[0].run,
        environment=started.environment,
        verdict=decision.verdict if decision is not None else None,
        flows=told.flows(),
        otherwise=for_run(trials, most),
        notes=(*_notes(basis, known=known), *_left_out(facts.left_out)),
        decided_by=next((reason.message for reason in decision.reasons), "") if decision is not None else "",
    )


def _notes(basis: Basis, *, known: bool) -> Sequence[str]:
    unknown = "the record does not hold the policy, so what another outcome would have done to the gate is left out"
    return basis.notes if known else (*basis.notes, unknown)


def _left_out(names: Sequence[str]) -> Sequence[str]:
    words = "required flows were left out by the command line, so the gate stays closed"
    return (f"{words}: {', '.join(names)}",) if names else ()


class _Told:
    """The events of a run by what they are about."""

    def __init__(self, events: Sequence[Event], walk: Walk, trials: Trials) -> None:
        self._walk, self._trials = walk, trials
        self._starts = [event for event in events if isinstance(event, AttemptStarted)]
        self._ends = {(e.flow, e.number): e for e in events if isinstance(e, AttemptFinished)}
        self._failures = {(e.flow, e.number): e.failure for e in events if isinstance(e, FailureClassified)}
        self._settled = {e.flow.name: e.flow for e in events if isinstance(e, FlowSettled)}
        self._walked = {(each.flow, each.number): each for each in walk.attempts}

    def flows(self) -> tuple[ExplainedFlow, ...]:
        planned = tuple(self._flow(state) for state in self._walk.board.flows)
        return (*planned, *(self._absent(name) for name in self._walk.board.absent))

    def _flow(self, state: FlowState) -> ExplainedFlow:
        name = state.flow.name
        starts = [start for start in self._starts if start.flow == name]
        numbers = [each.number for each in self._walk.attempts if each.flow == name and each.made]
        return ExplainedFlow(
            name=name,
            required=state.flow.required,
            settled=self._settled.get(name),
            attempts=tuple(self._attempt(start) for start in starts),
            otherwise=for_flow(self._trials, state, numbers),
        )

    def _absent(self, name: str) -> ExplainedFlow:
        return ExplainedFlow(name=name, required=True, settled=absent_flow(name), attempts=(), otherwise=())

    def _attempt(self, start: AttemptStarted) -> ExplainedAttempt:
        key = (start.flow, start.number)
        end, failure = self._ends.get(key), self._failures.get(key)
        found = tuple(matches(end.evidence, self._walk.basis.rules)) if end is not None else ()
        spoke = failure.rule if failure is not None else ""
        return ExplainedAttempt(
            number=start.number,
            serial=start.serial,
            purpose=start.purpose,
            seconds=end.seconds if end is not None else 0.0,
            outcome=end.outcome if end is not None else None,
            folder=start.folder,
            seen=seen(end.evidence) if end is not None else (),
            failure=failure,
            outweighed=tuple(other for other in found if other.rule != spoke)[:_MOST_OUTWEIGHED],
            followed=_followed(self._walked.get(key)),
        )


def _followed(walked: Walked | None) -> str:
    match walked.step if walked is not None else None:
        case Settled(outcome=outcome):
            return f"the flow is {outcome}"
        case Again(reason=reason):
            return reason
        case None:
            return "nothing: the run ended"
