"""A run whose gate waits for a person asks over events, and `gate decide --tell` tells the answer; both once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.commands import validator
from tests.e2e.project import Project
from tests.fakes.targets import BROKEN, Target, running
from validator.alerts.approvals import CLOSED, CREATED
from validator.alerts.cdevents import FINISHED, STARTED

CI = {"JENKINS_URL": "https://ci.example.com/", "BUILD_URL": "https://ci.example.com/job/7/", "BUILD_ID": "7"}


@pytest.fixture
def receiver() -> Iterator[Target]:
    target = Target()
    with running(target):
        yield target


@pytest.fixture
def project(tmp_path, receiver: Target) -> Project:
    made = Project(tmp_path)
    made.write_defaults()
    made.config(alerts=[{"cdevents": {"url": f"{receiver.url}/in", "approvals": True}}])
    return made


def types(receiver: Target) -> list[str]:
    return sorted(str(asked.json["type"]) for asked in receiver.taken)


def decide(project: Project, run: str, *words: str):
    said = ("gate", "decide", run, "fix-forward", "--by", "ann", "--reason", "a fix is on its way")
    return validator(project.root, *said, *words)


def test_a_question_and_its_answer_are_told_once_each(project, receiver):
    asked = project.run(**CI)
    assert asked.exit_code == 1, asked.output + asked.errors
    assert types(receiver) == sorted([STARTED, FINISHED, CREATED])
    receiver.script.append(BROKEN)
    told = decide(project, asked.decision["run"], "--tell", "production")
    assert told.exit_code == 0, told.output + told.errors
    assert "not told yet: cdevents 127.0.0.1 approvals" in told.output
    for _ in range(2):
        assert validator(project.root, "alerts", "deliver", "-c", "production").exit_code == 0
    assert types(receiver) == sorted([STARTED, FINISHED, CREATED, CLOSED])
    (closed,) = (event.json for event in receiver.taken if event.json["type"] == CLOSED)
    assert closed["subject"] == asked.decision["run"]
    again = decide(project, asked.decision["run"], "--tell", "production")
    assert again.exit_code != 0
    assert types(receiver).count(CLOSED) == 1


@pytest.mark.parametrize("config", ["production", "no-such-environment"])
def test_an_answer_that_cannot_be_told_stands(project, receiver, config):
    asked = project.run()
    assert types(receiver) == sorted([STARTED, FINISHED])
    done = decide(project, asked.decision["run"], "--tell", config)
    assert done.exit_code == 0, done.output + done.errors
    assert "recorded: ann decided fix-forward" in done.output
    assert "the answer is recorded, but not told" in done.errors
    assert "Traceback" not in done.errors
    assert decide(project, asked.decision["run"]).exit_code != 0
