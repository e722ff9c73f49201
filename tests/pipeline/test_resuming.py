"""Wherever the process dies, the run goes on from its record to the decision that it would have come to anyway."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pipeline.stand_ins import CRASH, PASS, REFUSED, WRONG_SCREEN, Act
from tests.pipeline.test_stages import Stage
from validator.alerts.preview import PreviewChannel
from validator.demo.build import Variant
from validator.model.decision import Decision
from validator.model.errors import UsageError
from validator.model.events import (
    AlertSent,
    AttemptFinished,
    AttemptStarted,
    BuildReady,
    Decided,
    Event,
    FlowSettled,
    PlanMade,
    RunFinished,
    RunResumed,
    RunStarted,
)
from validator.model.observed import DeploymentObserved
from validator.pipeline.past import remember
from validator.pipeline.run import Validation

RUNS: dict[str, dict[str, list[Act]]] = {
    "all pass": {"a": [PASS], "b": [PASS]},
    "a crash is confirmed": {"a": [PASS], "b": [CRASH, CRASH]},
    "a wrong screen is flaky": {"a": [WRONG_SCREEN, PASS], "b": [PASS]},
    "the backend is refused, and back": {"a": [REFUSED, PASS]},
}


def whole(folder: Path, acts: dict[str, list[Act]], **changes: object) -> list[Event]:
    stage = Stage(folder=folder, acts=acts, **changes)  # type: ignore[arg-type]  # checked when the tests run
    return list(Validation(parts=stage.parts(), stop=stage.stop).events())


def killed_after(folder: Path, acts: dict[str, list[Act]], events: int, **changes: object) -> list[Event]:
    """The first events of a run whose process then died."""
    stage = Stage(folder=folder, acts=acts, **changes)  # type: ignore[arg-type]  # checked when the tests run
    running = Validation(parts=stage.parts(), stop=stage.stop).events()
    assert isinstance(running, Generator)
    known = [next(running) for _ in range(events)]
    running.close()
    return known


def resumed(folder: Path, acts: dict[str, list[Act]], known: list[Event], **changes: object) -> list[Event]:
    done = [event.flow for event in known if isinstance(event, AttemptFinished)]
    left = {name: script[done.count(name) :] or script[-1:] for name, script in acts.items()}
    stage = Stage(folder=folder, acts=left, **changes)  # type: ignore[arg-type]  # checked when the tests run
    return list(Validation(parts=stage.parts(), stop=stage.stop, past=remember(known)).events())


def decision_of(events: list[Event]) -> Decision:
    (decided,) = [event for event in events if isinstance(event, Decided)]
    return replace(decided.decision, decided_at="", expires_at="")


@pytest.mark.parametrize("name", RUNS)
def test_a_run_that_dies_after_any_event_comes_to_the_same_decision(tmp_path: Path, name: str):
    expected = whole(tmp_path / "whole", RUNS[name])
    for count in range(1, len(expected)):
        folder = tmp_path / str(count)
        known = killed_after(folder, RUNS[name], count)
        events = [*known, *resumed(folder, RUNS[name], known)]
        assert decision_of(events) == decision_of(expected), f"killed after {known[-1]}"
        assert isinstance(events[-1], RunFinished)


@pytest.mark.parametrize("name", RUNS)
def test_no_attempt_counts_twice_and_no_fact_is_recorded_again(tmp_path: Path, name: str):
    expected = whole(tmp_path / "whole", RUNS[name])
    for count in range(1, len(expected)):
        folder = tmp_path / str(count)
        known = killed_after(folder, RUNS[name], count)
        events = [*known, *resumed(folder, RUNS[name], known)]
        for kind in (RunStarted, DeploymentObserved, PlanMade, BuildReady, AttemptFinished, FlowSettled, Decided):
            ours = [event for event in events if isinstance(event, kind)]
            assert len(ours) == len([event for event in expected if isinstance(event, kind)]), (kind, known[-1])
        numbers = [(event.flow, event.number) for event in events if isinstance(event, AttemptStarted)]
        assert len(set(numbers)) == len(numbers)


def test_what_was_running_is_named_and_runs_again(tmp_path: Path):
    acts = RUNS["all pass"]
    expected = whole(tmp_path / "whole", acts)
    started = next(number for number, event in enumerate(expected, 1) if isinstance(event, AttemptStarted))
    known = killed_after(tmp_path / "run", acts, started)
    events = resumed(tmp_path / "run", acts, known)
    assert events[0] == RunResumed(validator_version="0", interrupted=("a",))
    again = [event for event in events if isinstance(event, AttemptStarted)]
    assert [(event.flow, event.number) for event in again] == [("a", 2), ("b", 1)]


def test_a_decision_that_was_made_stands_and_only_the_alert_is_still_sent(tmp_path: Path):
    acts = RUNS["a crash is confirmed"]
    expected = whole(tmp_path / "whole", acts)
    decided = next(number for number, event in enumerate(expected, 1) if isinstance(event, Decided))
    known = killed_after(tmp_path / "run", acts, decided)
    assert [type(event) for event in resumed(tmp_path / "run", acts, known)] == [RunResumed, AlertSent, RunFinished]
    known = killed_after(tmp_path / "run-2", acts, decided + 1)
    channel = PreviewChannel()
    rest = resumed(tmp_path / "run-2", acts, known, alerts=channel)
    assert [type(event) for event in rest] == [RunResumed, RunFinished]
    assert channel.texts == []


def test_an_apk_that_was_refused_stays_refused(tmp_path: Path):
    expected = whole(tmp_path / "whole", {"a": [PASS]}, variant=Variant.STAGING)
    for count in range(1, len(expected)):
        folder = tmp_path / str(count)
        known = killed_after(folder, {"a": [PASS]}, count, variant=Variant.STAGING)
        events = [*known, *resumed(folder, {"a": [PASS]}, known, variant=Variant.STAGING)]
        again, once = decision_of(events), decision_of(expected)
        assert (again.verdict, again.exit_code, again.next) == (once.verdict, once.exit_code, once.next)
        assert again.reasons[0].message.startswith("not_production: ")


def test_an_apk_that_is_gone_or_changed_ends_the_run_without_a_decision(tmp_path: Path):
    acts = {"a": [PASS]}
    expected = whole(tmp_path / "whole", acts)
    built = next(number for number, event in enumerate(expected, 1) if isinstance(event, BuildReady))
    known = killed_after(tmp_path / "run", acts, built)
    apk = tmp_path / "run" / "build" / "app.apk"
    apk.write_bytes(apk.read_bytes() + b"x")
    with pytest.raises(UsageError, match="gone or was changed"):
        resumed(tmp_path / "run", acts, known)


def test_what_changed_under_the_run_ends_it_without_a_decision(tmp_path: Path):
    acts = {"a": [PASS]}
    known = killed_after(tmp_path / "run", acts, 5)
    plan = next(event for event in known if isinstance(event, PlanMade))
    other = [replace(event, digest="sha256:1") if event is plan else event for event in known]
    with pytest.raises(UsageError, match="a flow or what it uses changed"):
        resumed(tmp_path / "run", acts, other)
    live = next(event for event in known if isinstance(event, DeploymentObserved))
    moved = DeploymentObserved(deployment=replace(live.deployment, digest="sha256:1"))
    with pytest.raises(UsageError, match="the deployment changed"):
        resumed(tmp_path / "run", acts, [moved if event is live else event for event in known])
