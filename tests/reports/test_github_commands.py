"""What GitHub Actions is told on a step's output, and in the outputs that later steps read."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.builders import records
from tests.fakes.runs import approved, blocked, undecided
from validator.model.events import RunFinished, StopReason
from validator.reports.github import GitHubActions, command, error_lines, outputs
from validator.reports.state import RunState, fold


def values(state: RunState) -> dict[str, str]:
    return dict(line.split("=", 1) for line in outputs(state).splitlines())


@pytest.mark.parametrize(
    ("made", "validation", "block"),
    [(approved, "passed", "false"), (blocked, "failed", "true"), (undecided, "undecided", "true")],
)
def test_later_steps_read_what_came_of_it(made, validation, block):
    told = values(fold(made()))
    assert (told["PRODUCTION_VALIDATION"], told["BLOCK_DEPLOYMENT"]) == (validation, block)


def test_a_run_that_ran_out_of_time_says_timeout():
    (ended,) = records([(0, RunFinished(stop=StopReason.DEADLINE, seconds=1.0))])
    state = fold([*undecided()[:-1], replace(ended, seq=len(undecided()) - 1)])
    assert values(state)["PRODUCTION_VALIDATION"] == "timeout"
    assert values(state)["BLOCK_DEPLOYMENT"] == "true"


def test_a_run_without_a_decision_blocks():
    assert values(RunState())["BLOCK_DEPLOYMENT"] == "true"
    assert list(error_lines(RunState())) == [
        "::error title=production validation::there is no decision: the gate is closed"
    ]


def test_a_closed_gate_is_an_error_line_and_each_flow_another():
    said = io.StringIO()
    actions = GitHubActions(summary=None, output=None, commands=said)
    for record in blocked():
        actions.handle(record)
    actions.close()
    first, *flows = said.getvalue().splitlines()
    assert first.startswith("::error title=production validation%3A blocked::product failures (1) > limit (0)")
    assert flows
    assert all(line.startswith("::error title=") for line in flows)
    assert len(flows) <= 9


def test_an_open_gate_says_nothing():
    assert list(error_lines(fold(approved()))) == []


@given(st.text(), st.text())
def test_no_text_begins_a_command_of_its_own_or_ends_the_title(title: str, message: str):
    line = command(title, message)
    assert "\n" not in line
    assert "\r" not in line
    shown, _, data = line.removeprefix("::error title=").partition("::")
    assert ":" not in shown
    assert "," not in shown
    unescaped = data.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
    assert unescaped == message
