"""What Android's tools print is read as they print it; anything else is survived."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.devices.crashes import MAX_BLOCK_LINES, Crashes
from validator.devices.exit_info import MAX_RECORDS, exit_records, newer
from validator.devices.http_calls import MAX_LINES, HttpCalls
from validator.devices.logline import read_line
from validator.devices.refusals import REPLACEABLE, read_refusal
from validator.model.causes import Cause

APP = "com.example.shop"

EXIT_INFO = """\
ACTIVITY MANAGER PROCESS EXIT INFO (dumpsys activity exit-info)
Last Timestamp of Persistence Into Persistent Storage: 2026-11-21 03:26:54.123
  package: com.example.shop
    Historical Process Exit for uid=10191
        ApplicationExitInfo #0:
          timestamp=2026-11-21 03:26:55.001 pid=4242 realUid=10191 packageUid=10191 definingUid=10191 user=0
          process=com.example.shop reason=4 (APP CRASH(EXCEPTION)) subreason=0 (UNKNOWN) status=0
          importance=100 pss=0.00 rss=120MB description=crash state=empty trace=null
        ApplicationExitInfo #1:
          timestamp=2026-11-21 03:20:00.500 pid=4100 realUid=10191 packageUid=10191 definingUid=10191 user=0
          process=com.example.shop:push reason=10 (USER REQUESTED) subreason=21 (FORCE STOP) status=0
          importance=400 pss=0.00 rss=0.00 description=stop com.example.shop state=empty trace=null
  package: com.example.other
    Historical Process Exit for uid=10192
        ApplicationExitInfo #0:
          timestamp=2026-11-20 01:00:00.000 pid=9 realUid=1 packageUid=1 definingUid=1 user=0
          process=com.example.other reason=3 (LOW_MEMORY) subreason=0 (UNKNOWN) status=0
          importance=400 pss=0.00 rss=0.00 description=null state=empty trace=null
"""

CRASH_LOG = """\
--------- beginning of crash
1795231615.001  4242  4242 E AndroidRuntime: FATAL EXCEPTION: main
1795231615.001  4242  4242 E AndroidRuntime: Process: com.example.shop, PID: 4242
1795231615.001  4242  4242 E AndroidRuntime: java.lang.IllegalStateException: cart is empty: 0 items
1795231615.001  4242  4242 E AndroidRuntime: \tat com.example.shop.Cart.total(Cart.java:42)
1795231615.002  4300  4300 E AndroidRuntime: FATAL EXCEPTION: background
1795231615.002  4300  4300 E AndroidRuntime: Process: com.example.shopping, PID: 4300
1795231615.002  4300  4300 E AndroidRuntime: java.lang.RuntimeException: not ours
1795231615.003  4242  4242 E AndroidRuntime: \tat android.os.Looper.loop(Looper.java:294)
1795231616.000  4242  4250 F libc    : Fatal signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x0 in tid 4250 \
(mqt_js), pid 4242 (om.example.shop)
1795231616.100  4400  4400 F DEBUG   : *** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***
1795231616.100  4400  4400 F DEBUG   : Cmdline: com.example.shop
1795231616.100  4400  4400 F DEBUG   : pid: 4242, tid: 4250, name: mqt_js  >>> com.example.shop <<<
1795231616.100  4400  4400 F DEBUG   : signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x0000000000000000
1795231617.000   618   700 E ActivityManager: ANR in com.example.shop (com.example.shop/.MainActivity)
1795231617.000   618   700 E ActivityManager: PID: 4242
1795231617.000   618   700 E ActivityManager: Reason: Input dispatching timed out (waited 5001ms)
1795231617.900   618   650 I ActivityManager: Killing 5000:com.example.mail/u0a99 (adj 900): empty
1795231618.000   618   700 E ActivityManager: ANR in com.example.shopping (com.example.shopping/.Main)
"""


def crashes(log: str, package: str = APP) -> tuple[str, ...]:
    found = Crashes(package)
    for text in log.splitlines():
        if line := read_line(text):
            found.feed(line)
    return found.lines


def http(log: str, *pids: int) -> tuple[str, ...]:
    calls = HttpCalls(APP)
    for pid in pids:
        calls.know(pid)
    for text in log.splitlines():
        if line := read_line(text):
            calls.feed(line)
    return calls.lines


def test_exit_records_come_out_as_one_line_each() -> None:
    first, second, third = exit_records(EXIT_INFO)
    assert first.startswith("timestamp=2026-11-21 03:26:55.001 pid=4242 ")
    assert "process=com.example.shop reason=4 (APP CRASH(EXCEPTION)) subreason=0 (UNKNOWN) status=0" in first
    assert "\n" not in first
    assert "reason=10 (USER REQUESTED)" in second
    assert "com.example.other" in third


def test_only_exit_records_that_were_not_there_before_are_new() -> None:
    records = exit_records(EXIT_INFO)
    assert newer(records, records[1:]) == records[:1]
    assert newer(records, ()) == records
    assert newer(records, records) == ()


@pytest.mark.parametrize("dump", ["", "Unknown command: exit-info", "ApplicationExitInfo #0:", "pid=1 reason=4 (X)"])
def test_a_device_without_exit_records_has_none(dump: str) -> None:
    assert exit_records(dump) == ()


@given(st.text(alphabet=st.sampled_from("ApplicationExitInfo #0:\n process=reason4()"), max_size=400))
def test_any_dump_gives_bounded_lines(dump: str) -> None:
    records = exit_records(dump)
    assert len(records) <= MAX_RECORDS
    assert all(record and "\n" not in record and len(record) <= 2000 for record in records)


def test_an_uncaught_exception_of_the_app_is_found_whole_and_another_app_s_is_not() -> None:
    lines = crashes(CRASH_LOG)
    assert "1795231615.001  4242  4242 E AndroidRuntime: FATAL EXCEPTION: main" in lines
    assert any("cart is empty: 0 items" in line for line in lines)
    assert any("Looper.java:294" in line for line in lines)
    assert not any("not ours" in line or "background" in line for line in lines)


def test_a_native_crash_is_found_by_thread_name_and_by_its_tombstone() -> None:
    lines = crashes(CRASH_LOG)
    assert any("Fatal signal 11 (SIGSEGV)" in line for line in lines)
    assert any(">>> com.example.shop <<<" in line for line in lines)
    assert crashes("1.0  1  1 F libc    : Fatal signal 6 (SIGABRT) in tid 1 (a), pid 1 (m.example.shops)") == ()


def test_an_anr_is_found_with_its_reason_and_without_what_the_system_says_next() -> None:
    lines = [line for line in crashes(CRASH_LOG) if "ActivityManager" in line]
    assert lines[0].endswith("ANR in com.example.shop (com.example.shop/.MainActivity)")
    assert lines[-1].endswith("Reason: Input dispatching timed out (waited 5001ms)")
    assert len(lines) == 3


def test_a_log_without_crashes_names_none() -> None:
    assert crashes("1.0  1  1 I AndroidRuntime: VM exiting\n1.0  618  1 I ActivityManager: Completed ANR of x") == ()


def test_a_storm_of_crashes_is_bounded() -> None:
    block = "\n".join(CRASH_LOG.splitlines()[1:4] + ["1.0  4242  4242 E AndroidRuntime: \tat x"] * 500)
    lines = crashes("\n".join([block] * 50))
    assert MAX_BLOCK_LINES < len(lines) < 500


def test_crashes_of_many_other_apps_do_not_hide_ours() -> None:
    others = "".join(
        f"1.0  {pid}  {pid} E AndroidRuntime: FATAL EXCEPTION: main\n"
        f"1.0  {pid}  {pid} E AndroidRuntime: Process: com.other, PID: {pid}\n"
        for pid in range(100, 200)
    )
    assert crashes(others + CRASH_LOG) == crashes(CRASH_LOG)


def test_failed_http_calls_of_the_app_are_found() -> None:
    log = """\
1795231614.100   618   700 I ActivityManager: Start proc 4242:com.example.shop/u0a191 for next-top-activity
1795231614.500  4242  4250 I okhttp.OkHttpClient: --> POST http://127.0.0.1:8080/v1/users/anonymous
1795231614.510  4242  4250 I okhttp.OkHttpClient: <-- 200 OK http://127.0.0.1:8080/v1/items/503 (3ms, 120-byte body)
1795231614.520  4242  4250 I okhttp.OkHttpClient: <-- 429 Too Many Requests http://127.0.0.1:8080/v1/orders (3ms)
1795231614.520  4242  4250 I okhttp.OkHttpClient: Retry-After: 7
1795231614.530  9999  9999 I okhttp.OkHttpClient: <-- 503 Service Unavailable http://other.example/ (3ms)
1795231614.540  4242  4250 I okhttp.OkHttpClient: <-- HTTP FAILED: java.net.ConnectException: Failed to connect
1795231614.550  4242  4251 E ReactNativeJS: [TypeError: Network request failed]
1795231614.560  4242  4251 I ReactNativeJS: all is well with 500 items
"""
    found = [line.partition(": ")[2] for line in http(log)]
    assert found == [
        "<-- 429 Too Many Requests http://127.0.0.1:8080/v1/orders (3ms)",
        "Retry-After: 7",
        "<-- HTTP FAILED: java.net.ConnectException: Failed to connect [POST http://127.0.0.1:8080/v1/users/anonymous]",
        "[TypeError: Network request failed]",
    ]


def test_calls_of_all_apps_count_when_nobody_knows_the_app_s_processes() -> None:
    log = "1.0  7  7 I okhttp.OkHttpClient: <-- 500 Internal Server Error http://a/ (1ms)"
    assert len(http(log)) == 1
    assert len(http(log, 7)) == 1
    assert http(log, 8) == ()


def test_a_flood_of_failed_calls_keeps_the_last() -> None:
    log = "\n".join(f"1.0  7  7 I okhttp.OkHttpClient: <-- 500 no {number}" for number in range(5000))
    lines = http(log)
    assert len(lines) == MAX_LINES
    assert lines[-1].endswith("no 4999")


def test_a_log_line_is_read_in_its_parts() -> None:
    line = read_line("         1795231614.123  4242  4250 W Some Tag: a: b")
    assert line is not None
    assert (line.at, line.pid, line.priority, line.tag, line.message) == (1795231614.123, 4242, "W", "Some Tag", "a: b")


@pytest.mark.parametrize(
    "text", ["", "--------- beginning of main", "11-21 03:26:54.123  1  1 I a: b", "1.1 2 3 I tag"]
)
def test_what_is_no_log_line_is_none(text: str) -> None:
    assert read_line(text) is None


@given(st.text(max_size=200))
def test_any_line_is_survived(text: str) -> None:
    line = read_line(text)
    assert line is None or line.text == text


@pytest.mark.parametrize(
    "text",
    [
        "1.1 1 1 I " + " " * 60_000,
        "1.1 1 1 I " + "a:" * 30_000,
        " " * 65_000,
        "1.1 " * 16_000,
        "1.1 1 1 E ANR in " + "a" * 60_000,
    ],
)
def test_an_endless_line_takes_no_endless_time(text: str) -> None:
    started = time.monotonic()
    line = read_line(text)
    if line:
        Crashes(APP).feed(line)
        HttpCalls(APP).feed(line)
    assert time.monotonic() - started < 0.2


@pytest.mark.parametrize(
    ("output", "code", "cause"),
    [
        ("adb: failed to install a.apk: Failure [INSTALL_FAILED_NO_MATCHING_ABIS: Failed to extract, res=-113]",
         "INSTALL_FAILED_NO_MATCHING_ABIS", Cause.APK_INCOMPATIBLE),
        ("Failure [INSTALL_FAILED_INVALID_APK]", "INSTALL_FAILED_INVALID_APK", Cause.APK_INCOMPATIBLE),
        ("Failure [INSTALL_FAILED_OLDER_SDK: Requires newer sdk version #35 (current version is #34)]",
         "INSTALL_FAILED_OLDER_SDK", Cause.APK_INCOMPATIBLE),
        ("Failure [INSTALL_PARSE_FAILED_NOT_APK: Failed to parse /data/app/x.tmp/base.apk]",
         "INSTALL_PARSE_FAILED_NOT_APK", Cause.APK_INCOMPATIBLE),
        ("Failure [INSTALL_PARSE_FAILED_NO_CERTIFICATES: Failed collecting certificates]",
         "INSTALL_PARSE_FAILED_NO_CERTIFICATES", Cause.APK_INCOMPATIBLE),
        ("Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE]",
         "INSTALL_FAILED_INSUFFICIENT_STORAGE", Cause.DEVICE_UNHEALTHY),
        ("Failure [INSTALL_FAILED_USER_RESTRICTED: Install canceled by user]",
         "INSTALL_FAILED_USER_RESTRICTED", Cause.DEVICE_UNHEALTHY),
        ("Failure [INSTALL_FAILED_SOMETHING_NEW: who knows]", "INSTALL_FAILED_SOMETHING_NEW", Cause.APK_INCOMPATIBLE),
    ],
)  # fmt: skip
def test_a_refused_installation_tells_its_code_its_cause_and_a_remedy(output: str, code: str, cause: Cause) -> None:
    refusal = read_refusal(["Performing Streamed Install", output])
    assert refusal is not None
    assert refusal.code == code
    error = refusal.error("emulator-5554")
    assert error.cause is cause
    assert code in error.diagnostics()
    assert error.diagnostics().startswith("emulator-5554: ")
    assert error.remedy


def test_an_app_signed_by_another_key_can_be_replaced() -> None:
    refusal = read_refusal(
        ["Failure [INSTALL_FAILED_UPDATE_INCOMPATIBLE: Existing package com.example.shop signatures do not match]"]
    )
    assert refusal is not None
    assert refusal.code in REPLACEABLE
    assert "signatures do not match" in refusal.detail


@given(st.lists(st.text(alphabet=st.sampled_from("Failure [INSTALL_X: ]\n"), max_size=80), max_size=5))
def test_any_output_of_an_installation_is_survived(output: list[str]) -> None:
    refusal = read_refusal(output)
    assert refusal is None or (refusal.code and "\n" not in refusal.detail)
