"""The flows of a run that wait for a device, most urgent first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from validator.farm.order import in_order
from validator.farm.plan import Waiting
from validator.model.timing import Work
from validator.pipeline.board import Board, FlowState
from validator.pipeline.judging import is_held_back
from validator.pipeline.sequence import has_turn


@dataclass(slots=True)
class Queue:
    """Remembers the order, which changes with the devices alone."""

    _alive: frozenset[str] | None = None
    _rank: Mapping[str, int] = field(default_factory=dict)

    def waiting(self, board: Board, not_before: Mapping[str, float]) -> list[Waiting]:
        """Those that have to run and are not running; what runs again comes after what never ran.

        Args:
            board: Where everything stands.
            not_before: Flow -> the moment, on the monotonic clock, before which it must not start.
        """
        if board.alive != self._alive:
            self._alive, self._rank = board.alive, _ranks(board)
        states = [state for state in board.flows if state.waits and has_turn(board, state)]
        states.sort(key=lambda state: (state.retry is not None, self._rank[state.flow.name]))
        return [_waiting(board, state, not_before.get(state.flow.name, 0.0)) for state in states]


def _waiting(board: Board, state: FlowState, not_before: float) -> Waiting:
    return Waiting(
        flow=state.flow.name,
        avoid=state.tried[-1].serial if state.tried and not is_held_back(state) else "",
        not_before=not_before,
        fits=board.fitting(state.flow) if state.flow.needs else None,
    )


def _ranks(board: Board) -> dict[str, int]:
    """Flow -> its place among those that are still to be settled. Older records do not say how long flows take."""
    known = {work.flow: work for work in board.works}
    flows = [state.flow for state in board.unsettled]
    works = [known.get(flow.name, Work(flow=flow.name, seconds=0.0)) for flow in flows]
    fits = {flow.name: board.fitting(flow) for flow in flows if flow.needs}
    return {name: place for place, name in enumerate(in_order(works, board.alive, fits))}
