"""What is read of an attempt on a device, and what is said where it cannot be read."""

from __future__ import annotations

import pytest

from tests.devices.bench import PACKAGE
from validator.failures.classify import classify
from validator.failures.rules import built_in_rules
from validator.model.attempt import DeviceEvidence, DeviceState, Evidence, RunnerEnd, RunnerReport
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.virtual.faults import FaultKind

HEALTHY = DeviceEvidence(state=DeviceState.HEALTHY)
PASSED = RunnerReport(runner="r", end=RunnerEnd.EXITED, exit_code=0, passed=True, complete=True)


def test_a_report_that_comes_late_belongs_to_the_attempt_whose_process_it_names(bench):
    bench.device.install(bench.apk(), PACKAGE)
    seen = []
    for name in ("first", "second"):
        (bench.folder / name).mkdir()
        bench.device.prepare(PACKAGE, fresh_user=True, marks=())
        bench.shell(f"monkey -p {PACKAGE} -c android.intent.category.LAUNCHER 1")
        if name == "first":
            pid = bench.shell(f"pidof {PACKAGE}").strip()
        else:
            bench.shell(f"log -p e -t ActivityManager 'ANR in {PACKAGE} (x)'; log -p e -t ActivityManager 'PID: {pid}'")
        seen.append(bench.device.app_evidence(PACKAGE, bench.folder / name))
    assert [evidence.crash_log for evidence in seen] == [(), ()]
    assert [evidence.unread for evidence in seen] == ["", ""]


def test_records_that_android_does_not_tell_are_unread_and_make_no_pass(bench):
    bench.device.install(bench.apk(), PACKAGE)
    bench.device.prepare(PACKAGE, fresh_user=True, marks=())
    bench.strike(FaultKind.RECORDS_UNREAD)
    seen = bench.device.app_evidence(PACKAGE, bench.folder)
    assert "DUMP TIMEOUT" in seen.unread
    found = classify(Evidence(runner=PASSED, device=HEALTHY, app=seen), built_in_rules())
    assert found.failure is not None
    assert found.failure.cause is Cause.DEVICE_UNHEALTHY
    with pytest.raises(StageError, match="DUMP TIMEOUT") as unfit:
        bench.device.prepare(PACKAGE, fresh_user=True, marks=())
    assert unfit.value.cause is Cause.DEVICE_UNHEALTHY


def test_a_log_whose_stream_broke_is_read_to_its_end_all_the_same(bench):
    bench.device.install(bench.apk(), PACKAGE)
    bench.device.prepare(PACKAGE, fresh_user=True, marks=())
    bench.shell(f"monkey -p {PACKAGE} -c android.intent.category.LAUNCHER 1")
    bench.strike(FaultKind.BLIP)
    assert bench.until_it_answers()
    bench.strike(FaultKind.CRASH)
    seen = bench.device.app_evidence(PACKAGE, bench.folder)
    assert seen.unread == ""
    assert any("FATAL EXCEPTION" in line for line in seen.crash_log)


def test_the_scene_tells_an_app_that_vanished_and_a_clock_that_is_wrong(bench):
    bench.device.install(bench.apk(), PACKAGE)
    bench.device.prepare(PACKAGE, fresh_user=True, marks=())
    bench.shell(f"monkey -p {PACKAGE} -c android.intent.category.LAUNCHER 1")
    before = bench.device.scene(bench.folder, pictured=True)
    bench.strike(FaultKind.CLOCK_BEHIND)
    bench.strike(FaultKind.APP_VANISHES)
    after = bench.device.scene(bench.folder, pictured=True)
    assert (before.app, after.app) == ("installed", "missing")
    assert abs(before.clock_off) <= 2
    assert after.clock_off == pytest.approx(-2 * 365 * 86_400, abs=2)
