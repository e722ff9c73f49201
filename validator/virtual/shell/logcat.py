"""`logcat`: reading, following and clearing the log."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from validator.virtual.device.log import LogBuffer, LogEntry
from validator.virtual.shell.command import Command, Commands, Invocation
from validator.virtual.shell.log_format import Format, format_entry
from validator.virtual.shell.options import UsageProblemError, number
from validator.virtual.shell.pipes import Pipe, Sink

_LOG_PID = 4_712
_PRIORITIES = "VDIWEFS"
_DEFAULT = (LogBuffer.MAIN, LogBuffer.SYSTEM, LogBuffer.CRASH)
_GROUPS = {"all": tuple(LogBuffer), "default": _DEFAULT}
_SHORT_FLAGS = {"-d", "-c", "-s", "-g", "-D", "-S", "-L", "-p"}
_LONG = {
    "--buffer": "-b",
    "--clear": "-c",
    "--dump": "-d",
    "--format": "-v",
    "--max-count": "-m",
    "--regex": "-e",
    "--pid": "--pid",
    "--tail": "-t",
    "--buffer-size": "-G",
}
_TIMES = ("%Y-%m-%d %H:%M:%S.%f", "%m-%d %H:%M:%S.%f")


@dataclass(slots=True, kw_only=True)
class _Request:
    """What one call of logcat asks for."""

    buffers: tuple[LogBuffer, ...] = ()
    form: Format = field(default_factory=Format)
    dump: bool = False
    clear: bool = False
    sizes: bool = False
    tail: int | None = None
    since: float | None = None
    most: int | None = None
    pid: int | None = None
    pattern: re.Pattern[str] | None = None
    default_priority: str = "V"
    priorities: dict[str, str] = field(default_factory=dict)

    def wants(self, entry: LogEntry) -> bool:
        """Whether the entry passes the filters."""
        lowest = self.priorities.get(entry.tag, self.default_priority)
        return (
            _PRIORITIES.index(entry.priority) >= _PRIORITIES.index(lowest)
            and (self.pid is None or entry.pid == self.pid)
            and (self.since is None or entry.at >= self.since)
            and (self.pattern is None or self.pattern.search(entry.message) is not None)
        )


def _read_request(words: tuple[str, ...]) -> _Request:
    request = _Request()
    queue = [piece for word in words for piece in _pieces(word)]
    while queue:
        word = queue.pop(0)
        if word in _SHORT_FLAGS:
            _set_flag(request, word)
        elif word.startswith("-"):
            if not queue:
                raise UsageProblemError(f"logcat: option requires an argument -- {word.lstrip('-')}")
            _set_value(request, word, queue.pop(0))
        else:
            for spec in word.replace(",", " ").split():
                _filter(request, spec)
    request.buffers = request.buffers or _DEFAULT
    return request


def _pieces(word: str) -> list[str]:
    """`--pid=7` and `-t7` as two words."""
    name, equals, value = word.partition("=")
    if name in _LONG:
        return [_LONG[name], *([value] if equals else [])]
    if len(word) > 2 and re.match(r"-[bvtTmeG]", word):
        return [word[:2], word[2:]]
    return [word]


def _set_flag(request: _Request, word: str) -> None:
    match word:
        case "-d":
            request.dump = True
        case "-c":
            request.clear = True
        case "-s":
            request.default_priority = "S"
        case "-g":
            request.sizes = True
        case _:
            pass  # dividers, statistics, last boot, prune lists: nothing here depends on them


def _set_value(request: _Request, word: str, value: str) -> None:
    match word:
        case "-b":
            request.buffers += _buffers(value)
        case "-v":
            request.form = _format(request.form, value)
        case "-t" | "-T":
            request.dump = request.dump or word == "-t"
            if value.isdecimal():
                request.tail = int(value)
            else:
                request.since = _moment(value)
        case "-m":
            request.most = number(value)
        case "-e":
            request.pattern = _pattern(value)
        case "--pid":
            request.pid = number(value, -1)
        case "-G" | "-r" | "-n" | "-f":
            pass  # sizes and log files on the device
        case _:
            raise UsageProblemError(f"logcat: unrecognized option '{word}'")


def _buffers(value: str) -> tuple[LogBuffer, ...]:
    found: list[LogBuffer] = []
    for name in value.split(","):
        if name in _GROUPS:
            found += _GROUPS[name]
        elif name in tuple(LogBuffer):
            found.append(LogBuffer(name))
        else:
            raise UsageProblemError(f"logcat: Unknown -b buffer '{name}'")
    return tuple(found)


def _format(form: Format, value: str) -> Format:
    for word in value.replace(",", " ").split():
        changed = form.with_word(word)
        if changed is None:
            raise UsageProblemError(f"logcat: Invalid parameter '{word}' to -v")
        form = changed
    return form


def _pattern(value: str) -> re.Pattern[str]:
    try:
        return re.compile(value)
    except re.error as problem:
        raise UsageProblemError(f"logcat: bad regular expression: {problem}") from None


def _moment(value: str) -> float:
    """`1700000000.123`, `2024-01-31 10:00:00.000` or, for this year, `01-31 10:00:00.000`."""
    if re.fullmatch(r"\d+\.\d+", value):
        return float(value)
    for form in _TIMES:
        year = "" if form.startswith("%Y") else time.strftime("%Y-", time.gmtime())
        try:
            return datetime.strptime(year + value, _TIMES[0]).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    raise UsageProblemError(f"logcat: -t/-T argument '{value}' is neither a count nor a time")


def _filter(request: _Request, spec: str) -> None:
    tag, colon, level = spec.rpartition(":")
    tag, level = (tag, level.upper()[:1]) if colon else (spec, "V")
    priority = "S" if level == "S" else level if level in _PRIORITIES and level else "V"
    if tag == "*":
        request.default_priority = priority
    else:
        request.priorities[tag] = priority


async def _logcat(call: Invocation) -> int:
    try:
        request = _read_request(call.args)
    except UsageProblemError as problem:
        return await call.fail(str(problem))
    log = call.device.log
    if request.clear:
        log.clear(request.buffers)
        return 0
    if request.sizes:
        for buffer in request.buffers:
            await call.print(
                f"{buffer}: ring buffer is 256 KiB (12 KiB consumed), max entry is 5120 B, max payload is 4068 B"
            )
        return 0
    printer = _Printer(call, request)
    # Follow before reading what is there, so that nothing written in between is lost.
    with log.follow() as feed:
        await printer.show(log.entries(request.buffers), tail=request.tail)
        while not request.dump and not printer.full:
            await printer.show(await _new_entries(feed, call.stdout))
    return 0


async def _new_entries(feed: asyncio.Queue[LogEntry], stdout: Sink) -> list[LogEntry]:
    """At least one new entry, and every other one that has come meanwhile.

    A real device logs all the time, so that a writer soon learns that nobody reads its pipe; here it is looked at.

    Raises:
        BrokenPipeError: the command that reads our output has ended.
    """
    loop = asyncio.get_running_loop()
    coming = loop.create_task(feed.get())
    leaving = loop.create_task(stdout.abandoned()) if isinstance(stdout, Pipe) else None
    try:
        await asyncio.wait({coming, leaving} if leaving else {coming}, return_when=asyncio.FIRST_COMPLETED)
        if not coming.done():
            raise BrokenPipeError
        return [coming.result(), *(feed.get_nowait() for _ in range(feed.qsize()))]
    finally:
        coming.cancel()
        if leaving is not None:
            leaving.cancel()


class _Printer:
    """Writes entries that pass, with a line where a buffer begins."""

    def __init__(self, call: Invocation, request: _Request) -> None:
        self._call = call
        self._request = request
        self._begun: set[LogBuffer] = set()
        self._last = -1
        self._left = request.most

    @property
    def full(self) -> bool:
        """Whether as many lines as were asked for have been written."""
        return self._left == 0

    async def show(self, entries: Iterable[LogEntry], tail: int | None = None) -> None:
        chosen = [entry for entry in entries if self._fits(entry)]
        if tail is not None:
            chosen = chosen[-tail:] if tail else []
        if self._left is not None:
            chosen = chosen[: self._left]
            self._left -= len(chosen)
        text = "".join(self._text(entry) for entry in chosen)
        if text:
            await self._call.stdout.write(text.encode("utf-8", "surrogateescape"))

    def _fits(self, entry: LogEntry) -> bool:
        known = entry.number <= self._last
        return not known and entry.buffer in self._request.buffers and self._request.wants(entry)

    def _text(self, entry: LogEntry) -> str:
        self._last = entry.number
        head = "" if entry.buffer in self._begun else f"--------- beginning of {entry.buffer}\n"
        self._begun.add(entry.buffer)
        return head + format_entry(entry, self._request.form)


async def _log(call: Invocation) -> int:
    """`log [-p PRIORITY] [-t TAG] MESSAGE…`: writes a line."""
    words = list(call.args)
    given = {"-p": "i", "-t": "log", "-b": "main"}
    while len(words) > 1 and words[0] in given:
        option = words.pop(0)
        given[option] = words.pop(0)
    priority = given["-p"][:1].upper()
    if priority not in _PRIORITIES:
        return await call.fail(f"log: bad -p '{given['-p']}'")
    call.device.log.write(priority, given["-t"], " ".join(words), pid=_LOG_PID)
    return 0


COMMANDS: Commands = {"log": Command(run=_log), "logcat": Command(run=_logcat)}
