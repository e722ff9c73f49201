"""The order that a workspace demands is held, and what it leaves out after a failure is missing, never a pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from tests.pipeline.conftest import Loop
from tests.pipeline.replaying import replayed
from tests.pipeline.stand_ins import CRASH, CRASH_ON_LAST_STEP, DEVICE_LOST, HANG, PASS, WRONG_SCREEN, Act
from tests.pipeline.test_stages import Stage
from validator.flows.workspace import Selection
from validator.model.decision import ExitCode
from validator.model.events import AttemptFinished, AttemptStarted, Decided, Event, FlowSettled
from validator.model.flow import FlowOutcome
from validator.pipeline.past import Past, remember
from validator.pipeline.run import Validation
from validator.support.codec import encode


def ordered(made: Loop, order: Sequence[str], *, strict: bool = False) -> Loop:
    """The loop, with its flows in this order and those that it does not name behind them."""
    states = {state.flow.name: state for state in made.loop.board.flows}
    before = {name: order[place - 1] if place else "" for place, name in enumerate(order)}
    chain = [*order, *(name for name in states if name not in order)]
    made.loop.board = replace(
        made.loop.board,
        flows=tuple(
            replace(
                states[name],
                flow=replace(
                    states[name].flow,
                    after=before.get(name, order[-1]),
                    after_pass=strict and bool(before.get(name)),
                ),
            )
            for name in chain
        ),
    )
    return made


def started(done: Loop) -> list[str]:
    return [event.flow for event in done.events if isinstance(event, AttemptStarted)]


def test_ordered_flows_run_one_after_the_other_and_the_others_after_them(loop):
    done = ordered(loop({name: [PASS] for name in "abcdef"}, devices=3), ["c", "a", "e"]).run()

    assert started(done)[:3] == ["c", "a", "e"]
    assert set(done.outcomes.values()) == {"passed"}
    first_of_the_rest = next(i for i, e in enumerate(done.events) if isinstance(e, AttemptStarted) and e.flow == "b")
    ended = [e.flow for e in done.events[:first_of_the_rest] if isinstance(e, AttemptFinished)]
    assert ended == ["c", "a", "e"]


def test_a_failure_holds_nobody_up_unless_the_workspace_says_so(loop):
    done = ordered(loop({"a": [WRONG_SCREEN], "b": [PASS], "c": [PASS]}), ["a", "b"]).run()

    assert done.outcomes == {"a": "failed", "b": "passed", "c": "passed"}


def test_what_follows_a_failure_that_must_not_be_is_missing_and_the_others_still_run(loop):
    acts = {"a": [PASS], "b": [WRONG_SCREEN], "c": [PASS], "d": [PASS], "rest": [PASS]}
    done = ordered(loop(acts, devices=2), ["a", "b", "c", "d"], strict=True).run()

    assert done.outcomes == {"a": "passed", "b": "failed", "c": "missing", "d": "missing", "rest": "passed"}
    assert "c" not in started(done)
    whys = {event.flow.name: event.flow.why for event in done.events if isinstance(event, FlowSettled)}
    assert "b did not pass" in whys["c"]
    assert "c did not pass" in whys["d"]


def test_a_flow_that_passes_the_second_time_lets_the_next_one_run(loop):
    done = ordered(loop({"a": [WRONG_SCREEN, PASS], "b": [PASS]}), ["a", "b"], strict=True).run()

    assert done.outcomes == {"a": "flaky", "b": "passed"}
    assert started(done) == ["a", "a", "b"]


@pytest.mark.parametrize("strict", [False, True])
def test_a_broken_flow_at_the_front_is_told_and_the_run_ends(loop, strict):
    acts = {"broken": [PASS], "b": [PASS], "c": [PASS]}
    done = ordered(loop(acts, problem="broken.yaml:1:1: no"), ["broken", "b"], strict=strict).run()

    assert done.outcomes == {"broken": "inconclusive", "b": "missing" if strict else "passed", "c": "passed"}


def test_a_lost_device_ends_the_run_and_nobody_waits_for_a_turn_that_never_comes(loop):
    done = ordered(loop({"a": [DEVICE_LOST], "b": [PASS], "c": [PASS]}), ["a", "b"], strict=True).run()

    assert done.outcomes == {"a": "inconclusive", "b": "inconclusive", "c": "inconclusive"}


def test_a_run_whose_time_is_over_leaves_no_ordered_flow_open(loop):
    made = ordered(loop({"a": [HANG], "b": [PASS]}), ["a", "b"], strict=True)
    made.stop.set("deadline")
    assert made.run().outcomes == {"a": "inconclusive", "b": "inconclusive"}


class Strict(Stage):
    """A workspace whose flows follow each other in the order of their names, each only after a pass."""

    def select(self) -> Selection:
        names = list(self.acts)
        before = dict(zip(names[1:], names, strict=False))
        flows = super().select().flows
        return Selection(
            flows=tuple(replace(f, after=before.get(f.name, ""), after_pass=f.name in before) for f in flows)
        )


@pytest.mark.parametrize(
    "acts",
    [
        {"a": [PASS], "b": [WRONG_SCREEN], "c": [PASS], "d": [PASS]},
        {"a": [CRASH, PASS], "b": [PASS], "c": [DEVICE_LOST]},
        {"a": [DEVICE_LOST], "b": [PASS]},
    ],
)
def test_what_the_order_left_out_is_concluded_again_from_the_record_and_never_opens_the_gate(tmp_path, acts):
    stage = Strict(folder=tmp_path, acts=acts)
    events = list(Validation(parts=stage.parts(), stop=stage.stop).events())

    assert encode(replayed(events).now) == encode(replayed(events).recorded)
    (decided,) = [event for event in events if isinstance(event, Decided)]
    assert decided.decision.exit_code is not ExitCode.OPEN


def test_a_failed_flow_blocks_the_gate_and_those_behind_it_are_counted_as_missing(tmp_path):
    stage = Strict(folder=tmp_path, acts={"a": [WRONG_SCREEN], "b": [PASS]})
    events = list(Validation(parts=stage.parts(), stop=stage.stop).events())

    (decided,) = [event for event in events if isinstance(event, Decided)]
    assert decided.decision.exit_code is ExitCode.BLOCKED
    assert (decided.decision.counts.failed, decided.decision.counts.missing) == (1, 1)


RESUMED = {
    "all pass": {"a": [PASS], "b": [PASS], "c": [PASS]},
    "one fails": {"a": [PASS], "b": [WRONG_SCREEN], "c": [PASS], "d": [PASS]},
    "one passes the second time": {"a": [CRASH_ON_LAST_STEP, WRONG_SCREEN], "b": [PASS]},
}


@pytest.mark.parametrize("name", RESUMED)
def test_a_run_in_order_that_dies_after_any_event_comes_to_the_same_decision(tmp_path, name):
    expected = run(Strict(folder=tmp_path / "whole", acts=RESUMED[name]))
    for count in range(1, len(expected)):
        events = killed_and_resumed(tmp_path / str(count), RESUMED[name], count)
        assert outcomes(events) == outcomes(expected), f"killed after {events[count - 1]}"
        assert exit_code(events) == exit_code(expected)
        assert in_turn(events)
        assert replayed(events).same


def test_a_flow_behind_one_that_lost_its_device_never_passes_whenever_the_process_dies(tmp_path):
    acts = {"a": [PASS], "b": [DEVICE_LOST], "c": [PASS]}
    for count in range(1, len(run(Strict(folder=tmp_path / "whole", acts=acts)))):
        events = killed_and_resumed(tmp_path / str(count), acts, count)
        assert outcomes(events)["a"] == "passed"
        assert outcomes(events)["c"] in {"missing", "inconclusive"}
        assert exit_code(events) is not ExitCode.OPEN
        assert replayed(events).same


def killed_and_resumed(folder: Path, acts: dict[str, list[Act]], count: int) -> list[Event]:
    """A run whose process dies after so many events, and what another one makes of it."""
    stage = Strict(folder=folder, acts=acts)
    known = list(islice(Validation(parts=stage.parts(), stop=stage.stop).events(), count))
    done = [event.flow for event in known if isinstance(event, AttemptFinished)]
    left = {flow: script[done.count(flow) :] or script[-1:] for flow, script in acts.items()}
    return [*known, *run(Strict(folder=folder, acts=left), remember(known))]


def run(stage: Stage, past: Past | None = None) -> list[Event]:
    return list(Validation(parts=stage.parts(), stop=stage.stop, past=past or Past()).events())


def outcomes(events: Sequence[Event]) -> dict[str, str]:
    return {event.flow.name: str(event.flow.outcome) for event in events if isinstance(event, FlowSettled)}


def exit_code(events: Sequence[Event]) -> ExitCode:
    (decided,) = [event for event in events if isinstance(event, Decided)]
    return decided.decision.exit_code


def in_turn(events: Sequence[Event]) -> bool:
    """Whether each flow began only after the ones before it, which are named in order, had passed."""
    passed: set[str] = set()
    for event in events:
        if isinstance(event, FlowSettled) and event.flow.outcome in (FlowOutcome.PASSED, FlowOutcome.FLAKY):
            passed.add(event.flow.name)
        elif isinstance(event, AttemptStarted) and any(
            chr(other) not in passed for other in range(97, ord(event.flow))
        ):
            return False
    return True
