"""What a run concluded is concluded again from its record, byte for byte; whatever was changed shows."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.runs import EVERY_RUN
from tests.pipeline.replaying import replayed
from tests.pipeline.stand_ins import (
    CRASH,
    CRASH_ON_LAST_STEP,
    DEVICE_LOST,
    DRIVER_DEAD,
    HANG,
    PASS,
    REFUSED,
    WRONG_SCREEN,
    Act,
)
from tests.pipeline.test_resuming import RUNS, killed_after, resumed, whole
from tests.pipeline.test_stages import Stage
from validator.demo.build import Variant
from validator.gates.policy import Policy
from validator.model.causes import Cause
from validator.model.decision import Purpose
from validator.model.errors import StageError, UsageError
from validator.model.events import (
    AttemptFinished,
    AttemptStarted,
    Decided,
    Event,
    FailureClassified,
    FlowSettled,
    Record,
    RetryScheduled,
    RunStarted,
)
from validator.model.replay import Replay
from validator.pipeline.replay import replay
from validator.pipeline.run import Validation
from validator.pipeline.terms import recorded_basis
from validator.support.codec import encode


def assert_same(events: list[Event]) -> None:
    again = replayed(events)
    assert encode(again.now) == encode(again.recorded)
    assert again.same, again


ACTS: dict[str, dict[str, list[Act]]] = RUNS | {
    "a crash on the last step": {"a": [CRASH_ON_LAST_STEP], "b": [PASS]},
    "another failure the second time": {"a": [WRONG_SCREEN, CRASH], "b": [PASS]},
    "the only device is lost": {"a": [PASS], "b": [DEVICE_LOST], "c": [PASS]},
    "a crash that nobody can confirm": {"a": [CRASH, DEVICE_LOST], "b": [PASS]},
    "drivers fail one after the other": {name: [DRIVER_DEAD] for name in "abcdef"},
    "a driver fails once": {"a": [DRIVER_DEAD, PASS], "b": [PASS]},
}


@pytest.mark.parametrize("name", ACTS)
def test_a_run_is_concluded_again_byte_for_byte(tmp_path: Path, name: str) -> None:
    assert_same(whole(tmp_path, ACTS[name]))


@pytest.mark.parametrize(
    "changes",
    [
        {"variant": Variant.STAGING},
        {"ready": False},
        {"apk_error": StageError(Cause.APK_MISSING, "there is none")},
        {"no_device": StageError(Cause.NO_DEVICE, "none is attached")},
        {"refuses": StageError(Cause.APK_INCOMPATIBLE, "INSTALL_FAILED_NO_MATCHING_ABIS")},
        {"deployment_error": StageError(Cause.BACKEND_UNAVAILABLE, "no outputs")},
        {"absent": ("gone",)},
        {"purpose": Purpose.ROLLBACK, "absent": ("gone",)},
        {"app_id": "com.example.other"},
    ],
    ids="-".join,
)
def test_so_is_a_run_that_a_stage_ended_or_bent(tmp_path: Path, changes: dict[str, object]) -> None:
    assert_same(whole(tmp_path, {"a": [PASS], "b": [CRASH]}, **changes))


def stopped(folder: Path, acts: dict[str, list[Act]], reason: str) -> list[Event]:
    stage = Stage(folder=folder, acts=acts)

    def stop() -> None:
        assert stage.script.hanging.wait(20)
        stage.stop.set(reason)

    stopper = threading.Thread(target=stop)
    stopper.start()
    events = list(Validation(parts=stage.parts(), stop=stage.stop).events())
    stopper.join()
    return events


@pytest.mark.parametrize("reason", ["interrupted", "terminated", "deadline"])
@pytest.mark.parametrize("acts", [[PASS, HANG, PASS], [CRASH, HANG], [HANG, WRONG_SCREEN]], ids=["b", "c", "a"])
def test_so_is_a_run_that_was_stopped_at_any_moment(tmp_path: Path, reason: str, acts: list[Act]) -> None:
    events = stopped(tmp_path, {name: [act] for name, act in zip("abc", acts, strict=False)}, reason)
    assert_same(events)


@pytest.mark.parametrize("name", RUNS)
def test_so_is_a_run_that_died_and_went_on(tmp_path: Path, name: str) -> None:
    expected = whole(tmp_path / "whole", RUNS[name])
    for count in range(1, len(expected)):
        folder = tmp_path / str(count)
        known = killed_after(folder, RUNS[name], count)
        assert_same([*known, *resumed(folder, RUNS[name], known)])


@given(
    st.dictionaries(
        st.sampled_from("abcd"),
        st.lists(
            st.sampled_from([PASS, WRONG_SCREEN, CRASH, REFUSED, DEVICE_LOST, DRIVER_DEAD]), min_size=1, max_size=3
        ),
        min_size=1,
    )
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_so_is_any_run(tmp_path_factory: pytest.TempPathFactory, acts: dict[str, list[Act]]) -> None:
    assert_same(whole(tmp_path_factory.mktemp("run"), acts))


@given(
    st.dictionaries(
        st.sampled_from("abcd"),
        st.lists(st.sampled_from([PASS, WRONG_SCREEN, CRASH, REFUSED]), min_size=1, max_size=3),
        min_size=2,
    ),
    st.randoms(),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_attempts_of_different_flows_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, acts: dict[str, list[Act]], random: Random
) -> None:
    events = whole(tmp_path_factory.mktemp("run"), acts)
    again = replayed(reordered(events, random))
    assert encode(again.now) == encode(again.recorded)
    assert again.same


def flow_of(event: Event) -> str:
    match event:
        case AttemptStarted() | AttemptFinished() | FailureClassified() | RetryScheduled():
            return event.flow
        case FlowSettled():
            return event.flow.name
        case _:
            return ""


def reordered(events: list[Event], random: Random) -> list[Event]:
    """The same events with attempts of different flows in any order, each attempt with what was concluded from it."""
    attempts: dict[str, list[list[Event]]] = {}
    for event in events:
        if isinstance(event, AttemptStarted):
            attempts.setdefault(event.flow, []).append([])
        if flow_of(event):
            attempts[flow_of(event)][-1].append(event)
    turns = [flow for flow, parts in attempts.items() for _ in parts]
    random.shuffle(turns)
    middle = [event for flow in turns for event in attempts[flow].pop(0)]
    first = next(position for position, event in enumerate(events) if flow_of(event))
    rest = [event for event in events[first:] if not flow_of(event)]
    return [*events[:first], *middle, *rest]


@pytest.mark.parametrize("name", EVERY_RUN)
def test_every_sample_run_of_the_reports_can_be_walked_through(name: str) -> None:
    """They are written by hand, so only what they are made into by one replay comes out the same by another."""
    kept = EVERY_RUN[name]()
    started = kept[0].event
    assert isinstance(started, RunStarted)
    basis = recorded_basis(started, policy=Policy())
    if not any(isinstance(record.event, Decided) for record in kept):
        with pytest.raises(UsageError):
            replay(kept, basis)
        return
    first = replay(kept, basis)
    again = replay(rewritten(kept, first), basis)
    assert encode(again.now) == encode(again.recorded) == encode(first.now)


def rewritten(kept: list[Record], first: Replay) -> list[Record]:
    """The run with everything that was concluded in it as the replay concludes it."""
    flows = {flow.name: flow.now for flow in first.flows}
    judged = {(attempt.flow, attempt.number): attempt.now for attempt in first.attempts}

    def concluded(event: Event) -> Event:
        match event:
            case Decided():
                return Decided(decision=first.now)
            case FlowSettled():
                settled = flows[event.flow.name]
                assert settled is not None
                return FlowSettled(flow=settled)
            case AttemptFinished():
                return replace(event, outcome=judged[event.flow, event.number].outcome)
            case FailureClassified():
                failure = judged[event.flow, event.number].failure
                assert failure is not None
                return replace(event, failure=failure)
            case _:
                return event

    return [replace(record, event=concluded(record.event)) for record in kept]
