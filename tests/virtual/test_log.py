"""logcat: what is written, how it is shown, what is filtered."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.virtual.console import a_device, out, run
from validator.virtual.device.log import LogBuffer, LogEntry
from validator.virtual.shell.log_format import Format, format_entry

ENTRY = LogEntry(
    number=1, at=1_700_000_000.25, buffer=LogBuffer.MAIN, pid=42, tid=43, priority="I", tag="Tag", message="one\ntwo"
)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("threadtime", "11-14 22:13:20.250    42    43 I Tag     : "),
        ("epoch", "         1700000000.250    42    43 I Tag     : "),
        ("year,UTC", "2023-11-14 22:13:20.250 +0000    42    43 I Tag     : "),
        ("time", "11-14 22:13:20.250 I/Tag     (   42): "),
        ("usec", "11-14 22:13:20.250000    42    43 I Tag     : "),
        ("brief", "I/Tag     (   42): "),
        ("tag", "I/Tag     : "),
        ("process", "I(   42) "),
        ("thread", "I(   42:   43) "),
        ("raw", ""),
    ],
)
def test_every_line_of_an_entry_has_the_prefix_of_its_format(words: str, shown: str):
    form: Format | None = Format()
    for word in words.split(","):
        assert form is not None
        form = form.with_word(word)
    assert form is not None
    assert format_entry(ENTRY, form) == f"{shown}one\n{shown}two\n"


def test_the_long_format_has_its_own_head():
    assert format_entry(ENTRY, Format(name="long")) == "[ 11-14 22:13:20.250    42:   43 I/Tag      ]\none\ntwo\n\n"


WRITTEN = "logcat -c; log -p v -t A one; log -p e -t B two; log -p i -t A three; "


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ("", "one two three"),
        ("-s A", "one three"),
        ("-s A:I", "three"),
        ("A:S", "two"),
        ("*:E", "two"),
        ("B:S *:I", "three"),
        ("-t 1", "three"),
        ("-m 1", "one"),
        ("-e t[wh]", "two three"),
        ("--pid=1", ""),
        ("-b crash", ""),
        ("-b all", "one two three"),
        ("--buffer=main,crash -T 2", "two three"),
        ("-t 2000000000.000", ""),
        ("-t '01-01 00:00:00.000'", "one two three"),
    ],
)
async def test_entries_are_filtered_as_logcat_filters(arguments: str, shown: str):
    async with a_device() as device:
        text = await out(device, f"{WRITTEN}logcat -d -v raw {arguments}")
    lines = [line for line in text.splitlines() if not line.startswith("---------")]
    assert " ".join(lines) == shown


@pytest.mark.anyio
async def test_a_buffer_begins_with_a_line_that_names_it():
    async with a_device() as device:
        text = await out(device, f"{WRITTEN}logcat -d")
    assert text.splitlines()[0] == "--------- beginning of main"
    assert re.match(r"\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  4712  4712 V A       : one", text.splitlines()[1])


@pytest.mark.anyio
@pytest.mark.parametrize("arguments", ["-v nonsense", "-b nonsense", "--nonsense x", "-t yesterday", "-e '['", "-v"])
async def test_an_option_that_logcat_does_not_know_is_an_error(arguments: str):
    async with a_device() as device:
        done = await run(device, f"logcat -d {arguments}")
    assert (done.code, done.err.startswith("logcat: ")) == (1, True)


@pytest.mark.anyio
async def test_clearing_one_buffer_keeps_the_others():
    async with a_device() as device:
        await run(device, WRITTEN)
        device.log.write("E", "X", "crashed", pid=1, buffer=LogBuffer.CRASH)
        assert await out(device, "logcat -c -b main; logcat -d -v raw | tail -1") == "crashed"


@pytest.mark.anyio
async def test_a_follower_gets_every_entry_written_after_it_began():
    async with a_device() as device:
        following = asyncio.get_running_loop().create_task(run(device, "logcat -m 3 -v raw -s N"))
        await asyncio.sleep(0.01)
        for number in range(5):
            device.log.write("I", "N", str(number), pid=1)
        assert (await following).out.splitlines()[1:] == ["0", "1", "2"]


@pytest.mark.anyio
async def test_a_ring_forgets_its_oldest_entries():
    async with a_device() as device:
        for number in range(20_100):
            device.log.write("I", "N", str(number), pid=1)
        assert await out(device, "logcat -d -v raw -b main | head -2 | tail -1") == "100"
