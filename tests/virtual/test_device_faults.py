"""What each fault does to a device, seen from the host by a real adb."""

from __future__ import annotations

import subprocess
import time
from typing import Any

import pytest

from tests.virtual.apks import PACKAGE, tiny
from tests.virtual.host import DRIVERS, Adb, Fleet, wait_for
from validator.virtual.control import ControlClient, ControlError
from validator.virtual.faults import Event, Fault, FaultKind, Trigger

RUNNER = "io.appium.uiautomator2.server.test/androidx.test.runner.AndroidJUnitRunner"
LAUNCH = f"am start -n {PACKAGE}/.MainActivity"
BOOT_ID = "cat /proc/sys/kernel/random/boot_id"


@pytest.fixture
def control(fleet: Fleet) -> ControlClient:
    return fleet.control


@pytest.fixture
def app(adb: Adb, tmp_path) -> str:
    (tmp_path / "tiny.apk").write_bytes(tiny())
    assert "Success" in adb("install", "-r", str(tmp_path / "tiny.apk")).stdout
    adb.shell(LAUNCH)
    return PACKAGE


def strike(control: ControlClient, kind: FaultKind, **details: Any) -> None:
    control.arm(Fault(kind=kind, **details), device=0)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (FaultKind.CRASH, "reason=4 (APP CRASH(EXCEPTION))"),
        (FaultKind.NATIVE_CRASH, "reason=5 (APP CRASH(NATIVE))"),
        (FaultKind.PROCESS_DEATH, "reason=3 (LOW_MEMORY)"),
        (FaultKind.APP_EXIT, "reason=1 (EXIT_SELF)"),
    ],
)
def test_a_dying_app_leaves_its_record(adb: Adb, control: ControlClient, app: str, kind: FaultKind, reason: str):
    strike(control, kind)
    assert adb("shell", f"pidof {app}").returncode == 1
    assert reason in adb.shell(f"dumpsys activity exit-info {app}")


def test_an_app_sent_to_the_background_keeps_running(adb: Adb, control: ControlClient, app: str):
    strike(control, FaultKind.BACKGROUND)
    assert "nexuslauncher" in adb.shell("dumpsys window windows | grep mCurrentFocus")
    assert adb.shell(f"pidof {app}") != ""


def test_a_dropped_device_is_offline_until_it_is_healed(adb: Adb, control: ControlClient):
    strike(control, FaultKind.DROP)
    wait_for(lambda: adb.state() != "device", "the loss of the device")
    assert control.devices()[0].state == "offline"
    assert adb("shell", "echo").returncode != 0
    control.heal(0)
    wait_for(lambda: adb.state() == "device", "the device's return", within=30)


def test_a_blip_loses_the_forwards_and_adb_comes_back(adb: Adb, control: ControlClient):
    adb("forward", "tcp:0", "tcp:6790")
    strike(control, FaultKind.BLIP)
    wait_for(lambda: adb("forward", "--list").stdout.strip() == "", "the loss of the forward")
    wait_for(lambda: adb.shell("echo back") == "back", "the reconnection")


def test_a_frozen_device_stays_device_and_never_answers(adb: Adb, fleet: Fleet, control: ControlClient):
    strike(control, FaultKind.FREEZE)
    command = [str(adb.binary), "-s", adb.serial, "shell", "echo"]
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(command, capture_output=True, timeout=1, check=False, env=adb.environment())
    assert adb.state() == "device"
    assert fleet.adb(1).shell("echo untouched") == "untouched"
    assert control.devices()[0].state == "frozen"
    control.heal(0)
    assert adb.shell("echo thawed") == "thawed"


def test_a_reboot_comes_back_with_another_boot_id(adb: Adb, control: ControlClient):
    before = adb.shell(BOOT_ID)
    strike(control, FaultKind.REBOOT, seconds=0.3)
    wait_for(lambda: adb.shell(BOOT_ID) not in ("", before), "another boot")


def test_a_slow_boot_takes_the_framework_away_for_a_while(adb: Adb, control: ControlClient):
    strike(control, FaultKind.SLOW_BOOT, seconds=0.5)
    assert adb.shell("getprop sys.boot_completed") == ""
    assert adb("shell", "pm list packages").returncode == 20
    wait_for(lambda: adb.shell("getprop sys.boot_completed") == "1", "the end of the boot")


def test_a_full_device_takes_neither_packages_nor_files(adb: Adb, control: ControlClient, tmp_path):
    (tmp_path / "tiny.apk").write_bytes(tiny())
    strike(control, FaultKind.STORAGE_FULL)
    refused = adb("install", str(tmp_path / "tiny.apk"))
    assert "INSTALL_FAILED_INSUFFICIENT_STORAGE" in refused.stdout + refused.stderr
    pushed = adb("push", str(tmp_path / "tiny.apk"), "/sdcard/x")
    assert "No space left on device" in pushed.stdout + pushed.stderr
    assert adb("shell", "echo text > /sdcard/y").returncode != 0
    assert "100%" in adb.shell("df /data")


def test_without_network_the_device_says_so(adb: Adb, control: ControlClient):
    strike(control, FaultKind.NO_NETWORK)
    assert adb("shell", "ping -c 1 8.8.8.8").returncode == 2
    assert "none" in adb.shell("dumpsys connectivity | head -1")


def test_a_system_dialog_takes_taps_until_it_is_dismissed(adb: Adb, control: ControlClient, app: str):
    strike(control, FaultKind.SYSTEM_DIALOG)
    assert "Application Not Responding: com.android.systemui" in adb.shell("dumpsys window | grep mCurrentFocus")
    dumped = adb.shell("uiautomator dump /sdcard/v.xml >/dev/null; cat /sdcard/v.xml")
    assert "System UI isn't responding" in dumped.replace("&apos;", "'")
    adb.shell("input tap 540 300")
    assert control.devices()[0].front == "android"
    adb.shell("input tap 540 1090")
    assert control.devices()[0].front == app


@pytest.fixture
def driver(adb: Adb):
    for name in ("appium-uiautomator2-server-v9.11.1.apk", "appium-uiautomator2-server-debug-androidTest.apk"):
        assert "Success" in adb("install", "-r", str(DRIVERS / name)).stdout
    adb.shell(f"nohup am instrument -w {RUNNER} >/dev/null 2>&1 &")
    wait_for(lambda: "ready" in status(adb), "the automation server")


def status(adb: Adb) -> str:
    """What the automation server says within half a second."""
    request = b"GET /wd/hub/status HTTP/1.1\r\nHost: x\r\n\r\n"
    command = [str(adb.binary), "-s", adb.serial, "shell", "nc 127.0.0.1 6790"]
    try:
        asked = subprocess.run(
            command, input=request, capture_output=True, timeout=0.5, check=False, env=adb.environment()
        )
    except subprocess.TimeoutExpired:
        return "no answer"
    return asked.stdout.decode()


def test_a_dead_automation_server_refuses_and_can_be_started_again(adb: Adb, control: ControlClient, driver):
    strike(control, FaultKind.AUTOMATION_DEAD)
    assert status(adb) == ""
    adb.shell(f"am instrument -w {RUNNER} >/dev/null 2>&1 &")
    wait_for(lambda: "ready" in status(adb), "the automation server")


def test_a_hung_automation_server_takes_requests_and_answers_none(adb: Adb, control: ControlClient, driver):
    strike(control, FaultKind.AUTOMATION_HUNG)
    assert status(adb) == "no answer"


def test_a_driver_that_never_starts_leaves_its_port_closed(adb: Adb, control: ControlClient, driver):
    strike(control, FaultKind.DRIVER_NEVER_STARTS)
    assert adb("shell", f"nohup am instrument -w {RUNNER} >/dev/null 2>&1 &").returncode == 0
    assert adb.shell("pidof io.appium.uiautomator2.server") != ""
    assert status(adb) == ""


def test_a_refused_driver_is_gone_and_is_not_installed(adb: Adb, control: ControlClient, driver, tmp_path):
    strike(control, FaultKind.DRIVER_INSTALL_REFUSED)
    assert "appium" not in adb.shell("pm list packages")
    refused = adb("install", str(DRIVERS / "appium-uiautomator2-server-v9.11.1.apk"))
    assert "INSTALL_FAILED_USER_RESTRICTED" in refused.stdout + refused.stderr
    (tmp_path / "tiny.apk").write_bytes(tiny())
    assert "Success" in adb("install", str(tmp_path / "tiny.apk")).stdout


def test_a_dialog_about_another_app_names_it_and_is_in_front(adb: Adb, control: ControlClient, app: str):
    strike(control, FaultKind.FOREIGN_DIALOG)
    assert "Application Not Responding: com.vendor.messages" in adb.shell("dumpsys window windows | grep mCurrentFocus")
    assert adb.shell(f"pidof {app}") != ""


def test_an_app_that_vanishes_is_neither_running_nor_installed(adb: Adb, control: ControlClient, app: str):
    strike(control, FaultKind.APP_VANISHES)
    assert adb("shell", f"pidof {app}").returncode == 1
    assert adb("shell", f"pm path {app}").returncode == 1


def test_records_that_are_hidden_come_back_when_the_device_is_healed(adb: Adb, control: ControlClient, app: str):
    strike(control, FaultKind.CRASH)
    strike(control, FaultKind.RECORDS_UNREAD)
    assert "reason=" not in adb.shell(f"dumpsys activity exit-info {app}")
    control.heal(0)
    assert "reason=4" in adb.shell(f"dumpsys activity exit-info {app}")


def test_a_clock_that_is_behind_shows_in_the_date_the_log_and_the_records(adb: Adb, control: ControlClient, app: str):
    right = int(adb.shell("date +%s"))
    strike(control, FaultKind.CLOCK_BEHIND)
    strike(control, FaultKind.CRASH)
    wrong = int(adb.shell("date +%s"))
    assert right - wrong == pytest.approx(2 * 365 * 86_400, abs=5)
    assert adb.shell("logcat -v epoch -d -b crash | tail -1").split(".")[0].strip()[:6] == str(wrong)[:6]
    assert time.strftime("timestamp=%Y-%m-%d", time.gmtime(wrong)) in adb.shell(f"dumpsys activity exit-info {app}")
    control.heal(0)
    assert int(adb.shell("date +%s")) == pytest.approx(right, abs=5)


def test_a_fault_waits_for_its_trigger(adb: Adb, control: ControlClient, app: str):
    strike(control, FaultKind.CRASH, trigger=Trigger(event=Event.LAUNCH, match="tiny", after=2, times=1))
    for alive in (True, False, True):
        adb.shell(f"am force-stop {app}; {LAUNCH}")
        assert (adb.shell(f"pidof {app}") != "") is alive
    assert control.faults() == []


def test_a_fault_may_strike_some_time_after_its_event(adb: Adb, control: ControlClient, app: str):
    strike(control, FaultKind.CRASH, trigger=Trigger(event=Event.KEY, match="66", delay_s=0.3))
    adb.shell("input keyevent 66")
    assert adb.shell(f"pidof {app}") != ""
    wait_for(lambda: adb.shell(f"pidof {app}") == "", "the crash")


def test_a_fault_may_strike_by_the_clock_alone(adb: Adb, control: ControlClient, app: str):
    strike(control, FaultKind.PROCESS_DEATH, trigger=Trigger(event=Event.TIME, delay_s=0.3))
    assert [fault.event for fault in control.faults()] == ["time"]
    wait_for(lambda: adb.shell(f"pidof {app}") == "", "the death")
    assert control.faults() == []


def test_an_install_may_set_off_a_fault(adb: Adb, control: ControlClient, tmp_path):
    (tmp_path / "tiny.apk").write_bytes(tiny())
    strike(control, FaultKind.DROP, trigger=Trigger(event=Event.INSTALL, match=PACKAGE))
    assert adb("install", str(tmp_path / "tiny.apk")).returncode != 0
    wait_for(lambda: adb.state() != "device", "the loss of the device")


def test_the_faults_that_wait_are_listed_and_disarmed(adb: Adb, control: ControlClient):
    control.arm(Fault(kind=FaultKind.DROP, trigger=Trigger(event=Event.HTTP, match="/v1")))
    assert [(fault.device, fault.kind, fault.event, fault.match) for fault in control.faults()] == [
        (0, "drop", "http", "/v1"),
        (1, "drop", "http", "/v1"),
    ]
    control.heal(1)
    assert [fault.device for fault in control.faults()] == [0]


def test_a_device_that_is_not_there_is_explained(control: ControlClient):
    with pytest.raises(ControlError, match="'device' is \"all\" or a number from 0 to 1, not 7"):
        control.arm(Fault(kind=FaultKind.CRASH), device=7)
