"""What a run makes of its build: a second one in the same checkout, and expectations that have come to say nothing."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.e2e.commands import Ended, validator
from tests.e2e.project import API, Project

UP_TO_DATE = "test -f app.apk || cp made.apk app.apk"
"""As gradle does: what is up to date is not written again."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write_defaults()
    return made


def reason(done: Ended) -> str:
    return str(done.decision["reasons"][0]["message"])


def test_the_second_run_in_a_checkout_is_undecided_where_the_build_leaves_the_apk_of_the_first(
    project: Project,
) -> None:
    shutil.move(project.apk(), project.root / "made.apk")
    build = {"command": UP_TO_DATE, "artifact": "app.apk", "expect": {"contains": [API]}}
    project.config(build=build)

    first, second = project.run(), project.run()
    assert first.exit_code == 3
    assert reason(second).startswith("apk_stale: "), second.output

    assert (second.exit_code, second.decision["decision"]) == (3, "undecided")
    assert any("build.fresh: false" in step for step in second.decision["next"])
    project.config(build=build | {"fresh": False})
    third = project.run()
    assert reason(third).startswith("no_device: "), "the APK was accepted, and the next stage had its turn"


def test_an_unchanged_apk_of_another_deployment_is_found_out_by_its_content(project: Project) -> None:
    shutil.move(project.apk(api_url="http://127.0.0.1:8"), project.root / "made.apk")
    build = {"command": UP_TO_DATE, "artifact": "app.apk", "fresh": False, "expect": {"contains": [API]}}
    project.config(build=build)
    project.run()

    done = project.run()

    assert done.exit_code == 1
    assert reason(done).startswith("not_production: ")
    assert f"{API} is not in the APK" in reason(done)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "the output api_url of the deployment is null"),
        ("", "${terraform:api_url} is '', which says nothing"),
        ("/", "${terraform:api_url} is '/', which says nothing"),
        ("null", "${terraform:api_url} is 'null', which says nothing"),
    ],
)
def test_an_endpoint_that_the_deployment_does_not_name_switches_no_check_off(
    project: Project, value: str | None, why: str
) -> None:
    project.apk()
    project.write("outputs.json", json.dumps({"api_url": {"value": value}, "region": {"value": "eu"}}))
    project.config(
        deployment={"terraform": {"outputs_file": "outputs.json"}},
        build={"file": "app.apk", "expect": {"contains": ["${terraform:api_url}"]}},
    )

    done = project.run()

    assert done.exit_code == 2, done.output
    assert re.search(r"production\.yaml:1:[0-9]+: build\.expect\.contains\[0\]: ", done.errors)
    assert why in done.errors
    assert "->" in done.errors
    assert not (done.reports / "decision.json").exists()


def test_the_baseline_belongs_to_the_project_wherever_the_run_was_called(project: Project, tmp_path: Path) -> None:
    project.write("gate.yaml", json.dumps({"name": "loose", "limits": {"flaky": 9}}))
    staging = project.config(environment="staging", gate="gate.yaml", parity={"baseline": "production"}).read_text()
    project.config()
    file = project.write("configs/staging.yaml", staging)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    done = validator(elsewhere, "run", "-c", str(file), seconds=50)

    assert done.exit_code == 1, done.output + done.errors
    assert "parity_broken: staging differs from production in gate.limits.flaky" in done.output


def test_a_baseline_that_is_not_there_is_told_before_the_run_begins(project: Project) -> None:
    project.config(parity={"baseline": "produktion"})

    done = project.run()

    assert done.exit_code == 2
    assert "there is no environment 'produktion'" in done.errors
    assert "NO DECISION" not in done.output
