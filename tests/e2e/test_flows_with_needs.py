"""Flows that need something run where it is, on real devices over real adb; the plan says so before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.commands import Ended, validator
from tests.e2e.project import PACKAGE, Project

FLOW = f"appId: {PACKAGE}\n---\n- launchApp\n- assertVisible: Corner Shop\n"
DEVICES = [{"virtual": 1, "api": 33}, {"virtual": 1, "api": 35, "form_factor": "tablet", "labels": ["lab"]}]
FLOWS = {
    "workspace": "flows",
    "runner": "maestro-runner",
    "needs": [
        {"flows": ["tablet*"], "form_factor": "tablet", "labels": ["lab"]},
        {"flows": ["old"], "api": "<34"},
        {"flows": ["tv"], "form_factor": "tv"},
    ],
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    for name in ("tablet-1", "tablet-2", "old", "any"):
        made.write(f"flows/{name}.yaml", FLOW)
    made.apk()
    made.config(devices=DEVICES, flows={**FLOWS, "needs": FLOWS["needs"][:2]})
    return made


def where(done: Ended) -> dict[str, str]:
    """Flow -> the device that it ran on."""
    events = [json.loads(line)["event"] for line in (done.reports / "events.jsonl").read_text().splitlines()]
    devices = {event["device"]["serial"]: event["device"] for event in events if event["type"] == "DeviceLeased"}
    starts = [event for event in events if event["type"] == "AttemptStarted"]
    return {event["flow"]: devices[event["serial"]]["form_factor"] for event in starts}


@pytest.mark.slow
def test_each_flow_runs_where_it_fits_and_one_that_fits_nowhere_keeps_the_gate_closed(project: Project) -> None:
    done = project.run()
    assert done.exit_code == 0, done.output + done.errors
    found = where(done)
    assert (found["tablet-1"], found["tablet-2"], found["old"]) == ("tablet", "tablet", "phone")

    project.write("flows/tv.yaml", FLOW)
    project.config(devices=DEVICES, flows=FLOWS)
    done = project.run()
    assert done.exit_code == 3, done.output + done.errors
    settled = {flow["name"]: (flow["outcome"], flow["cause"]) for flow in done.decision["flows"]}
    assert settled.pop("tv") == ("inconclusive", "no_device")
    assert {outcome for outcome, _ in settled.values()} == {"passed"}
    assert "it needs tv; ready were" in done.output
    assert done.orphans == []
    replayed = validator(project.root, "gate", "replay", done.reports.resolve().name)
    assert "same decision, byte for byte: UNDECIDED" in replayed.output, replayed.errors


def test_the_plan_says_what_flows_need_and_which_of_them_no_device_fits(project: Project) -> None:
    project.write("flows/tv.yaml", FLOW)
    project.config(devices=DEVICES, flows=FLOWS)
    done = validator(project.root, "plan", "-c", "production")
    assert "needs tablet, labelled lab" in done.output
    assert "needs API 33 or older" in done.output
    assert "cannot be run: no device of the configuration fits: it needs tv" in done.output
    found = json.loads(validator(project.root, "plan", "-c", "production", "--json").output)
    assert found["flows"][-1]["name"] == "tv"
    assert {flow["name"]: flow["needs"] for flow in found["flows"]}["any"] == ""


def test_a_misspelled_flow_is_told_before_anything_runs(project: Project) -> None:
    project.config(devices=DEVICES, flows={**FLOWS, "needs": [{"flows": ["tablet-3"], "form_factor": "tablet"}]})
    done = project.run()
    assert done.exit_code == 2
    assert "no flow has the name or file 'tablet-3' (did you mean 'tablet-" in done.errors
    assert not (project.root / "reports").exists()
