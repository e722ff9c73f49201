"""A walk along a run's record concludes that a flow has to run again at the moment at which the run did."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.pipeline.stand_ins import CRASH, DEVICE_LOST, PASS, WRONG_SCREEN, ScriptedDevice
from tests.pipeline.test_replaced_devices import SPARES, lossy
from tests.pipeline.test_stages import Stage
from validator.model.errors import StageError
from validator.model.events import Event, RetryScheduled, RunStarted, StopReason
from validator.pipeline.board import Board, apply
from validator.pipeline.run import Validation
from validator.pipeline.terms import recorded_basis
from validator.pipeline.walk import Walk


@pytest.mark.parametrize("spares", [SPARES[:1] + SPARES[2:], SPARES, SPARES[2:]])
def test_what_is_to_run_again_is_concluded_at_the_moment_at_which_it_was_told(
    tmp_path: Path, spares: Sequence[ScriptedDevice | StageError]
):
    acts = {"a": [DEVICE_LOST], "b": [CRASH, DEVICE_LOST, PASS], "c": [WRONG_SCREEN]}
    assert retries_walked(lossy(tmp_path, acts, spares))


def test_what_no_device_is_left_for_is_not_to_run_again_when_it_is_walked_either(tmp_path: Path):
    stage = Stage(folder=tmp_path, acts={"a": [CRASH], "b": [DEVICE_LOST]})
    events = list(Validation(parts=stage.parts(), stop=stage.stop).events())
    assert [event.flow for event in events if isinstance(event, RetryScheduled)] == ["a"]
    assert retries_walked(events)


def retries_walked(events: Sequence[Event]) -> bool:
    """Whether a walk along the record has, after each event, the same flows waiting to run again."""
    started = events[0]
    assert isinstance(started, RunStarted)
    walk, board = Walk(basis=recorded_basis(started), stop=StopReason.COMPLETED), Board()
    for event in events:
        walk.take(event)
        board = apply(board, event)
        names = [state.flow.name for state in board.unsettled]
        if [walk.board.state(name).retry for name in names] != [board.state(name).retry for name in names]:
            return False
    return True
