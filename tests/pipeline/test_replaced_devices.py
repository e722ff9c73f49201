"""A device that was lost is replaced while the others go on; flows wait for the new one, but never for ever."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from tests.pipeline.conftest import plan
from tests.pipeline.replaying import replayed
from tests.pipeline.stand_ins import CRASH, DEVICE_LOST, PASS, WRONG_SCREEN, Act, ScriptedDevice, ScriptedRunner
from tests.pipeline.test_resuming import resumed
from tests.pipeline.test_stages import Stage
from validator.model.causes import Cause
from validator.model.errors import RetryableError, StageError
from validator.model.events import (
    AttemptStarted,
    Decided,
    DeviceLeased,
    DeviceLost,
    Event,
    RunFinished,
    RunResumed,
    StageFailed,
)
from validator.model.flow import Flow
from validator.pipeline.board import Board, apply
from validator.pipeline.parts import Parts
from validator.pipeline.run import Validation
from validator.support.codec import encode
from validator.support.stop import Stop

UNHEALTHY = StageError(Cause.DEVICE_UNHEALTHY, "12 MB free on /data", where="device-1")
NONE_LEFT = StageError(Cause.NO_DEVICE, "not booted within 30 s", where="emulator-5556")


class Spare:
    """What replaces a device: another one, or the reason why there is none."""

    def __init__(self, *results: ScriptedDevice | StageError) -> None:
        self.results = list(results)
        self.asked = threading.Event()
        self.stops: list[Stop] = []

    def __call__(self, stop: Stop) -> ScriptedDevice:
        self.asked.set()
        self.stops.append(stop)
        result = self.results.pop(0)
        if isinstance(result, StageError):
            raise result
        return result


def test_flows_wait_for_the_device_that_replaces_the_only_one(loop):
    done = loop({"a": [DEVICE_LOST, PASS], "b": [PASS]})
    done.devices["device-1"].renew = Spare(ScriptedDevice("spare"))
    done.run()
    assert done.outcomes == {"a": "passed", "b": "passed"}
    (lost,), (leased,) = done.all(DeviceLost), done.all(DeviceLeased)
    assert (lost.serial, lost.replacing) == ("device-1", True)
    assert (leased.device.serial, leased.replaces) == ("spare", "device-1")
    assert [serial for _, serial in done.script.attempts] == ["device-1", "spare", "spare"]


def test_a_device_that_cannot_be_replaced_says_why_and_its_flows_are_inconclusive(loop):
    done = loop({"a": [DEVICE_LOST], "b": [PASS]})
    done.devices["device-1"].renew = Spare(NONE_LEFT)
    done.run()
    assert done.outcomes == {"a": "inconclusive", "b": "inconclusive"}
    assert done.causes == {"a": "device_lost", "b": "no_device"}
    first, second = done.all(DeviceLost)
    assert (first.replacing, second.replacing) == (True, False)
    assert "not booted within 30 s" in second.reason


def test_one_that_refuses_the_app_replaces_nothing(loop):
    refusal = StageError(Cause.DEVICE_UNHEALTHY, "INSTALL_FAILED_INSUFFICIENT_STORAGE")
    done = loop({"a": [DEVICE_LOST]})
    done.devices["device-1"].renew = Spare(ScriptedDevice("spare", refuses=refusal))
    done.run()
    assert done.outcomes == {"a": "inconclusive"}
    assert "INSUFFICIENT_STORAGE" in done.all(DeviceLost)[-1].reason


def test_one_that_dies_before_the_app_is_on_it_is_replaced_in_its_turn(loop):
    done = loop({"a": [DEVICE_LOST, PASS]})
    dies = ScriptedDevice("dies", refuses=StageError(Cause.DEVICE_LOST, "device offline"))
    dies.renew = Spare(ScriptedDevice("spare"))
    done.devices["device-1"].renew = Spare(dies)
    done.run()
    assert done.outcomes == {"a": "passed"}
    (leased,) = done.all(DeviceLeased)
    assert (leased.device.serial, leased.replaces) == ("spare", "device-1")


def test_a_sick_device_is_replaced_where_that_can_be_and_kept_where_not(loop):
    replaced = loop({"a": [PASS]})
    replaced.devices["device-1"].unprepared = [UNHEALTHY]
    replaced.devices["device-1"].renew = Spare(ScriptedDevice("spare"))
    assert replaced.run().outcomes == {"a": "passed"}
    assert [event.serial for event in replaced.all(AttemptStarted)] == ["device-1", "spare"]
    kept = loop({"a": [PASS]})
    kept.devices["device-1"].unprepared = [UNHEALTHY]
    assert kept.run().outcomes == {"a": "passed"}
    assert [event.serial for event in kept.all(AttemptStarted)] == ["device-1", "device-1"]


def test_a_device_that_is_no_longer_needed_is_not_waited_for(loop):
    class Never(Spare):
        def __call__(self, stop: Stop) -> ScriptedDevice:
            assert stop.wait(30), "nobody said that it is not needed"
            raise StageError(Cause.NO_DEVICE, stop.reason)

    done = loop({"a": [DEVICE_LOST, PASS], "b": [PASS]}, devices=2)
    for device in done.devices.values():
        device.renew = Never()
    done.run()
    assert set(done.outcomes.values()) == {"passed"}
    assert done.all(DeviceLeased) == []


def test_a_stop_ends_the_wait_for_a_device(loop):
    done = loop({"a": [DEVICE_LOST], "b": [PASS]})

    class Slow(Spare):
        def __call__(self, stop: Stop) -> ScriptedDevice:
            done.stop.set("deadline")
            assert stop.wait(30)
            raise StageError(Cause.NO_DEVICE, stop.reason)

    done.devices["device-1"].renew = Slow()
    done.run()
    assert set(done.outcomes.values()) == {"inconclusive"}
    assert set(done.causes.values()) == {"timed_out"}


LEASED = DeviceLeased(device=ScriptedDevice("device-1").info, seconds=1.0)
LOST = DeviceLost(serial="device-1", reason="gone", replacing=True)
GIVEN_UP = DeviceLost(serial="device-1", reason="gone; there is no other")
RESUMED = RunResumed(validator_version="1", interrupted=())
SPARE = DeviceLeased(device=ScriptedDevice("spare").info, seconds=1.0, replaces="device-1")


@pytest.mark.parametrize(
    ("events", "hoped_for"),
    [
        ([LEASED], {"device-1"}),
        ([LEASED, LOST], {"device-1"}),
        ([LEASED, LOST, SPARE], {"spare"}),
        ([LEASED, LOST, GIVEN_UP], set()),
        ([LEASED, LOST, RESUMED], set()),
    ],
)
def test_what_a_flow_may_hope_for_is_a_fold_of_the_events(events: list[Event], hoped_for: set[str]):
    board = apply(Board(), plan((Flow(name="a", file="a.yaml"),)))
    for event in events:
        board = apply(board, event)
    assert board.hoped_for(board.flows[0].flow) == hoped_for


class Lossy(Stage):
    """A run whose only device can be replaced, as often as there are spares."""

    spares: Sequence[ScriptedDevice | StageError] = ()

    def parts(self) -> Parts:
        parts = super().parts()
        runner = parts.runner
        assert isinstance(runner, ScriptedRunner)
        spare = Spare(*self.spares)
        for device in (self.device, *self.spares):
            if isinstance(device, ScriptedDevice):
                device.renew = spare
                runner.devices[device.serial] = device
        return parts


def lossy(folder: Path, acts: dict[str, list[Act]], spares: Sequence[ScriptedDevice | StageError]) -> list[Event]:
    stage = Lossy(folder=folder, acts=acts)
    stage.spares = spares
    return list(Validation(parts=stage.parts(), stop=stage.stop).events())


SPARES = (ScriptedDevice("spare-1"), ScriptedDevice("spare-2"), NONE_LEFT)


@pytest.mark.parametrize("spares", [SPARES[:1] + SPARES[2:], SPARES, SPARES[2:]])
@pytest.mark.parametrize(
    "acts",
    [
        {"a": [DEVICE_LOST, PASS], "b": [PASS]},
        {"a": [CRASH, DEVICE_LOST, CRASH], "b": [PASS]},
        {"a": [DEVICE_LOST], "b": [DEVICE_LOST, PASS], "c": [WRONG_SCREEN]},
        {name: [DEVICE_LOST] for name in "abcd"},
    ],
)
def test_a_run_with_replaced_devices_is_concluded_again_from_its_record_byte_for_byte(
    tmp_path: Path, acts: dict[str, list[Act]], spares: Sequence[ScriptedDevice | StageError]
):
    events = lossy(tmp_path, acts, spares)
    assert isinstance(events[-1], RunFinished)
    again = replayed(events)
    assert encode(again.now) == encode(again.recorded)
    assert again.same


def test_a_run_that_died_while_a_device_was_replaced_goes_on_with_what_it_then_has(tmp_path: Path):
    acts = {"a": [DEVICE_LOST, PASS], "b": [PASS]}
    stage = Lossy(folder=tmp_path, acts=acts)
    stage.spares = (ScriptedDevice("spare"),)
    running = Validation(parts=stage.parts(), stop=stage.stop).events()
    known = []
    for event in running:
        known.append(event)
        if isinstance(event, DeviceLost):
            break
    assert isinstance(running, Generator)
    running.close()
    events = [*known, *resumed(tmp_path, acts, known)]
    decided = next(event for event in events if isinstance(event, Decided))
    assert decided.decision.exit_code == 0
    assert replayed(events).same


GONE = StageError(Cause.DEVICE_LOST, "device offline", where="device-1")


def lost_before_the_app(
    folder: Path, spares: Sequence[ScriptedDevice | StageError], refuses: StageError = GONE
) -> list[Event]:
    stage = Lossy(folder=folder, acts={"a": [PASS], "b": [PASS]}, refuses=refuses)
    stage.spares = spares
    return list(Validation(parts=stage.parts(), stop=stage.stop).events())


def test_a_device_that_is_lost_before_the_app_is_on_it_is_replaced_too(tmp_path: Path):
    events = lost_before_the_app(tmp_path, [ScriptedDevice("spare")])
    (lost,) = [event for event in events if isinstance(event, DeviceLost)]
    (leased,) = [event for event in events if isinstance(event, DeviceLeased)]
    assert (lost.replacing, leased.device.serial, leased.replaces) == (True, "spare", "device-1")
    assert {event.serial for event in events if isinstance(event, AttemptStarted)} == {"spare"}
    assert exit_code(events) == 0
    assert replayed(events).same


@pytest.mark.parametrize("first_spare", [[], [ScriptedDevice("spare", refuses=UNHEALTHY)]])
def test_when_none_can_be_had_for_it_either_the_stage_fails_and_says_so(
    tmp_path: Path, first_spare: list[ScriptedDevice]
):
    events = lost_before_the_app(tmp_path, [*first_spare, NONE_LEFT])
    first, second = [event for event in events if isinstance(event, DeviceLost)]
    assert (first.replacing, second.replacing) == (True, False)
    assert "there is no other in its place" in second.reason
    assert any(isinstance(event, StageFailed) for event in events)
    assert exit_code(events) == 3
    assert replayed(events).same


def test_an_app_that_android_refuses_is_no_reason_for_another_device(tmp_path: Path):
    refusal = StageError(Cause.APK_INCOMPATIBLE, "INSTALL_FAILED_NO_MATCHING_ABIS")
    events = lost_before_the_app(tmp_path, [ScriptedDevice("spare")], refusal)
    assert [event.replacing for event in events if isinstance(event, DeviceLost)] == [False]
    assert exit_code(events) == 1


def exit_code(events: Sequence[Event]) -> int:
    (decided,) = [event for event in events if isinstance(event, Decided)]
    return int(decided.decision.exit_code)


def test_an_error_that_nobody_expected_of_a_start_costs_that_device_alone(loop):
    class Broken(Spare):
        def __call__(self, stop: Stop) -> ScriptedDevice:
            raise RetryableError("the adb server on port 5037 does not answer")

    done = loop({"a": [DEVICE_LOST, PASS], "b": [PASS]}, devices=2)
    for device in done.devices.values():
        device.renew = Broken()
    done.run()
    assert set(done.outcomes.values()) == {"passed"}
    assert "does not answer" in done.all(DeviceLost)[-1].reason


def test_a_device_that_has_the_serial_of_a_lost_one_stays_when_that_one_cannot_be_replaced():
    board = apply(Board(), plan((Flow(name="a", file="a.yaml"),)))
    other = DeviceLeased(device=ScriptedDevice("device-2").info, seconds=1.0)
    taken = DeviceLeased(device=ScriptedDevice("device-1").info, seconds=1.0, replaces="device-2")
    for event in (LEASED, other, LOST, DeviceLost(serial="device-2", reason="gone", replacing=True), taken, GIVEN_UP):
        board = apply(board, event)
    assert (set(board.alive), set(board.coming)) == ({"device-1"}, set())
