"""Flows run on devices that fit them, the urgent ones first; one that fits none is told so and holds nobody up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.pipeline.replaying import replayed
from tests.pipeline.stand_ins import (
    CRASH,
    DEVICE_LOST,
    DRIVER_DEAD,
    PASS,
    WRONG_SCREEN,
    Act,
    ScriptedDevice,
    ScriptedRunner,
)
from tests.pipeline.test_stages import Stage
from validator.flows.workspace import Selection
from validator.gates.policy import FlowRules, Policy
from validator.model.decision import ExitCode
from validator.model.events import AttemptFinished, AttemptStarted, Decided, Event, FlowSettled, PlanMade
from validator.model.flow import Flow
from validator.model.needs import Needs
from validator.model.timing import Baseline, Usual
from validator.pipeline.parts import Parts
from validator.pipeline.past import remember
from validator.pipeline.run import Validation
from validator.support.codec import encode
from validator.support.stop import Stop

TABLET = Needs(labels=("tablet",))
NEW = Needs(min_api=35)


@dataclass
class Shop(Stage):
    """A run on two phones and two tablets, unless a test says otherwise."""

    needs: dict[str, Needs] = field(default_factory=dict)
    labels: tuple[tuple[str, ...], ...] = ((), (), ("tablet",), ("tablet",))
    before: dict[str, str] = field(default_factory=dict)
    usual: dict[str, float] = field(default_factory=dict)
    critical: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        Stage.__post_init__(self)
        names = [f"device-{number}" for number in range(1, len(self.labels) + 1)]
        self.several = {
            name: ScriptedDevice(name, labels=labels) for name, labels in zip(names, self.labels, strict=True)
        }

    @contextmanager
    def open(self, stop: Stop) -> Iterator[Sequence[ScriptedDevice]]:
        yield list(self.several.values())

    def select(self) -> Selection:
        def flow(plain: Flow) -> Flow:
            return replace(plain, needs=self.needs.get(plain.name, Needs()), after=self.before.get(plain.name, ""))

        return Selection(flows=tuple(map(flow, super().select().flows)))

    def parts(self) -> Parts:
        policy = Policy(flows=replace(FlowRules(), critical=self.critical))
        return replace(
            super().parts(),
            runner=ScriptedRunner(self.script, self.several),
            policy=policy if self.critical else Policy(),
            baselines=lambda flows: Usual(
                baselines=tuple(
                    Baseline(flow=name, p50=self.usual[name], runs=5, p90=self.usual[name])
                    for name in flows
                    if name in self.usual
                )
            ),
        )

    def events(self) -> list[Event]:
        return list(Validation(parts=self.parts(), stop=self.stop).events())


def shop(folder: Path, acts: dict[str, list[Act]], **options: object) -> Shop:
    return Shop(folder=folder, acts=acts, **options)  # type: ignore[arg-type]  # checked when the tests run


def outcomes(events: Sequence[Event]) -> dict[str, str]:
    return {event.flow.name: str(event.flow.outcome) for event in events if isinstance(event, FlowSettled)}


def serials(events: Sequence[Event], flow: str) -> list[str]:
    return [event.serial for event in events if isinstance(event, AttemptStarted) and event.flow == flow]


def test_flows_that_need_a_tablet_run_on_tablets_and_are_confirmed_on_another_tablet(tmp_path):
    acts = {"a": [PASS], "b": [PASS], "t1": [WRONG_SCREEN], "t2": [PASS], "t3": [PASS]}
    events = shop(tmp_path, acts, needs=dict.fromkeys(("t1", "t2", "t3"), TABLET)).events()

    assert outcomes(events) == {"a": "passed", "b": "passed", "t1": "failed", "t2": "passed", "t3": "passed"}
    assert sorted(serials(events, "t1")) == ["device-3", "device-4"]
    assert {*serials(events, "t2"), *serials(events, "t3")} <= {"device-3", "device-4"}


def test_a_failure_on_the_only_device_that_fits_is_confirmed_there(tmp_path):
    events = shop(tmp_path, {"t": [CRASH], "a": [PASS]}, needs={"t": TABLET}, labels=((), (), ("tablet",))).events()

    assert serials(events, "t") == ["device-3", "device-3"]
    assert outcomes(events)["t"] == "failed"


def test_a_flow_that_no_device_fits_is_told_at_once_with_what_it_needed_and_what_there_was(tmp_path):
    events = shop(tmp_path, {"a": [PASS], "n": [PASS]}, needs={"n": NEW}, labels=((), ("eu",))).events()

    assert serials(events, "n") == []
    (settled,) = [event.flow for event in events if isinstance(event, FlowSettled) and event.flow.name == "n"]
    assert (settled.outcome, settled.cause) == ("inconclusive", "no_device")
    assert settled.why == (
        "No device fits: it needs API 35 or newer; ready were device-1 (of unknown form, API 34, x86_64); "
        "device-2 (of unknown form, API 34, x86_64, labelled eu)."
    )
    first = next(place for place, event in enumerate(events) if isinstance(event, AttemptStarted))
    assert any(isinstance(event, FlowSettled) and event.flow.name == "n" for event in events[:first])
    (decided,) = [event for event in events if isinstance(event, Decided)]
    assert decided.decision.exit_code is ExitCode.UNDECIDED


def test_when_the_device_that_fits_is_lost_the_others_go_on_and_nobody_waits(tmp_path):
    acts = {"t1": [DEVICE_LOST], "t2": [PASS], "a": [PASS], "b": [PASS]}
    stage = shop(tmp_path, acts, needs={"t1": TABLET, "t2": TABLET}, labels=((), ("tablet",)))
    events = stage.events()

    assert outcomes(events) == {"t1": "inconclusive", "t2": "inconclusive", "a": "passed", "b": "passed"}
    whys = {event.flow.name: event.flow.why for event in events if isinstance(event, FlowSettled)}
    assert whys["t2"] == "No device was left that fits: it needs labelled tablet."


def test_flows_behind_one_that_no_device_is_left_for_have_their_turn(tmp_path):
    acts = {"t": [DEVICE_LOST], "a": [PASS], "b": [PASS]}
    before = {"a": "t", "b": "a"}
    stage = shop(tmp_path, acts, needs={"t": TABLET}, before=before, labels=((), ("tablet",)))

    assert outcomes(stage.events()) == {"t": "inconclusive", "a": "passed", "b": "passed"}


def test_critical_flows_start_first_then_the_longest(tmp_path):
    acts = {name: [PASS] for name in ("short", "long", "never timed", "vital")}
    usual = {"short": 2.0, "long": 60.0, "vital": 1.0}
    events = shop(tmp_path, acts, usual=usual, critical=("vital",), labels=((),)).events()

    started = [event.flow for event in events if isinstance(event, AttemptStarted)]
    assert started == ["vital", "long", "short", "never timed"]
    (plan,) = [event for event in events if isinstance(event, PlanMade)]
    assert {work.flow: work.seconds for work in plan.works}["never timed"] == 2.0


CASES = {
    "some fit none": ({"a": [PASS], "n": [PASS]}, {"n": NEW}),
    "the one that fits is lost": (
        {"t1": [DEVICE_LOST], "t2": [PASS], "a": [WRONG_SCREEN]},
        {"t1": TABLET, "t2": TABLET},
    ),
    "it fails before that": ({"t1": [CRASH, DEVICE_LOST], "a": [PASS], "b": [PASS]}, {"t1": TABLET}),
    "nothing works": (
        {"t1": [DRIVER_DEAD], "a": [DRIVER_DEAD], "b": [DRIVER_DEAD], "n": [PASS]},
        {"t1": TABLET, "n": NEW},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_record_comes_to_the_same_when_it_is_walked_again(tmp_path, case):
    acts, needs = CASES[case]
    events = shop(tmp_path, acts, needs=needs, labels=((), ("tablet",))).events()

    assert encode(replayed(events).now) == encode(replayed(events).recorded)
    (decided,) = [event for event in events if isinstance(event, Decided)]
    assert decided.decision.exit_code is not ExitCode.OPEN


def test_a_resumed_run_still_knows_what_flows_need_and_goes_on_in_its_order(tmp_path):
    acts = {"a": [PASS], "t": [PASS], "n": [PASS], "long": [PASS]}
    stage = shop(
        tmp_path, acts, needs={"t": TABLET, "n": NEW}, usual={"long": 90.0, "a": 1.0}, labels=((), ("tablet",))
    )
    events = stage.events()
    cut = next(place for place, event in enumerate(events) if isinstance(event, AttemptFinished))
    again = shop(tmp_path, acts, needs={"t": TABLET, "n": NEW}, labels=((), ("tablet",)))
    rest = list(Validation(parts=again.parts(), stop=Stop(), past=remember(events[:cut])).events())

    assert set(serials(rest, "t")) == {"device-2"}
    assert serials(rest, "n") == []
    assert outcomes([*events[:cut], *rest]) == {"a": "passed", "t": "passed", "n": "inconclusive", "long": "passed"}
    assert encode(replayed([*events[:cut], *rest]).now) == encode(replayed([*events[:cut], *rest]).recorded)
    assert (
        next(event.flow for event in rest if isinstance(event, AttemptStarted) and event.serial == "device-1") == "long"
    )
