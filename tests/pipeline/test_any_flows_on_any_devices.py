"""Whatever flows need, devices are and attempts come to: needs are held, and each flow gets one outcome."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pipeline.conftest import Loop
from tests.pipeline.stand_ins import CRASH, DEVICE_LOST, DRIVER_DEAD, PASS, WRONG_SCREEN, Act, ScriptedDevice
from validator.farm.needs import fits
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.model.events import AttemptFinished, AttemptStarted, DeviceLeased, Event, FlowSettled
from validator.model.needs import Needs
from validator.model.timing import Work
from validator.pipeline.board import Board, apply
from validator.support.stop import Stop

NAMES = "abcdef"
LABELS = ("eu", "lab")

label_sets = st.lists(st.sampled_from(LABELS), unique=True, max_size=2).map(tuple)
needs = st.builds(Needs, labels=label_sets, min_api=st.sampled_from((0, 0, 34, 35)))
acts = st.lists(st.sampled_from((PASS, PASS, WRONG_SCREEN, CRASH, DEVICE_LOST, DRIVER_DEAD)), min_size=1, max_size=3)


@st.composite
def plans(draw: st.DrawFn) -> tuple[dict[str, list[Act]], dict[str, Needs], dict[str, str], list[tuple[str, ...]]]:
    """What each flow does, what it needs, which one it waits for, and what each device is called."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    before = {name: names[place - 1] for place, name in enumerate(names) if place and draw(st.integers(0, 3)) == 0}
    labels = draw(st.lists(label_sets, min_size=1, max_size=3))
    return {name: draw(acts) for name in names}, {name: draw(needs) for name in names}, before, labels


def made(
    folder: Path,
    what: dict[str, list[Act]],
    asked: dict[str, Needs],
    before: dict[str, str],
    labels: list[tuple[str, ...]],
) -> Loop:
    """A loop whose flows ask for something and whose devices have it, or not."""
    loop = Loop(folder, what, len(labels), consecutive=99)
    board: Board = loop.loop.board
    flows = tuple(
        replace(
            state,
            flow=replace(state.flow, needs=asked[state.flow.name], after=before.get(state.flow.name, "")),
        )
        for state in board.flows
    )
    works = tuple(Work(flow=name, seconds=float(len(what[name]))) for name in what)
    board = replace(board, flows=flows, works=works)
    for device, own in zip(loop.devices.values(), labels, strict=True):
        device.labels = own
        board = apply(board, DeviceLeased(device=device.info, seconds=0.1))
    loop.loop.board = board
    return loop


class Renewal:
    """What is in the place of a device that is lost: others with these labels, one after the other, then none."""

    def __init__(self, serial: str, left: Sequence[tuple[str, ...]]) -> None:
        self.serial, self.left = f"{serial}'", left

    def __call__(self, stop: Stop) -> ScriptedDevice:
        if not self.left:
            raise StageError(Cause.NO_DEVICE, "not booted within 30 s", where=self.serial)
        after = Renewal(self.serial, self.left[1:])
        return ScriptedDevice(self.serial, labels=self.left[0], renew=after if len(self.left) > 1 else None)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans(), st.lists(st.none() | st.lists(label_sets, max_size=2), min_size=3, max_size=3))
def test_the_loop_ends_with_an_outcome_for_each_flow_and_no_need_was_passed_over(plan, spares):
    what, asked, before, labels = plan
    with tempfile.TemporaryDirectory() as folder:
        loop = made(Path(folder), what, asked, before, labels)
        for device, left in zip(loop.devices.values(), spares, strict=False):
            device.renew = Renewal(device.serial, left) if left is not None else None
        loop.run()
    devices = {device.info.serial: device.info for device in loop.devices.values()}

    assert set(loop.outcomes) == set(what)
    assert len([event for event in loop.events if isinstance(event, FlowSettled)]) == len(what)
    starts = [event for event in loop.events if isinstance(event, AttemptStarted)]
    assert all(fits(asked[event.flow], devices[event.serial]) for event in starts)
    for name, outcome in loop.outcomes.items():
        if not any(fits(asked[name], device) for device in devices.values()):
            assert (outcome, loop.causes[name]) == ("inconclusive", "no_device")
            assert not [event for event in starts if event.flow == name]
    blamed = [state.flow for state in loop.loop.board.flows if loop.causes.get(state.flow.name) == "no_device"]
    assert not any(loop.loop.board.fitting(flow) for flow in blamed)
    assert one_at_a_time(loop.events)
    assert turns_are_held(loop.events, before)


def one_at_a_time(events: list[Event]) -> bool:
    busy: set[str] = set()
    for event in events:
        if isinstance(event, AttemptStarted):
            if event.serial in busy:
                return False
            busy.add(event.serial)
        elif isinstance(event, AttemptFinished):
            busy.remove(event.serial)
    return not busy


def turns_are_held(events: list[Event], before: dict[str, str]) -> bool:
    settled: set[str] = set()
    for event in events:
        if isinstance(event, FlowSettled):
            settled.add(event.flow.name)
        elif isinstance(event, AttemptStarted) and before.get(event.flow, event.flow) not in {*settled, event.flow}:
            return False
    return True
