"""The real maestro-runner through `MaestroRunner`, against a stand-in for the device behind its `adb`."""

from __future__ import annotations

import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import adbutils
import pytest

from tests.flows.stand_ins import Device, MakeRequest
from validator.flows.maestro_runner import MaestroRunner
from validator.model.attempt import RunnerEnd, StepStatus
from validator.model.device import AdbAddress
from validator.support.stop import Stop

PROJECT = Path(__file__).parents[2]


def test_a_flow_that_passes_is_reported_with_its_steps(runner: MaestroRunner, request_on: MakeRequest) -> None:
    report = runner.run(request_on("appId: com.example.shop\n---\n- stopApp\n- assertVisible: Welcome\n"), Stop())

    assert report.passed
    assert report.complete
    assert (report.end, report.exit_code, report.transport_errors, report.problem) == (RunnerEnd.EXITED, 0, 0, "")
    assert [step.text for step in report.steps] == ["stopApp", 'assertVisible: text="Welcome"']
    assert all(step.status is StepStatus.PASSED for step in report.steps)
    assert report.runner == "maestro-runner 1.1.27"


def test_variables_reach_the_flow_exactly_and_no_command_line(
    runner: MaestroRunner, request_on: MakeRequest, device: Device
) -> None:
    nasty = "a\"b 'c' #d $1 $UNKNOWN \\n \t é %s {x} = end "
    request = request_on("appId: ${APP}\n---\n- stopApp: ${NASTY}\n", variables={"APP": "com.x", "NASTY": nasty})

    report = runner.run(request, Stop())

    assert report.passed
    assert f"shell am force-stop {nasty}" in device.calls()


def test_the_runner_sees_nothing_of_our_environment_that_it_does_not_need(
    runner: MaestroRunner, request_on: MakeRequest, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_TOKEN", "xoxb-secret")
    monkeypatch.setenv("MAESTRO_APP_FILE", "/nowhere/app.apk")  # one of the runner's own switches

    report = runner.run(request_on("appId: com.x\n---\n- stopApp: got $SLACK_TOKEN\n"), Stop())

    assert report.passed
    assert "shell am force-stop got $SLACK_TOKEN" in device.calls()


def test_a_device_that_drops_during_assert_not_visible_leaves_its_trace(
    runner: MaestroRunner, request_on: MakeRequest
) -> None:
    flow = (
        "appId: com.example.shop\n---\n- assertVisible: Welcome\n- assertNotVisible: Fatal\n- assertNotVisible: Gone\n"
    )

    report = runner.run(request_on(flow), Stop())

    assert report.exit_code == 0, "the runner itself calls this passed; if it no longer does, this test can go"
    assert report.transport_errors > 0


def test_a_hung_device_ends_at_the_deadline_and_leaves_the_device_free(
    runner: MaestroRunner, request_on: MakeRequest, device: Device
) -> None:
    device.hung.touch()
    request = request_on("appId: com.example.shop\n---\n- assertVisible: Welcome\n", deadline=1.0)

    report = runner.run(request, Stop())

    assert report.end is RunnerEnd.TIMED_OUT
    assert not report.passed
    assert not report.complete
    assert report.seconds < 10
    device.hung.unlink()
    again = runner.run(replace(request, folder=_empty(request.folder, "again"), deadline=20.0), Stop())
    assert again.passed


@pytest.mark.slow
def test_a_device_that_freezes_in_the_middle_is_let_go_by_force(
    runner: MaestroRunner, request_on: MakeRequest, device: Device
) -> None:
    """Slow: the runner ignores SIGTERM while its adb hangs, so 5 s pass before SIGKILL."""
    device.asked_for("Freeze", device.hung.touch)
    flow = "appId: com.x\n---\n- assertVisible: Welcome\n- tapOn: Freeze\n- assertVisible: Welcome\n"

    report = runner.run(request_on(flow, deadline=3.0), Stop())

    assert report.end is RunnerEnd.TIMED_OUT
    assert report.exit_code == -9
    assert not report.passed
    assert not device.owner.exists(), "the next runner would believe the device to be in use"


def test_a_stop_ends_a_flow_that_waits(runner: MaestroRunner, request_on: MakeRequest, device: Device) -> None:
    flow = "appId: com.example.shop\n---\n- extendedWaitUntil:\n    visible: Never\n    timeout: 60000\n- back\n"
    stop = Stop()
    device.asked_for("Never", lambda: stop.set("device lost"))

    report = runner.run(request_on(flow), stop)

    assert report.end is RunnerEnd.STOPPED
    assert not report.passed
    assert not report.complete
    assert report.seconds < 10
    assert [step.status for step in report.steps] == [StepStatus.RUNNING, StepStatus.PENDING]
    assert not device.owner.exists()


def test_a_mistake_in_a_flow_is_told_with_its_file_and_line(runner: MaestroRunner, request_on: MakeRequest) -> None:
    report = runner.run(request_on("appId: com.example.shop\nname: x\n---\n- back\n- tapOnn: x\n"), Stop())

    assert not report.passed
    assert not report.complete
    assert "flow.yaml:5: unknown step type" in report.message
    assert report.problem == "report.json was not written"


def test_a_variable_without_value_is_told_by_its_name(runner: MaestroRunner, request_on: MakeRequest) -> None:
    report = runner.run(request_on("appId: ${NOPE}\n---\n- back\n"), Stop())

    assert not report.passed
    assert "${NOPE}" in report.problem


@pytest.mark.parametrize(("screen", "passed"), [("Welcome", True), ("Nowhere", False)])
def test_a_flow_whose_only_condition_is_not_met_has_not_passed(
    runner: MaestroRunner, request_on: MakeRequest, screen: str, passed: bool
) -> None:
    flow = f"appId: com.x\n---\n- runFlow:\n    when: {{visible: {screen}}}\n    commands: [assertVisible: Welcome]\n"

    report = runner.run(request_on(flow), Stop())

    assert report.exit_code == 0
    assert (report.passed, report.complete) == (passed, True)
    assert ("nothing of the flow was executed" in report.problem) is not passed


def test_nothing_private_is_left_behind(
    runner: MaestroRunner, request_on: MakeRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    request = request_on("appId: com.x\n---\n- back\n", variables={"PASSWORD": "hunter2-and-more"})

    assert runner.run(request, Stop()).passed

    assert list(temporary.iterdir()) == []
    kept = b"".join(file.read_bytes() for file in request.folder.rglob("*") if file.is_file())
    assert b"hunter2-and-more" not in kept


def _empty(beside: Path, name: str) -> Path:
    folder = beside.with_name(name)
    folder.mkdir()
    return folder


@pytest.mark.slow
def test_a_serial_that_adb_does_not_know_is_told(runner: MaestroRunner, request_for: MakeRequest) -> None:
    """Slow: the runner waits 5 s for the device."""
    adb = Path(adbutils.__file__).parent / "binaries" / "adb"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = AdbAddress(path=str(adb), server_port=port)
    try:
        report = runner.run(replace(request_for(deadline=30.0), adb=address), Stop())
    finally:
        subprocess.run([adb, "-P", str(port), "kill-server"], check=False, capture_output=True, timeout=10)

    assert not report.passed
    assert not report.complete
    assert "device not found: timeout waiting for device stub-1" in report.message
