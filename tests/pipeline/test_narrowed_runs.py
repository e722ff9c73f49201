"""A run that the command line narrowed is for trying flows: it opens no gate, live, resumed or replayed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pipeline.replaying import journalled, replayed
from tests.pipeline.stand_ins import PASS, WRONG_SCREEN, Act
from tests.pipeline.test_stages import Stage
from validator.flows.workspace import Selection
from validator.model.causes import Cause
from validator.model.decision import Decision, ExitCode, ReasonCode, Verdict
from validator.model.errors import StageError
from validator.model.events import Decided, Event, PlanMade
from validator.pipeline.explain import explain
from validator.pipeline.past import remember
from validator.pipeline.run import Validation
from validator.support.codec import decode, encode


class Narrowed(Stage):
    """A run of `a` alone, where the gate needs `b` too."""

    def select(self) -> Selection:
        return replace(super().select(), left_out=("b",))


def decision_of(events: list[Event]) -> Decision:
    (decided,) = [event for event in events if isinstance(event, Decided)]
    return decided.decision


def test_it_is_undecided_though_every_flow_that_ran_passed(tmp_path: Path) -> None:
    events, decision = Narrowed(tmp_path, {"a": [PASS]}).run()

    assert (decision.verdict, decision.exit_code) == (Verdict.UNDECIDED, ExitCode.MISSING)
    assert [reason.code for reason in decision.reasons] == [ReasonCode.NARROWED]
    (plan,) = [event for event in events if isinstance(event, PlanMade)]
    assert plan.left_out == ("b",)


@pytest.mark.parametrize("acts", [[PASS], [WRONG_SCREEN]])
def test_its_record_comes_to_the_same_decision(tmp_path: Path, acts: list[Act]) -> None:
    events, decision = Narrowed(tmp_path, {"a": acts}).run()

    again = replayed(events)

    assert again.now == decision
    assert again.same


def test_its_record_comes_to_the_same_decision_when_a_stage_failed(tmp_path: Path) -> None:
    stage = Narrowed(tmp_path, {"a": [PASS]}, no_device=StageError(Cause.NO_DEVICE, "nothing is connected"))
    events, decision = stage.run()

    assert {reason.code for reason in decision.reasons} == {ReasonCode.NARROWED, ReasonCode.STAGE_FAILED}
    assert replayed(events).same


def test_a_stage_that_failed_is_no_better_reason_than_flows_that_nobody_ran(tmp_path: Path) -> None:
    """Missing comes before infrastructure: with devices the left-out flows would be missing all the same."""
    broken = StageError(Cause.NO_DEVICE, "nothing is connected")
    _, narrowed = Narrowed(tmp_path / "narrowed", {"a": [PASS]}, no_device=broken).run()
    _, whole = Stage(tmp_path / "whole", {"a": [PASS]}, no_device=broken).run()

    assert (narrowed.exit_code, narrowed.reasons[0].code) == (ExitCode.MISSING, ReasonCode.NARROWED)
    assert (whole.exit_code, whole.reasons[0].code) == (ExitCode.UNDECIDED, ReasonCode.STAGE_FAILED)
    assert {narrowed.verdict, whole.verdict} == {Verdict.UNDECIDED}


def test_it_stays_narrowed_when_it_is_resumed(tmp_path: Path) -> None:
    stage = Narrowed(tmp_path, {"a": [PASS]})
    events, _ = stage.run()
    planned = next(number for number, event in enumerate(events, 1) if isinstance(event, PlanMade))
    past = remember(record.event for record in journalled(events[:planned]))

    again = list(Validation(parts=stage.parts(), stop=stage.stop, past=past).events())

    assert [reason.code for reason in decision_of(again).reasons] == [ReasonCode.NARROWED]


def test_a_plan_of_an_older_version_left_nothing_out(tmp_path: Path) -> None:
    events, _ = Stage(tmp_path, {"a": [PASS]}).run()
    plan = next(event for event in events if isinstance(event, PlanMade))
    old = json.loads(encode(plan))
    del old["left_out"]
    for flow in old["flows"]:
        del flow["uses"]

    read = decode(PlanMade, json.dumps(old).encode())

    assert read == plan


def test_it_is_explained_by_what_was_left_out(tmp_path: Path) -> None:
    events, _ = Narrowed(tmp_path, {"a": [PASS]}).run()

    assert any("b" in note and "left out" in note for note in explain(journalled(events)).notes)
