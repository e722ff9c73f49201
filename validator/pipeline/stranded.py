"""Flows that no device is left for although others run on: told at once, and nobody waits for them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from validator.model.decision import SettledFlow
from validator.model.events import FlowSettled
from validator.model.failure import Failure
from validator.model.flow import FlowOutcome
from validator.pipeline.board import Board, FlowState, apply
from validator.pipeline.judging import settled_flow, why_not_run
from validator.pipeline.sequence import passed_over


def never_run(board: Board, backend_down: Failure | None, *, stopped: bool) -> Iterator[SettledFlow]:
    """Those, unless somebody ended the run; then the flows that are passed over because others did not pass."""
    for flow in () if stopped else stranded(board, backend_down):
        board = apply(board, FlowSettled(flow=flow))
        yield flow
    yield from passed_over(board)


def stranded(board: Board, backend_down: Failure | None) -> Iterator[SettledFlow]:
    """The flows that need what no living device has, nor one that is being started in the place of a lost one."""
    for state in board.unsettled:
        if is_stranded(board, state):
            failure = why_not_run(board, state, backend_down, late=False)
            yield settled_flow(state, FlowOutcome.INCONCLUSIVE, failure)


def is_stranded(board: Board, state: FlowState) -> bool:
    """Whether no device can become free for it. One that cannot be run anyway is told otherwise."""
    asks = bool(state.flow.needs) and bool(board.devices) and not state.flow.problem
    return asks and not state.running_on and not board.hoped_for(state.flow)
