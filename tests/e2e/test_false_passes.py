"""What the runner alone reports as passed though the device was gone, or the app had crashed, does not pass here."""

from __future__ import annotations

import pytest

from tests.e2e.devices import lab
from tests.e2e.project import PACKAGE, Project
from validator.virtual.faults import Event, Fault, FaultKind, Trigger

pytestmark = pytest.mark.timeout(150)

ABSENT = "\n".join('- assertNotVisible: "Nonsense"' for _ in range(20))
DROPS_ON_ABSENCE = f"appId: {PACKAGE}\n---\n- launchApp\n- assertVisible: Continue as guest\n{ABSENT}\n"
CRASHES_AT_THE_END = (
    f"appId: {PACKAGE}\n---\n- launchApp\n- assertVisible: Continue as guest\n- tapOn: Continue as guest\n"
)

DROP = Fault(kind=FaultKind.DROP, trigger=Trigger(event=Event.FIND, match="Nonsense", after=3))
CRASH = Fault(kind=FaultKind.CRASH, trigger=Trigger(event=Event.TAP, match="Continue as guest"))


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def prepared(project, devices, flow, fault):
    """The flow in a project of its own, the app installed, the fault armed."""
    project.write("flows/a.yaml", flow)
    apk = project.apk(api_url=devices.api_url)
    project.config(
        adb={"path": devices.fleet.adb.path, "server_port": devices.fleet.adb.server_port},
        build={"file": "app.apk"},
        devices=[{"serial": serial} for serial in devices.fleet.serials],
    )
    devices.control.arm(fault)
    return apk


@pytest.mark.parametrize(("flow", "fault"), [(DROPS_ON_ABSENCE, DROP), (CRASHES_AT_THE_END, CRASH)])
def test_the_runner_alone_says_passed(project, flow, fault):
    with lab() as devices:
        apk = prepared(project, devices, flow, fault)
        alone = devices.runner_alone(project.root, "--app-file", str(apk), "test", "flows/a.yaml")
        assert alone.returncode == 0, alone.stdout + alone.stderr
        assert any(status.struck for status in devices.control.faults())


def test_a_device_that_drops_while_absence_is_asserted_is_a_lost_device(project):
    with lab() as devices:
        prepared(project, devices, DROPS_ON_ABSENCE, DROP)
        done = project.run()
    assert done.exit_code == 3, done.output + done.errors
    assert done.causes() == {"device_lost"}
    assert done.flows("inconclusive") == ["a"]


def test_an_app_that_crashes_on_its_last_step_is_a_crash(project):
    with lab() as devices:
        prepared(project, devices, CRASHES_AT_THE_END, CRASH)
        done = project.run()
    assert done.exit_code == 1, done.output + done.errors
    assert done.flows("failed") == ["a"]
    assert done.causes() == {"app_crash"}
