"""Earlier stages of the pipeline: what the caller says has passed is recorded, and what is missing is told at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.commands import Ended
from tests.e2e.project import Project
from tests.fakes.targets import Fault, Target, running

JOBS = b'{"total_count": 1, "jobs": [{"name": "apply", "status": "completed", "conclusion": "success"}]}'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write_defaults()
    return made


def started(done: Ended) -> dict[str, object]:
    first = json.loads((done.reports / "events.jsonl").read_text(encoding="utf-8").splitlines()[0])
    event: dict[str, object] = first["event"]
    assert event["type"] == "RunStarted"
    return event


def codes(done: Ended) -> list[str]:
    return [reason["code"] for reason in done.decision["reasons"]]


def test_stages_are_told_by_option_and_by_variable(project: Project):
    project.write("gates/frontend.yaml", "name: frontend\nrequires: [unit-tests, apply, lint]\n")
    project.config(gate="gates/frontend.yaml")
    done = project.run("--passed", "unit-tests", VALIDATOR_PASSED="apply, other")
    assert started(done)["passed"] == ["unit-tests", "apply", "other"]
    assert "nobody said that lint passed; --passed lint" in done.output + done.errors
    assert codes(done) == ["stage_failed", "prerequisites"]
    assert "(1 of 3) > limit (0): lint" in done.decision["reasons"][1]["message"]
    whole = project.run("--passed", "unit-tests", "--passed", "lint", VALIDATOR_PASSED="apply")
    assert codes(whole) == ["stage_failed"]


def test_github_is_asked_about_jobs_and_its_silence_is_told(project: Project):
    project.write("gates/frontend.yaml", "name: frontend\nrequires: [apply]\n")
    project.config(gate="gates/frontend.yaml")
    hub = Target()
    hub.script.append(Fault(status=200, body=JOBS))
    hub.script.append(Fault(status=403))
    with running(hub):
        variables = {
            "GITHUB_API_URL": hub.url,
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_RUN_ID": "17",
            "GITHUB_TOKEN": "ghs-c4nary",
        }
        done = project.run("--passed-job", "apply", **variables)
        assert started(done)["passed"] == ["apply"]
        assert codes(done) == ["stage_failed"]
        refused = project.run("--passed-job", "apply", **variables)
    assert started(refused)["passed"] == []
    assert "no job counts as passed: the jobs of this GitHub run: GitHub answered HTTP 403" in refused.errors
    assert codes(refused) == ["stage_failed", "prerequisites"]
    assert "ghs-c4nary" not in refused.output + refused.errors
    outside = project.run("--passed-job", "apply")
    assert outside.exit_code == 2
    assert "GITHUB_TOKEN" in outside.errors


def test_a_run_that_is_gone_on_with_stands_on_the_stages_that_it_began_with(project: Project):
    project.write("gates/frontend.yaml", "name: frontend\nrequires: [unit-tests]\n")
    project.config(gate="gates/frontend.yaml")
    first = project.run()
    journal = first.reports / "events.jsonl"
    cut = [line for line in journal.read_text().splitlines() if '"RunFinished"' not in line and '"Decided"' not in line]
    assert len(cut) > 1
    (project.root / ".validator" / "history.db").unlink()
    journal.write_text("\n".join(cut) + "\n")
    again = project.run("--resume", first.reports.name, "--passed", "unit-tests")
    assert again.exit_code == 2
    assert "the list of stages that passed changed since the run began" in again.errors
