"""What Android tells late, or tells anew in other words, belongs to the attempt in which it happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.devices.crashes import Crashes
from validator.devices.exit_info import exit_records, newer, unanswered
from validator.devices.http_calls import HttpCalls
from validator.devices.logline import read_line
from validator.devices.processes import ended_before, read_pids

APP = "com.example.shop"
START = "1.0   618   700 I ActivityManager: Start proc {}:com.example.shop/u0a191 for next-top-activity"
EXCEPTION = """\
2.0  {0}  {0} E AndroidRuntime: FATAL EXCEPTION: main
2.0  {0}  {0} E AndroidRuntime: Process: com.example.shop, PID: {0}
"""
SIGNAL = "2.0  {0}  {0} F libc    : Fatal signal 11 (SIGSEGV) in tid {0} (om.example.shop), pid {0} (om.example.shop)"
TOMBSTONE = """\
2.0  9000  9000 F DEBUG   : *** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***
2.0  9000  9000 F DEBUG   : Cmdline: com.example.shop
2.0  9000  9000 F DEBUG   : pid: {0}, tid: {0}, name: om.example.shop  >>> com.example.shop <<<
"""
HANG = """\
2.0   618   700 E ActivityManager: ANR in com.example.shop (com.example.shop/.MainActivity)
2.0   618   700 E ActivityManager: PID: {0}
"""
each_report = pytest.mark.parametrize(
    "report", [EXCEPTION, SIGNAL, TOMBSTONE, HANG], ids=["exception", "signal", "tombstone", "hang"]
)


def crashes(log: str, *ended: int) -> Crashes:
    found = Crashes(APP, ended)
    for text in log.splitlines():
        if line := read_line(text):
            found.feed(line)
    return found


@each_report
def test_a_report_about_a_process_that_had_ended_before_is_not_this_attempts(report: str) -> None:
    late = crashes(report.format(4100), 4100)
    assert (late.lines, late.happened) == ((), False)


@each_report
def test_a_report_about_any_other_process_of_the_app_is(report: str) -> None:
    assert crashes(report.format(4200), 4100).lines
    assert crashes(report.format(4200)).lines


@each_report
def test_a_number_that_was_given_to_a_new_process_is_its_own(report: str) -> None:
    assert crashes(f"{START.format(4100)}\n{report.format(4100)}", 4100).lines


def test_a_number_that_another_app_was_given_stays_with_the_ended_process() -> None:
    other = START.format(4100).replace("com.example.shop", "com.example.shopping")
    assert crashes(f"{other}\n{HANG.format(4100)}", 4100).lines == ()


def test_processes_have_ended_that_android_recorded_or_an_attempt_had_and_that_live_no_more() -> None:
    records = ("timestamp=x pid=7 process=com.example.shop reason=4", "nothing told")
    assert ended_before(records, (8, 9), alive=(9, 10)) == {7, 8}
    assert read_pids(" 9 10 x 12345678901\n") == (9, 10)


def record(pid: int, at: datetime, reason: str = "4 (APP CRASH(EXCEPTION))") -> str:
    return f"timestamp={at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03} pid={pid} process={APP} reason={reason}"


NOW = datetime(2026, 10, 25, 2, 30, 0, 123_000, tzinfo=UTC)
moments = st.timedeltas(timedelta(days=-2000), timedelta(days=2000)).map(lambda away: NOW + away)


@given(st.lists(st.tuples(st.integers(1, 99), moments), max_size=8), st.integers(-104, 104))
def test_records_that_a_new_time_zone_words_anew_are_not_new(known: list[tuple[int, datetime]], quarters: int) -> None:
    """Offsets of time zones, and so of summer time, are multiples of a quarter of an hour."""
    moved = [record(pid, at + timedelta(minutes=15 * quarters)) for pid, at in known]
    assert newer(moved, [record(pid, at) for pid, at in known]) == ()


@pytest.mark.parametrize("hours", [-1, 0, 1], ids=["summer time has ended", "as before", "summer time has begun"])
def test_a_crash_is_new_though_the_local_time_stands_before_that_of_an_older_record(hours: int) -> None:
    crash = record(4300, NOW + timedelta(hours=hours, seconds=5))
    assert newer([crash, record(4200, NOW)], [record(4200, NOW)]) == (crash,)


def test_a_crash_is_new_though_its_process_has_the_number_of_an_older_one() -> None:
    again = record(4200, NOW + timedelta(minutes=3))
    assert newer([again], [record(4200, NOW)]) == (again,)


def test_a_record_that_android_completes_is_still_about_the_process_that_had_ended() -> None:
    signal, crash = record(4200, NOW, "2 (SIGNALED)"), record(4200, NOW + timedelta(seconds=4), "5 (APP CRASH(NATIVE))")
    assert newer([crash], [signal], ended={4200}) == ()
    assert newer([crash], [signal], ended={4300}) == (crash,)


@pytest.mark.parametrize(
    "said",
    [
        "Can't find service: activity",
        "*** SERVICE 'activity' DUMP TIMEOUT (10000ms) EXPIRED ***",
        "Error dumping service info status_t: FAILED_TRANSACTION",
    ],
)
def test_android_that_does_not_answer_is_told_from_one_that_has_no_records(said: str) -> None:
    assert unanswered(f"\n{said}\n") == said
    assert exit_records(said) == ()


@pytest.mark.parametrize("said", ["", "Bad activity command, or no activities match: exit-info", "ACTIVITY MANAGER"])
def test_android_without_records_has_answered(said: str) -> None:
    """Before Android 11 there are none."""
    assert unanswered(said) == ""


def http(log: str) -> list[str]:
    calls = HttpCalls(APP)
    for text in log.splitlines():
        if line := read_line(text):
            calls.feed(line)
    return [line.partition("<-- ")[2] for line in calls.lines]


def test_a_failed_call_is_told_with_the_address_that_its_thread_had_called() -> None:
    log = """\
1.0  42  43 I okhttp.OkHttpClient: --> GET https://api.example.com/v1/orders
1.0  42  44 I okhttp.OkHttpClient: --> POST https://stats.example.net/events (12-byte body)
1.1  42  43 I okhttp.OkHttpClient: <-- HTTP FAILED: java.io.IOException: gone
1.1  42  44 I okhttp.OkHttpClient: <-- HTTP FAILED: java.net.SocketTimeoutException: timeout
1.2  42  44 I okhttp.OkHttpClient: <-- HTTP FAILED: java.io.IOException: of no call
"""
    assert http(log) == [
        "HTTP FAILED: java.io.IOException: gone [GET https://api.example.com/v1/orders]",
        "HTTP FAILED: java.net.SocketTimeoutException: timeout [POST https://stats.example.net/events]",
        "HTTP FAILED: java.io.IOException: of no call",
    ]


def test_where_one_thread_writes_for_several_calls_none_is_blamed() -> None:
    log = """\
1.0  42  42 I okhttp.OkHttpClient: --> GET https://api.example.com/v1/orders
1.0  42  42 I okhttp.OkHttpClient: --> GET https://stats.example.net/events
1.1  42  42 I okhttp.OkHttpClient: <-- HTTP FAILED: java.io.IOException: gone
1.2  42  42 I okhttp.OkHttpClient: <-- 200 OK https://stats.example.net/events (3ms, 2-byte body)
1.3  42  42 I okhttp.OkHttpClient: <-- HTTP FAILED: java.io.IOException: gone too
"""
    assert http(log) == [
        "HTTP FAILED: java.io.IOException: gone",
        "HTTP FAILED: java.io.IOException: gone too [GET https://api.example.com/v1/orders]",
    ]
