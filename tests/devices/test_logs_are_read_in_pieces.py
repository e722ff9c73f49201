"""A log is read alike in whatever pieces it comes: kept between the marks, crashes and calls found, bounded."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from validator.devices.crashes import Crashes
from validator.devices.http_calls import HttpCalls
from validator.devices.log_reader import LogReader
from validator.devices.logline import read_line
from validator.support.lines import MAX_LINE, LineBlocks

APP = "com.example.shop"
TAGS = (
    "AndroidRuntime",
    "libc",
    "DEBUG",
    "ActivityManager",
    "okhttp.OkHttpClient",
    "ReactNativeJS",
    "chatty",
    "E libc",
)
MESSAGES = (
    "FATAL EXCEPTION: main",
    f"Process: {APP}, PID: 42",
    f"Fatal signal 11 (SIGSEGV), code 1 in tid 42 (shop), pid 42 ({APP})",
    f"ANR in {APP}",
    f"Start proc 42:{APP}/u0a1",
    "<-- 503 Service Unavailable http://x",
    "Network request failed",
    " E AndroidRuntime: a message that looks like a tag",
    "",
)
log_lines = st.builds(
    lambda at, pid, tag, message: f"{at}.123 {pid:5d}  4250 E {tag:<8}: {message}",
    st.integers(1, 99),
    st.sampled_from([42, 43]),
    st.sampled_from(TAGS),
    st.sampled_from(MESSAGES),
)
any_lines = st.one_of(log_lines, st.sampled_from(["--------- beginning of crash", "", "torn li", "\r"])).map(str.encode)
logs = st.lists(st.one_of(any_lines, st.binary(max_size=30).map(lambda data: data.replace(b"\n", b""))), max_size=40)


def kept_by(reader: LogReader, folder: Path) -> bytes:
    reader.save(folder / "kept.txt", str)
    reader.close()
    return (folder / "kept.txt").read_bytes()


@given(logs, st.integers(1, 200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_same_is_found_in_pieces_of_any_size_as_line_by_line(tmp_path: Path, lines: list[bytes], size: int) -> None:
    data = b"".join(line + b"\n" for line in lines)
    crashes, calls = Crashes(APP), HttpCalls(APP)
    reader = LogReader((crashes, calls))
    reader.begun.set()
    for start in range(0, len(data), size):
        reader.take(data[start : start + size])
    expected_crashes, expected_calls = Crashes(APP), HttpCalls(APP)
    for line in lines:
        read = read_line(line.decode("utf-8", "replace").rstrip("\r"))
        if read is not None:
            expected_crashes.feed(read)
            expected_calls.feed(read)
    assert crashes.lines == expected_crashes.lines
    assert calls.lines == expected_calls.lines
    assert kept_by(reader, tmp_path) == data.decode("utf-8", "replace").encode()


def test_only_what_stands_between_the_marks_counts(tmp_path: Path) -> None:
    crash = (
        "5.000    42    42 E AndroidRuntime: FATAL EXCEPTION: {}\n5.000    42    42 E AndroidRuntime: "
        f"Process: {APP}, PID: 42\n"
    )
    crashes = Crashes(APP)
    reader = LogReader((crashes,))
    begin, end = (
        f"{at}    1    1 I validator: {mark}\n" for at, mark in ((4.5, reader.begin_mark), (9.5, reader.end_mark))
    )
    reader.take((crash.format("before") + begin + crash.format("ours") + end + crash.format("after")).encode())
    assert reader.began_at == 4.5
    assert reader.ended.is_set()
    assert [line.rpartition(": ")[2] for line in crashes.lines if "FATAL" in line] == ["ours"]
    assert kept_by(reader, tmp_path) == crash.format("ours").encode()


def test_a_line_without_an_end_takes_no_more_memory_than_a_line_may() -> None:
    blocks = LineBlocks()
    for _ in range(100):
        assert blocks.feed(b"x" * MAX_LINE) == b""
    assert len(blocks.feed(b"y\nnext")) == MAX_LINE + 1
    assert blocks.feed(b" line\n") == b"next line\n"
