"""Who follows runs from their begin hears of it at once; the run waits for nothing and is decided alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.project import Project
from tests.fakes.targets import BROKEN, REJECTING, Fault, Target, running
from validator.alerts.cdevents import FINISHED, STARTED


@pytest.fixture
def receiver() -> Iterator[Target]:
    target = Target()
    with running(target):
        yield target


@pytest.fixture
def project(tmp_path, receiver: Target) -> Project:
    made = Project(tmp_path)
    made.write_defaults()
    made.config(alerts=[{"cdevents": {"url": f"{receiver.url}/in"}}])
    return made


def types(receiver: Target) -> list[str]:
    return [str(asked.json["type"]) for asked in receiver.taken]


def test_a_run_tells_its_begin_and_its_end(project, receiver):
    done = project.run()
    assert done.exit_code == 1, done.output + done.errors
    assert types(receiver) == [STARTED, FINISHED]
    assert {asked.json["subject"] for asked in receiver.taken} == {done.decision["run"]}
    began, ended = (asked.json["time"] for asked in receiver.taken)
    assert began < ended
    assert project.run("--no-alerts").exit_code == 1
    assert len(receiver.taken) == 2


@pytest.mark.parametrize("fault", [BROKEN, REJECTING])
def test_a_begin_that_nobody_takes_changes_no_exit_code(project, receiver, fault: Fault):
    receiver.script.extend([fault, fault])
    done = project.run()
    assert done.exit_code == 1, done.output + done.errors
    assert types(receiver) == [FINISHED]
    assert project.run().exit_code == 1
    assert sorted(types(receiver)) == [FINISHED, FINISHED, STARTED, STARTED]
