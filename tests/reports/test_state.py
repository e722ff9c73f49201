from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from tests.fakes.builders import OTHER, PIXEL, opening, records, settled
from tests.fakes.runs import BLOCKED, approved, blocked, interrupted, resumed, undecided
from validator.model.attempt import AttemptOutcome
from validator.model.causes import Cause
from validator.model.events import AlertFailed, Event, FlowSettled, Record, Warned
from validator.model.flow import FlowOutcome
from validator.reports.state import RunState, apply, fold


def test_a_run_is_known_by_its_events() -> None:
    state = fold(blocked())
    assert (state.run, state.environment) == ("20261121-032654-k3x9", "production")
    assert state.apk is not None
    assert [flow.name for flow in state.flows] == [
        "Sign in",
        "Search the catalogue",
        "Checkout",
        "Profile",
        "Gift cards",
    ]
    assert state.decision == BLOCKED
    assert [device.lost for device in state.devices] == ["adb says offline", ""]


def test_attempts_stand_under_their_flow_in_order_with_what_is_known_of_them() -> None:
    checkout = fold(blocked()).flows[2]
    assert [(attempt.number, attempt.serial, attempt.purpose) for attempt in checkout.attempts] == [
        (1, PIXEL.serial, "first"),
        (2, OTHER.serial, "confirm"),
    ]
    assert [attempt.failure.cause for attempt in checkout.attempts if attempt.failure] == [Cause.APP_CRASH] * 2
    assert checkout.seconds == 81.0
    assert [file.kind for file in checkout.attempts[0].screenshots] == ["screenshot"]
    assert checkout.retries[0].purpose == "confirm"


def test_the_decision_settles_what_never_ran() -> None:
    before = fold(record for record in blocked() if record.event.type != "Decided").flows[-1]
    after = fold(blocked()).flows[-1]
    assert before.settled is None
    assert after.settled is not None
    assert after.settled.outcome is FlowOutcome.MISSING


def test_an_attempt_under_which_the_run_ended_has_no_outcome() -> None:
    search = fold(interrupted()).flows[1]
    assert search.attempts[0].outcome is None
    assert search.settled is None


def test_a_record_that_comes_twice_changes_nothing(every_run: Sequence[Record]) -> None:
    state = RunState()
    for record in every_run:
        state = apply(state, record)
        assert apply(state, record) == state
    assert fold([*every_run, *every_run]) == state


def test_a_flow_that_no_plan_named_is_not_lost() -> None:
    stray = FlowSettled(flow=settled("Stray", FlowOutcome.PASSED))
    assert [flow.name for flow in fold(records([(0.0, stray)])).flows] == ["Stray"]


def test_a_device_that_comes_back_stands_there_once() -> None:
    devices = fold(records([*opening((PIXEL,)), *opening((PIXEL,))[-1:]])).devices
    assert [device.info.serial for device in devices] == [PIXEL.serial]


def test_warnings_and_alerts_are_kept() -> None:
    assert fold(records([(0.0, Warned(message="a")), (0.1, Warned(message="b"))])).warnings == ("a", "b")
    assert isinstance(fold(undecided()).alerts[0], AlertFailed)


def test_a_passed_attempt_is_one() -> None:
    assert {attempt.outcome for attempt in fold(approved()).attempts} == {AttemptOutcome.PASSED}


def test_the_sample_runs_have_every_kind_of_event() -> None:
    seen = {type(record.event) for make in (approved, blocked, undecided, interrupted, resumed) for record in make()}
    assert {kind.__name__ for kind in set(get_args(Event)) - seen} <= {
        "StageFailed",
        "DeploymentChanged",
        "ParityCompared",
        "TrafficAccounted",
    }
