"""What the commands print: help at once, machine-readable output without noise, remedies for what is missing."""

from __future__ import annotations

import json

import pytest

from tests.e2e.commands import validator
from tests.e2e.project import Project
from validator.cli.main import COMMANDS


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path)
    made.write_defaults()
    return made


def test_help_names_every_command_and_the_exit_codes(tmp_path):
    done = validator(tmp_path, "--help")
    assert done.exit_code == 0
    for name in COMMANDS:
        assert f"  {name} " in done.output
    assert "130/143 interrupted" in done.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(tmp_path, name):
    done = validator(tmp_path, name, "--help")
    assert done.exit_code == 0
    assert "Usage: validator" in done.output


def test_a_misspelt_command_is_guessed(tmp_path):
    done = validator(tmp_path, "dmeo")
    assert done.exit_code == 2
    assert "Did you mean 'demo'?" in done.errors


def test_json_on_standard_output_is_the_decision_and_nothing_else(project):
    done = project.run("--json")
    assert json.loads(done.output) == done.decision
    assert done.decision["schema"] == "validator.decision/v1"
    assert "apk_missing" in done.errors


def test_a_stored_run_is_shown_as_json_too(project):
    project.run()
    done = validator(project.root, "show", "latest", "--json")
    assert json.loads(done.output)["schema"] == "validator.run/v1"


def test_the_doctor_finds_a_project_that_can_run(project):
    done = validator(project.root, "doctor", "-c", "production")
    assert done.exit_code == 0, done.output
    assert "PROBLEM" not in done.output


def test_the_doctor_names_every_problem_with_its_remedy(project):
    project.config(
        adb={"path": "nowhere/adb"},
        flows={"workspace": "flows", "runner_path": "nowhere/maestro-runner"},
        deployment={"revision": "${env:NO_SUCH_VARIABLE}"},
    )
    done = validator(project.root, "doctor", "-c", "production")
    assert done.exit_code == 2
    for name in ("adb", "runner", "references"):
        (line,) = [line for line in done.output.splitlines() if line.startswith(f"PROBLEM  {name} ")]
        assert line
    assert done.output.count("->") >= 3
    checks = json.loads(validator(project.root, "doctor", "-c", "production", "--json").output)
    assert {check["name"] for check in checks if check["health"] == "problem"} == {"adb", "runner", "references"}


def test_github_gets_a_summary_and_outputs(project):
    summary, output = project.root / "summary.md", project.root / "output.txt"
    project.run(GITHUB_STEP_SUMMARY=str(summary), GITHUB_OUTPUT=str(output))
    assert "gate=closed" in output.read_text()
    assert "decision=blocked" in output.read_text()
    assert "apk_missing" in summary.read_text()
