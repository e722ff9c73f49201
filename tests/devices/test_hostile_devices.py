"""Whatever a device says: it is read within bounds of time and memory, and never with an error."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.nasty import MEBIBYTE, NASTY_BYTES
from validator.devices.crashes import MAX_BLOCK_LINES, MAX_BLOCKS, Crashes
from validator.devices.exit_info import MAX_RECORDS, exit_records
from validator.devices.health import focused_package, read_health
from validator.devices.heartbeat import Network
from validator.devices.http_calls import MAX_LINES, HttpCalls
from validator.devices.logline import read_line
from validator.devices.pulse import read_answer
from validator.devices.scene import read_hierarchy, read_picture, read_scene
from validator.devices.shell_frames import ShellFrames
from validator.support.lines import LineSplitter

APP = "com.example.shop"
LIMIT = 64 * 1024
MOST_SECONDS = 5.0
MOST_MEMORY = 100 * MEBIBYTE

each_nasty = pytest.mark.parametrize("data", NASTY_BYTES.values(), ids=NASTY_BYTES.keys())


def read_log(data: bytes, piece: int = 65_536) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is found in a log that comes in pieces."""
    crashes, calls, splitter = Crashes(APP), HttpCalls(APP), LineSplitter()
    for start in range(0, len(data), piece):
        for text in splitter.feed(data[start : start + piece]):
            line = read_line(text)
            if line is not None:
                crashes.feed(line)
                calls.feed(line)
    return crashes.lines, calls.lines


@each_nasty
def test_a_log_may_hold_anything(data: bytes) -> None:
    before = b"1795231614.123  4242  4250 E AndroidRuntime: FATAL EXCEPTION: main\n"
    after = b"\n1795231614.124  4242  4250 E AndroidRuntime: Process: com.example.shop, PID: 4242\n"
    tracemalloc.start()
    began = time.monotonic()
    try:
        crashes, calls = read_log(before + data + after)
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    assert time.monotonic() - began < MOST_SECONDS
    assert len(crashes) == 2, "what stands around it is found all the same"
    assert calls == ()


def test_a_log_of_ten_megabytes_is_read_in_little_memory() -> None:
    line = b"1795231614.123  4242  4250 I okhttp.OkHttpClient: <-- 503 Service Unavailable http://shop/ (3ms)\n"
    tracemalloc.start()
    try:
        crashes, calls = read_log(line * 100_000)
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    assert (len(crashes), len(calls)) == (0, MAX_LINES)


TAGS = st.sampled_from(["AndroidRuntime", "DEBUG", "libc", "ActivityManager", "okhttp.OkHttpClient", "ReactNativeJS"])
MESSAGES = st.sampled_from(
    [
        "FATAL EXCEPTION: main",
        f"Process: {APP}, PID: 7",
        "Fatal signal 11 (SIGSEGV), code 1 in tid 7, pid 7 (com.example.shop)",
        "*** *** ***",
        f"pid: 7, tid: 7, name: x  >>> {APP} <<<",
        f"ANR in {APP}",
        f"Start proc 7:{APP}/u0a1",
        "<-- 503 x",
    ]
) | st.text(max_size=30)


@given(st.lists(st.tuples(TAGS, st.integers(1, 3), MESSAGES), max_size=60))
def test_any_log_keeps_what_is_collected_within_bounds(entries: list[tuple[str, int, str]]) -> None:
    log = "".join(f"1.5  {pid}  {pid} E {tag}: {message}\n" for tag, pid, message in entries)
    crashes, calls = read_log(log.encode("utf-8", "surrogatepass"))
    assert len(crashes) <= MAX_BLOCKS * MAX_BLOCK_LINES
    assert len(calls) <= MAX_LINES


@each_nasty
def test_every_answer_of_a_device_may_be_anything(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    began = time.monotonic()
    assert len(exit_records(text)) <= MAX_RECORDS
    assert read_scene(text).free_mb is None
    assert read_health(text).up is False
    assert focused_package(text) == ""
    answer = read_answer(text, forwarded=True)
    assert (answer.uptime, answer.network) == (0.0, Network.NOT_ASKED)
    assert time.monotonic() - began < MOST_SECONDS


@each_nasty
def test_what_is_no_picture_and_no_hierarchy_is_not_kept_as_one(data: bytes) -> None:
    assert read_picture(data) == b""
    assert read_hierarchy(data) == b""


def test_a_hierarchy_is_kept_as_it_is_and_never_expanded() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaa">]><hierarchy>&a;</hierarchy>'
    assert read_hierarchy(b"WARNING: linker\n" + bomb + b"\nUI hierchary dumped") == bomb


@given(st.binary(max_size=300))
def test_any_bytes_make_a_bounded_result_of_a_shell_or_none(data: bytes) -> None:
    frames = ShellFrames(LIMIT)
    frames.feed(data)
    result = frames.result()
    assert result is None or len(result.data) <= LIMIT


@given(st.text(max_size=200))
def test_any_answer_to_the_watch_is_survived(text: str) -> None:
    answer = read_answer(f"boot {text}\nup {text}\nnet {text}", forwarded=False)
    assert answer.uptime >= 0


def test_the_answer_to_the_watch_is_read() -> None:
    answer = read_answer("boot 1f-2\nup 35.16 60.02\nnet Active default network: none\n", forwarded=True)
    assert (answer.boot_id, answer.uptime, answer.network) == ("1f-2", 35.16, Network.GONE)
    assert read_answer("net Active default network: 100", forwarded=True).network is Network.THERE
    assert read_answer("boot \nup \nnet \n", forwarded=True).network is Network.NOT_ASKED
