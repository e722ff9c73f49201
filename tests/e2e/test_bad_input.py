"""Every kind of bad input ends with the right exit code and a message that says what to do; never with a traceback."""

from __future__ import annotations

import json

import pytest

from tests.e2e.commands import Ended, validator
from tests.e2e.project import FLOW, Project
from validator.demo.build import Variant


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path)
    made.write_defaults()
    return made


def refused(done: Ended, *words: str) -> None:
    assert done.exit_code == 2, done.output + done.errors
    assert "->" in done.errors
    for word in words:
        assert word in done.errors
    assert not (done.folder / "reports" / "latest" / "decision.json").exists()


def test_a_missing_configuration_names_those_that_exist(project):
    done = validator(project.root, "run", "-c", "staging")
    refused(done, "staging", "production")


def test_a_directory_instead_of_a_configuration(project):
    (project.root / "folder.yaml").mkdir()
    refused(validator(project.root, "run", "-c", "folder.yaml"), "folder.yaml", "directory")


@pytest.mark.parametrize("text", ["{", "environment: [", "just words", "", "\x00", "a: b: c", "- a\n- b\n"])
def test_a_file_that_is_no_configuration(project, text):
    project.write("configs/production.yaml", text)
    refused(project.run(), "configs/production.yaml")


def test_unknown_keys_and_wrong_types_are_all_told_at_once_at_their_places(project):
    config = project.config()
    config.write_text("environment: production\napp: {id: 12}\nbild: {file: a.apk}\ndevices: [{serial: e}]\n")
    done = project.run()
    refused(done, "production.yaml:2:11: app.id", "production.yaml:3:1: bild", "did you mean 'build'")


def test_an_unset_variable_is_named(project):
    project.config(deployment={"revision": "${env:NO_SUCH_VARIABLE}"})
    refused(project.run(), "NO_SUCH_VARIABLE")


def test_a_reports_folder_that_cannot_be_written(project):
    project.write("reports", "a file in its place")
    refused(project.run(), "reports")


def test_no_flow_runner(project):
    project.config(flows={"workspace": "flows", "runner": "maestro-runner", "runner_path": "nowhere/maestro-runner"})
    refused(project.run(), "maestro-runner")


def test_no_adb(project):
    project.config(adb={"path": "nowhere/adb"})
    refused(project.run(), "adb")


def test_a_workspace_that_does_not_exist(project):
    project.config(flows={"workspace": "elsewhere"})
    refused(project.run(), "elsewhere")


def blocked(done: Ended, cause: str) -> None:
    assert done.exit_code == 1, done.output + done.errors
    assert done.decision["decision"] == "blocked"
    assert done.decision["reasons"][0]["message"].startswith(f"{cause}: ")
    assert done.decision["next"]


def test_an_apk_that_is_missing(project):
    blocked(project.run(), "apk_missing")


@pytest.mark.parametrize("spoil", [lambda _: b"", lambda _: b"not an apk", lambda data: data[: len(data) // 2]])
def test_an_apk_that_is_empty_a_text_or_cut_off(project, spoil):
    apk = project.apk()
    apk.write_bytes(spoil(apk.read_bytes()))
    blocked(project.run(), "apk_unreadable")


def test_the_staging_build(project):
    project.apk(Variant.STAGING)
    done = project.run()
    blocked(done, "not_production")
    assert "staging.cornershop.example" in done.decision["reasons"][0]["message"]


def test_an_unknown_serial_is_no_device_and_undecided(project):
    project.apk()
    done = project.run()
    assert done.exit_code == 3, done.output + done.errors
    assert done.decision["reasons"][0]["message"].startswith("no_device: ")
    assert "emulator-5999" in done.output
    assert done.orphans == []


def test_a_workspace_without_flows(project):
    (project.root / "flows" / "a.yaml").unlink()
    done = project.run()
    assert done.exit_code == 4
    assert done.decision["reasons"][0]["code"] == "no_flows"


def test_a_tag_that_matches_nothing(project):
    done = project.run("--include-tags", "nosuchtag")
    assert done.exit_code == 4
    assert done.decision["reasons"][0]["code"] == "no_flows"


def test_a_run_of_some_flows_tells_what_it_left_out_and_opens_nothing(project):
    project.write("flows/b.yaml", FLOW)
    project.apk()
    done = project.run("--flow", "b")
    assert done.exit_code == 4
    assert "narrowed" in [reason["code"] for reason in done.decision["reasons"]]
    assert "left out" in done.output
    assert json.loads((done.reports / "run.json").read_text(encoding="utf-8"))["plan"]["left_out"] == ["a"]
    assert "the command line left it out" in (done.reports / "junit.xml").read_text(encoding="utf-8")
    assert "left out" in (done.reports / "index.html").read_text(encoding="utf-8")


def test_a_flow_that_is_asked_for_and_not_there(project):
    project.apk()
    done = project.run("--flow", "b")
    assert done.exit_code == 4
    assert "b" in done.decision["reasons"][0]["flows"]


@pytest.mark.parametrize("arguments", [["run"], ["run", "-c"], ["nonsense"], ["run", "-c", "x", "--purpose", "fun"]])
def test_a_wrong_command_line(tmp_path, arguments):
    done = validator(tmp_path, *arguments)
    assert done.exit_code == 2
    assert "Traceback" not in done.errors


def test_a_mistake_that_only_the_running_run_finds_is_told_as_one_everywhere(project: Project):
    project.write("outputs.json", json.dumps({"api_url": {"value": None, "type": "string", "sensitive": False}}))
    project.config(
        deployment={"terraform": {"outputs_file": "outputs.json"}},
        build={"file": "app.apk", "expect": {"contains": ["${terraform:api_url}"]}},
    )
    done = project.run()
    assert done.exit_code == 2, done.output + done.errors
    assert "api_url" in done.errors
    assert "the configuration or the call has a mistake" in done.output
    assert "exit code 2" in done.output
    assert "exit code 2" in (done.reports / "index.html").read_text()
