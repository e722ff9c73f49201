"""A run that is killed goes on with --resume, and comes to the decision that it would have come to anyway."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.commands import Ended, left_running, start, validator
from tests.e2e.devices import Lab, lab
from tests.e2e.project import PACKAGE, Project
from tests.history.samples import decided
from validator.history.journal import read_journal
from validator.history.store import open_store
from validator.model.events import AttemptFinished, AttemptStarted, FlowSettled, Record, RunResumed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PASSING = f"appId: {PACKAGE}\n---\n- launchApp\n- assertVisible: Corner Shop\n"
FAILING = f"appId: {PACKAGE}\n---\n- launchApp\n- extendedWaitUntil: {{visible: Nowhere, timeout: 500}}\n"
FAILED = "flow-4"
KILLS = 5


@pytest.fixture(scope="module")
def two() -> Iterator[Lab]:
    with lab(2) as ready:
        yield ready


@pytest.fixture
def project(tmp_path: Path, two: Lab) -> Project:
    """Ten flows, of which one finds the app broken, on two devices."""
    project = Project(tmp_path)
    for number in range(10):
        name = f"flow-{number}"
        project.write(f"flows/{name}.yaml", FAILING if name == FAILED else PASSING)
    project.apk(api_url=two.api_url)
    project.config(
        build={"file": "app.apk"},
        devices=[{"serial": serial} for serial in two.fleet.serials],
        adb={"path": str(two.fleet.adb.path), "server_port": two.fleet.adb.server_port},
        readiness=[{"url": f"{two.api_url}/health", "within": "20s"}],
    )
    return project


def killed(project: Project, seconds: float, *options: str) -> bool:
    """Start or go on with a run and kill it after so long; whether it was over before."""
    started = start(project.root, "run", "-c", "production", *options)
    timer = threading.Timer(seconds, started.process.kill)
    timer.start()
    started.process.communicate(timeout=100)
    timer.cancel()
    return started.process.returncode >= 0


def killed_while_flows_run(project: Project) -> None:
    """Start a run and kill it once an attempt has begun."""
    started = start(project.root, "run", "-c", "production")
    journal = project.root / "reports" / "latest" / "events.jsonl"
    ends = time.monotonic() + 90
    while not (journal.exists() and '"AttemptStarted"' in journal.read_text()) and time.monotonic() < ends:
        threading.Event().wait(0.05)
    started.process.kill()
    started.process.communicate(timeout=100)
    assert started.process.returncode < 0


def ended(project: Project) -> Ended:
    """Go on with the newest run to its end, or start one when the first was killed before it had begun."""
    options = ("--resume", "latest") if (project.root / "reports" / "latest" / "events.jsonl").is_file() else ()
    return validator(project.root, "run", "-c", "production", *options, seconds=120)


@pytest.mark.parametrize("seed", range(10))
def test_a_run_that_is_killed_five_times_decides_as_if_nothing_had_happened(project: Project, seed: int):
    chance = random.Random(seed)  # noqa: S311 - moments that can be repeated
    kills = 0
    while kills < KILLS:
        there = (project.root / "reports" / "latest" / "events.jsonl").is_file()
        if killed(project, chance.uniform(0.6, 5.0), *(("--resume", "latest") if there else ())):
            break
        kills += 1
    done = ended(project)
    if kills < KILLS:
        assert "there is nothing to resume" in done.errors
    else:
        assert done.exit_code == 1, done.output + done.errors
    check(project, done)


def check(project: Project, done: Ended) -> None:
    assert done.decision["decision"] == "blocked"
    assert done.flows("failed") == [FAILED]
    assert len(done.flows("passed")) == 9
    assert {flow["attempts"] for flow in done.decision["flows"] if flow["name"] != FAILED} == {1}
    assert next(flow["attempts"] for flow in done.decision["flows"] if flow["name"] == FAILED) == 2
    records = list(read_journal(done.reports / "events.jsonl"))
    assert [record.seq for record in records] == list(range(len(records)))
    nothing_twice(records)
    assert done.orphans == []
    assert left_running("none", project.root) == []
    with open_store(f"sqlite:///{project.root}/.validator/history.db") as store:
        history = store.tenant("default")
        assert history.log.records(records[0].run) == records
        assert history.verify().ok
        latest = decided(history)
        assert latest is not None
        assert (latest.run, latest.verdict) == (records[0].run, "blocked")


def nothing_twice(records: list[Record]) -> None:
    events = [record.event for record in records]
    started = Counter((event.flow, event.number) for event in events if isinstance(event, AttemptStarted))
    finished = Counter((event.flow, event.number) for event in events if isinstance(event, AttemptFinished))
    settled = Counter(event.flow.name for event in events if isinstance(event, FlowSettled))
    assert {*started.values(), *finished.values(), *settled.values()} == {1}
    assert len(settled) == 10


def test_a_run_cannot_be_resumed_while_it_is_in_progress_nor_when_it_is_over(project: Project):
    started = start(project.root, "run", "-c", "production")
    assert started.process.stdout is not None
    for line in started.process.stdout:
        if line.startswith("start"):
            break
    second = validator(project.root, "run", "-c", "production", "--resume", "latest")
    assert second.exit_code == 2
    assert f"in progress, in process {started.process.pid}" in second.errors
    assert started.wait(100).exit_code == 1
    third = validator(project.root, "run", "-c", "production", "--resume", "latest")
    assert third.exit_code == 2
    assert "there is nothing to resume" in third.errors


def test_what_is_decided_by_must_not_change_under_a_run(project: Project):
    killed_while_flows_run(project)
    config = (project.root / "configs" / "production.yaml").read_text()
    project.write("configs/production.yaml", config + "\n")
    done = validator(project.root, "run", "-c", "production", "--resume", "latest")
    assert done.exit_code == 2
    assert "the configuration changed since the run began" in done.errors
    project.write("configs/production.yaml", config)
    project.write("flows/flow-9.yaml", PASSING + "- assertVisible: Corner\n")
    done = validator(project.root, "run", "-c", "production", "--resume", "latest")
    assert done.exit_code == 2
    assert "a flow or what it uses changed" in done.errors
    assert not (done.reports / "decision.json").exists()


def test_a_resumed_run_says_so(project: Project):
    killed_while_flows_run(project)
    done = ended(project)
    assert "resumed" in done.output
    assert any(isinstance(record.event, RunResumed) for record in read_journal(done.reports / "events.jsonl"))
