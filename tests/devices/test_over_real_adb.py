"""A device through real adb: what is installed, prepared, watched and collected on the built-in virtual device."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from tests.devices.bench import PACKAGE, opened
from validator.demo.build import Variant
from validator.devices.adb_binary import locate_adb
from validator.devices.serials import SerialSource
from validator.failures.classify import classify
from validator.failures.rules import built_in_rules
from validator.model.attempt import DeviceEvidence, DeviceState, Evidence, RunnerEnd, RunnerReport
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.stop import Stop
from validator.virtual.faults import Event, Fault, FaultKind, Trigger

HEALTHY = DeviceEvidence(state=DeviceState.HEALTHY)
MARKS = (("run", "20261121-033000-abcd"),)


def test_an_installed_apk_is_there_and_a_second_one_replaces_it(bench):
    bench.device.install(bench.apk(), PACKAGE)
    bench.device.install(bench.apk(version_name="1.4.3"), PACKAGE)
    assert "versionName=1.4.3" in bench.shell(f"dumpsys package {PACKAGE}")


def test_an_app_that_another_key_signed_is_replaced(bench):
    bench.device.install(bench.apk(), PACKAGE)
    bench.device.install(bench.apk(variant=Variant.STAGING), PACKAGE)
    assert PACKAGE in bench.shell("pm list packages")


@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (lambda data: data[: len(data) // 2], Cause.APK_INCOMPATIBLE),
        (lambda _: b"no apk at all", Cause.APK_INCOMPATIBLE),
    ],
)
def test_what_android_refuses_is_an_incompatible_apk(bench, spoil, cause):
    apk = bench.apk()
    apk.write_bytes(spoil(apk.read_bytes()))
    with pytest.raises(StageError) as refused:
        bench.device.install(apk, PACKAGE)
    assert refused.value.cause is cause
    assert refused.value.remedy


def test_an_apk_for_another_processor_is_incompatible(bench):
    with pytest.raises(StageError, match="NO_MATCHING_ABIS") as refused:
        bench.device.install(bench.apk(abis=("armeabi-v7a",)), PACKAGE)
    assert refused.value.cause is Cause.APK_INCOMPATIBLE


def test_a_full_device_is_unhealthy_and_not_the_apks_fault(bench):
    bench.strike(FaultKind.STORAGE_FULL)
    with pytest.raises(StageError) as refused:
        bench.device.install(bench.apk(), PACKAGE)
    assert refused.value.cause is Cause.DEVICE_UNHEALTHY


def test_a_device_that_goes_while_it_installs_is_lost_and_not_unfit(bench):
    bench.lab.control.arm(Fault(kind=FaultKind.DROP, trigger=Trigger(event=Event.INSTALL)))
    with pytest.raises(StageError) as gone:
        bench.device.install(bench.apk(), PACKAGE)
    assert gone.value.cause is Cause.DEVICE_LOST


def test_marks_are_set_survive_a_fresh_user_and_are_removed(bench):
    bench.device.install(bench.apk(), PACKAGE)
    bench.device.prepare(PACKAGE, fresh_user=True, marks=MARKS)
    bench.device.prepare(PACKAGE, fresh_user=True, marks=())
    assert bench.shell("getprop debug.validator.run").strip() == MARKS[0][1]
    assert bench.shell("settings get global validator_run").strip() == MARKS[0][1]
    bench.device.unmark(["run"])
    assert bench.shell("getprop debug.validator.run").strip() == ""
    assert bench.shell("settings get global validator_run").strip() in ("", "null")


def test_a_crash_is_in_the_evidence_of_its_attempt_and_not_in_the_next(bench):
    bench.device.install(bench.apk(), PACKAGE)
    for crashes in (True, False):
        folder = bench.folder / str(crashes)
        folder.mkdir()
        bench.device.prepare(PACKAGE, fresh_user=True, marks=())
        bench.shell(f"monkey -p {PACKAGE} -c android.intent.category.LAUNCHER 1")
        if crashes:
            bench.strike(FaultKind.CRASH)
        seen = bench.device.app_evidence(PACKAGE, folder)
        assert any("reason=4" in line for line in seen.exit_info) == crashes
        assert any("FATAL EXCEPTION" in line for line in seen.crash_log) == crashes
        assert (folder / "logcat.txt").stat().st_size > 0


def test_the_scene_of_a_failure_is_told_pictured_and_dumped(bench):
    scene = bench.device.scene(bench.folder, pictured=False)
    assert scene is not None
    assert scene.window
    assert scene.free_mb
    assert scene.network.isdecimal()
    assert (bench.folder / "screenshot.png").read_bytes().startswith(b"\x89PNG")
    assert (bench.folder / "hierarchy.xml").read_bytes().endswith(b"</hierarchy>")


def test_what_the_runner_has_pictured_is_not_pictured_again(bench):
    assert bench.device.scene(bench.folder, pictured=True) is not None
    assert not (bench.folder / "screenshot.png").exists()


def test_the_scene_names_a_network_that_is_gone_and_one_that_was_switched_off(bench):
    bench.strike(FaultKind.NO_NETWORK)
    assert bench.device.scene(bench.folder, pictured=True).network == "none"
    bench.shell("settings put global airplane_mode_on 1")
    assert bench.device.scene(bench.folder, pictured=True).network == "airplane mode"


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (FaultKind.DROP, DeviceState.LOST),
        (FaultKind.FREEZE, DeviceState.FROZEN),
        (FaultKind.REBOOT, DeviceState.REBOOTED),
        (FaultKind.BLIP, DeviceState.RECONNECTED),
    ],
)
def test_a_device_that_goes_is_noticed_within_six_seconds(bench, kind, state):
    with bench.device.watch(Stop()) as watch:
        began = bench.strike(kind)
        assert watch.stop.wait(6.5)
        assert time.monotonic() - began < 6.5
        seen = watch.evidence()
    assert time.monotonic() - began < 7.0, "a device that is known to be gone is not waited for again"
    expected = {state, DeviceState.LOST} if kind is FaultKind.REBOOT else {state}
    assert seen.state in expected
    assert seen.detail


def test_a_network_that_goes_is_noticed_within_six_seconds(bench):
    with bench.device.watch(Stop()) as watch:
        assert not watch.stop.wait(2.5), "by then it is known that there was one"
        began = bench.strike(FaultKind.NO_NETWORK)
        assert watch.stop.wait(6.0)
        assert time.monotonic() - began < 6.0
        assert watch.evidence().state is DeviceState.NO_NETWORK


def test_a_network_that_went_before_the_flow_is_noticed_where_flows_need_one(bench):
    bench.device.needs_network = True
    bench.strike(FaultKind.NO_NETWORK)
    with bench.device.watch(Stop()) as watch:
        assert watch.stop.wait(6.5)
        assert watch.evidence().state is DeviceState.NO_NETWORK
    handset = bench.device._handset
    assert handset.adb.forwards(handset.serial) == frozenset(), "a device that answers is left without our forward"


@pytest.mark.slow
def test_an_attempt_is_not_begun_without_a_network_where_flows_need_one_unless_somebody_switched_it_off(bench):
    bench.device.install(bench.apk(), PACKAGE)
    bench.strike(FaultKind.NO_NETWORK)
    bench.device.prepare(PACKAGE, fresh_user=True, marks=())
    bench.device.needs_network = True
    with pytest.raises(StageError, match="without a network") as refused:
        bench.device.prepare(PACKAGE, fresh_user=True, marks=())
    assert refused.value.cause is Cause.DEVICE_UNHEALTHY
    bench.shell("settings put global airplane_mode_on 1")
    bench.device.prepare(PACKAGE, fresh_user=True, marks=())


def test_a_network_that_is_switched_off_is_nobodys_fault(bench):
    with bench.device.watch(Stop()) as watch:
        assert not watch.stop.wait(2.5)
        bench.shell("settings put global airplane_mode_on 1")
        assert not watch.stop.wait(6.0)
        assert watch.evidence().state is DeviceState.HEALTHY


@pytest.mark.parametrize("kind", [FaultKind.CRASH, FaultKind.NATIVE_CRASH, FaultKind.ANR])
def test_an_app_that_crashes_or_hangs_is_not_waited_for(bench, kind):
    bench.device.install(bench.apk(), PACKAGE)
    bench.device.prepare(PACKAGE, fresh_user=True, marks=())
    bench.shell(f"monkey -p {PACKAGE} -c android.intent.category.LAUNCHER 1")
    with bench.device.watch(Stop()) as watch:
        bench.strike(kind)
        assert watch.stop.wait(4.0)
        assert "crashed" in watch.stop.reason
        assert watch.evidence().state is DeviceState.HEALTHY
    seen = bench.device.app_evidence(PACKAGE, bench.folder)
    cause = Cause.APP_ANR if kind is FaultKind.ANR else Cause.APP_CRASH
    report = RunnerReport(runner="any", end=RunnerEnd.STOPPED, exit_code=-15, passed=False, complete=False)
    for told in (seen, replace(seen, exit_info=())):
        failure = classify(Evidence(runner=report, device=HEALTHY, app=told), built_in_rules()).failure
        assert failure is not None
        assert failure.cause is cause, "whatever the log alone has ended is settled by the log alone"


def test_a_healthy_device_stays_healthy_under_watch(bench):
    with bench.device.watch(Stop()) as watch:
        assert not watch.stop.wait(2.5)
        assert watch.evidence().state is DeviceState.HEALTHY


def test_a_lost_device_ends_every_call_in_time(bench):
    bench.device.install(bench.apk(), PACKAGE)
    bench.device.prepare(PACKAGE, fresh_user=True, marks=MARKS)
    bench.strike(FaultKind.DROP)
    began = time.monotonic()
    bench.device.app_evidence(PACKAGE, bench.folder)
    assert bench.device.scene(bench.folder, pictured=False) is None
    bench.device.unmark(["run"])
    with pytest.raises(StageError) as lost:
        bench.device.prepare(PACKAGE, fresh_user=True, marks=MARKS)
    assert lost.value.cause.family == "infrastructure"
    assert time.monotonic() - began < 40


def test_a_device_is_used_by_one_run_at_a_time(bench):
    with pytest.raises(StageError, match="in use") as busy, opened(bench.lab, bench.folder):
        pass
    assert busy.value.cause is Cause.NO_DEVICE


def test_an_unknown_serial_names_what_is_attached(bench):
    adb = locate_adb(bench.lab.fleet.adb.path, os.environ)
    source = SerialSource(["emulator-9998"], adb, bench.lab.fleet.adb.server_port, locks=bench.folder / "locks")
    with pytest.raises(StageError, match="no such device") as unknown, source.open(Stop()):
        pass
    assert unknown.value.cause is Cause.NO_DEVICE
    assert bench.lab.fleet.serials[0] in unknown.value.what
