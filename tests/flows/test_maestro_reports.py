"""Damaged artefacts of the official CLI: read without an error, and never a pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from validator.flows.maestro_artefacts import scrubbed
from validator.flows.maestro_report import read
from validator.flows.reading import Reading, ReportError

COMMANDS = json.dumps(
    [
        {"command": {"launchAppCommand": {"appId": "x"}}, "metadata": {"status": "COMPLETED", "duration": 5}},
        {
            "command": {"tapOnElement": {}},
            "metadata": {"status": "FAILED", "error": {"message": "Element not found: Y"}},
        },
    ]
).encode()
MANIFEST = b'{"entries": [{"kind": "SCREENSHOT", "format": "png", "relativePath": "x.png"}]}'
PASSED = b'<testsuites><testsuite tests="1" failures="0"><testcase status="SUCCESS"/></testsuite></testsuites>'
JUNIT = (
    b'<testsuites><testsuite tests="1" failures="1"><testcase name="a" status="ERROR">'
    b"<failure>Element not found: Y</failure></testcase></testsuite></testsuites>"
)


def reading_of(folder: Path, commands: bytes = COMMANDS, manifest: bytes = MANIFEST, junit: bytes = JUNIT) -> Reading:
    (folder / "run" / "Flow").mkdir(parents=True, exist_ok=True)
    (folder / "run" / "Flow" / "commands.json").write_bytes(commands)
    (folder / "run" / "Flow" / "manifest.json").write_bytes(manifest)
    (folder / "junit.xml").write_bytes(junit)
    return read(folder / "junit.xml", folder / "run")


def test_the_undamaged_artefacts_are_a_complete_failure(tmp_path: Path) -> None:
    reading = reading_of(tmp_path)

    assert (reading.passed, reading.complete, reading.problem) == (False, True, "")
    assert reading.message == "Element not found: Y"


def test_two_runs_in_one_folder_cannot_be_told_apart(tmp_path: Path) -> None:
    (tmp_path / "run" / "Other").mkdir(parents=True)
    (tmp_path / "run" / "Other" / "commands.json").write_bytes(b"[]")

    assert reading_of(tmp_path).problem == "commands.json was written 2 times"


def entry(name: str, status: str) -> dict[str, object]:
    return {"command": {name: {}}, "metadata": {"status": status}}


def test_a_pass_without_a_single_command_is_none(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, commands=b"[]", junit=PASSED)

    assert not reading.passed
    assert reading.problem == "a flow is said to have passed, and its report has no command"


@pytest.mark.parametrize(
    ("entries", "passed"),
    [
        ([entry("applyConfigurationCommand", "COMPLETED"), entry("runFlowCommand", "SKIPPED")], False),
        ([entry("defineVariablesCommand", "COMPLETED"), entry("runFlowCommand", "COMPLETED")], False),
        ([entry("repeatCommand", "COMPLETED"), entry("tapOnElement", "SKIPPED")], False),
        ([entry("runFlowCommand", "COMPLETED"), entry("tapOnElement", "COMPLETED")], True),
    ],
)
def test_a_flow_of_which_nothing_was_executed_did_not_pass(
    tmp_path: Path, entries: list[dict[str, object]], passed: bool
) -> None:
    reading = reading_of(tmp_path, commands=json.dumps(entries).encode(), junit=PASSED)

    assert reading.passed is passed
    assert reading.problem.startswith("the flow cannot be measured: nothing") is not passed


def test_what_a_later_version_adds_does_no_harm(tmp_path: Path) -> None:
    commands = COMMANDS.replace(b'"status"', b'"new": {"a": [1]}, "status"')

    assert reading_of(tmp_path, commands=commands, manifest=b'{"entries": null, "x": 1}').complete


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["commands", "manifest", "junit"]),
    place=st.integers(0, 400),
    noise=st.binary(max_size=12) | st.sampled_from([b"[" * 5000, b"null", b'"', b"{}", b"1e999"]),
)
def test_any_damage_is_read_without_an_error(tmp_path: Path, name: str, place: int, noise: bytes) -> None:
    original = {"commands": COMMANDS, "manifest": MANIFEST, "junit": JUNIT}[name]
    damaged = original[:place] + noise + original[place + len(noise) :]

    reading = reading_of(tmp_path, **{name: damaged})

    assert not reading.passed
    assert reading.problem or reading.message or not reading.complete


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"[" * 5000, b"\xff"])
def test_commands_that_cannot_be_cleaned_of_values_are_not_kept(data: bytes) -> None:
    with pytest.raises(ReportError):
        scrubbed(data)


def test_everything_but_values_of_variables_is_kept() -> None:
    entry = {
        "command": {"tapOn": {"text": "${X}"}},
        "metadata": {"status": "FAILED", "evaluatedCommand": {"text": "s3cret"}},
    }

    assert json.loads(scrubbed(json.dumps([entry]).encode())) == [
        {"command": {"tapOn": {"text": "${X}"}}, "metadata": {"status": "FAILED"}}
    ]
