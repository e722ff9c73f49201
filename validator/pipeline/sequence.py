"""The order that a workspace demands of its flows, held while they run. Pure.

Maestro runs the flows of `executionOrder` one after the other and the others behind them. Where `continueOnFailure` is
false it leaves those out that follow a failure, and its report does not mention them. Here they are missing: what was
expected and did not run is no pass.
"""

from __future__ import annotations

from collections.abc import Iterator

from validator.model.decision import SettledFlow
from validator.model.events import FlowSettled
from validator.model.flow import FlowOutcome
from validator.pipeline.board import Board, FlowState, apply


def has_turn(board: Board, state: FlowState) -> bool:
    """Whether the flow before this one has its outcome; a flow that this run does not know holds nobody up."""
    before = _before(board, state)
    return before is None or before.settled is not None


def passed_over(board: Board) -> Iterator[SettledFlow]:
    """The flows that never run, because the one before them did not pass; those behind these, too."""
    for state in board.unsettled:  # in the order of the plan, in which each stands behind the one before it
        before = _before(board, state)
        if state.flow.after_pass and not state.running_on and before is not None and _has_failed(before):
            settled = _missing(state)
            board = apply(board, FlowSettled(flow=settled))
            yield settled


def _before(board: Board, state: FlowState) -> FlowState | None:
    return (
        next((each for each in board.flows if each.flow.name == state.flow.after), None) if state.flow.after else None
    )


def _has_failed(before: FlowState) -> bool:
    passed = (FlowOutcome.PASSED, FlowOutcome.FLAKY)
    return before.settled is not None and before.settled.outcome not in passed


def _missing(state: FlowState) -> SettledFlow:
    why = f"It did not run, because {state.flow.after} did not pass and `continueOnFailure` is false."
    return SettledFlow(
        name=state.flow.name,
        required=state.flow.required,
        outcome=FlowOutcome.MISSING,
        cause=None,
        attempts=len(state.tried),
        why=why,
    )
