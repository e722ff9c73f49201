"""Between the plan and an attempt the team's files may change; what then would run is not what was planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.conftest import Loop
from tests.pipeline.stand_ins import PASS
from validator.flows.workspace import discover
from validator.model.events import AttemptFinished
from validator.model.flow import Flow
from validator.pipeline.board import FlowState

FLOW = "appId: com.example.shop\n---\n- runFlow: sub/login.yaml\n"
LOGIN = "appId: com.example.shop\n---\n- launchApp\n"


@pytest.fixture
def planned(tmp_path: Path) -> Flow:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.yaml").write_text(FLOW, encoding="utf-8")
    (tmp_path / "sub" / "login.yaml").write_text(LOGIN, encoding="utf-8")
    (flow,) = discover(tmp_path).flows
    return flow


def run(folder: Path, flow: Flow) -> Loop:
    loop = Loop(folder, {"a": [PASS]}, 1)
    board = loop.loop.board
    loop.loop.board = type(board)(flows=(FlowState(flow=flow),), alive=board.alive)
    return loop.run()


def test_a_flow_whose_files_are_as_planned_is_run(tmp_path: Path, planned: Flow) -> None:
    assert run(tmp_path, planned).outcomes == {"a": "passed"}


@pytest.mark.parametrize("file", ["a.yaml", "sub/login.yaml"])
@pytest.mark.parametrize("text", ["appId: com.example.shop\n---\n- back\n", "- [", ""])
def test_a_flow_whose_files_changed_is_not_measured(tmp_path: Path, planned: Flow, file: str, text: str) -> None:
    (tmp_path / file).write_text(text, encoding="utf-8")

    done = run(tmp_path, planned)

    assert (done.outcomes, done.causes) == ({"a": "inconclusive"}, {"a": "flow_invalid"})
    assert done.script.attempts == [], "nothing was run"
    (ended,) = [event for event in done.events if isinstance(event, AttemptFinished)]
    assert ended.evidence.runner.problem.startswith("the flow cannot be measured: a.yaml")
    assert "has changed since it was planned" in ended.evidence.runner.problem


def test_a_workspace_that_is_gone_is_no_crash_of_ours(tmp_path: Path, planned: Flow) -> None:
    (tmp_path / "a.yaml").unlink()

    assert run(tmp_path, planned).causes == {"a": "flow_invalid"}
