"""Flows that maestro-runner ended before their first command, or whose every command it passed over."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from validator.failures.classify import classify
from validator.failures.rules import built_in_rules
from validator.flows.maestro_runner_report import read
from validator.flows.reading import Reading
from validator.flows.report import report
from validator.model.attempt import DeviceEvidence, DeviceState, Evidence, StepStatus
from validator.model.causes import Cause
from validator.support.process import Completed, Ended

SAMPLES = Path(__file__).with_name("samples")
SERIAL = "stub-1"


def reading_of(sample: str) -> Reading:
    return read(SAMPLES / sample, SERIAL)


def failed_with(folder: Path, error: str) -> Reading:
    """The reading of a flow that failed with this error before its first command."""
    shutil.copytree(SAMPLES / "failed_on_start", folder, dirs_exist_ok=True)
    document = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    document["flows"][0]["error"] = error
    (folder / "report.json").write_text(json.dumps(document), encoding="utf-8")
    return read(folder, SERIAL)


def verdict(reading: Reading, *, exit_code: int) -> Cause | None:
    """The cause of the failure that this reading comes to on a healthy device."""
    completed = Completed(exit_code=exit_code, ended=Ended.EXITED, tail=(), seconds=1.0)
    healthy = DeviceEvidence(state=DeviceState.HEALTHY)
    found = classify(Evidence(runner=report("any", completed, reading), device=healthy), built_in_rules())
    return found.failure.cause if found.failure is not None else None


def test_a_flow_of_which_nothing_was_executed_did_not_pass() -> None:
    reading = reading_of("nothing_executed")

    assert (reading.passed, reading.complete) == (False, True)
    assert reading.problem.startswith("the flow cannot be measured: nothing of the flow was executed")
    assert verdict(reading, exit_code=0) is Cause.FLOW_INVALID


def test_a_flow_whose_commands_are_all_nested_and_not_recorded_passed() -> None:
    assert reading_of("only_nested").passed


@pytest.mark.parametrize(
    "log", [b"", b"=== Flow completed: f (status: passed, duration: 5ms, passed: 1) ===\n", b"\xff\x00" * 50]
)
def test_without_a_count_in_the_log_nested_commands_are_not_believed_in(tmp_path: Path, log: bytes) -> None:
    shutil.copytree(SAMPLES / "only_nested", tmp_path, dirs_exist_ok=True)
    (tmp_path / "maestro-runner.log").write_bytes(log)
    assert not read(tmp_path, SERIAL).passed

    (tmp_path / "maestro-runner.log").unlink()
    assert not read(tmp_path, SERIAL).passed


def test_a_flow_that_fails_before_its_first_command_is_a_failed_check_and_no_broken_report() -> None:
    reading = reading_of("failed_on_start")

    assert (reading.passed, reading.complete, reading.problem) == (False, True, "")
    assert reading.message.startswith("onFlowStart failed: ")
    assert [step.status for step in reading.steps] == [StepStatus.PENDING]
    assert verdict(reading, exit_code=1) is Cause.APP_ASSERTION


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("onFlowStart failed: Element not found: text='Welcome'", Cause.APP_ASSERTION),
        ('onFlowStart failed: send request: Post "http://localhost/session/1/element": EOF', Cause.DRIVER_FAILED),
    ],
)
def test_the_message_tells_why_a_flow_failed_on_start(tmp_path: Path, error: str, cause: Cause) -> None:
    reading = failed_with(tmp_path, error)

    assert verdict(reading, exit_code=1) is cause


def test_a_flow_that_failed_before_its_first_command_for_another_reason_is_incomplete(tmp_path: Path) -> None:
    assert not failed_with(tmp_path, "no driver").complete
