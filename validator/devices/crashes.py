"""Finds in a stream of log lines what Android says about crashes of one app. Pure.

Three things write there, each a block of lines with its own pid and tag: an uncaught exception (`AndroidRuntime`, by
the app itself: RuntimeInit.LoggingHandler), a native crash (`libc` by the app, then `DEBUG` by crash_dump: debuggerd),
and an ANR (`ActivityManager`: ProcessErrorStateRecord.appNotResponding).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from validator.devices.logline import LogLine
from validator.devices.processes import started_pid

MAX_BLOCKS = 12
MAX_BLOCK_LINES = 32
_MAX_LENGTH = 1000
_NAME_LENGTH = 15
"""A thread's name holds so many characters; of a process' it shows the last ones."""

_STARTS = {
    "AndroidRuntime": re.compile(r"FATAL EXCEPTION\b"),
    "DEBUG": re.compile(r"\*\*\* \*\*\* \*\*\*"),
    "libc": re.compile(r"Fatal signal \d+"),
    "ActivityManager": re.compile(r"ANR in "),
}
_PID = re.compile(r"\b(?:PID|pid):? (\d{1,9})\b")
_CERTAIN = ("AndroidRuntime", "libc", "ActivityManager")
"""Whose first line alone says what happened; a tombstone only repeats what libc has said before."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Block:
    first: LogLine
    lines: list[str] = field(default_factory=list)
    ours: bool = False
    pid: int | None = None
    """The process that it is about, as soon as a line has told."""
    open: bool = True


class Crashes:
    """Collects the blocks that name the package; bounded, whatever the log holds.

    Blocks about its processes that had ended before are left out, unless their number was given to a new one.
    """

    def __init__(self, package: str, ended: Collection[int] = ()) -> None:
        self._package = package
        self._ended = set(ended)
        process = rf"{re.escape(package)}(?::[\w.]+)?"
        self._owner = re.compile(
            rf"Process: {process}, PID: |>>> {process} <<<|Cmdline: {process}\s*$|ANR in {process}(?![\w.])"
        )
        name = f"{re.escape(package)}|{re.escape(package[-_NAME_LENGTH:])}"
        self._thread = re.compile(rf"pid \d+ \((?:{name})\)")
        self._blocks: list[_Block] = []

    @property
    def tags(self) -> Collection[str]:
        """The tags of the lines that it looks at."""
        return _STARTS

    @property
    def lines(self) -> tuple[str, ...]:
        """The blocks about the package, line by line, in the order of the log."""
        return tuple(line for block in self._blocks if self._counts(block) for line in block.lines)

    @property
    def ended(self) -> Collection[int]:
        """Processes that had ended before, and whose numbers no new one was given."""
        return frozenset(self._ended)

    @property
    def happened(self) -> bool:
        """Whether the app has crashed or hung for certain. May be asked while another thread feeds."""
        return any(self._counts(block) and block.first.tag in _CERTAIN for block in tuple(self._blocks))

    def feed(self, line: LogLine) -> None:
        """Take the next line of the log."""
        start = _STARTS.get(line.tag)
        if start is None:
            return
        if (pid := started_pid(line, self._package)) is not None:
            self._ended.discard(pid)
        if start.match(line.message):
            self._open(line)
        block = self._block_of(line)
        if block is not None and len(block.lines) < MAX_BLOCK_LINES:
            block.lines.append(line.text[:_MAX_LENGTH])
            block.ours = block.ours or self._names_us(line)
            block.pid = block.pid or _pid_in(line)

    def _counts(self, block: _Block) -> bool:
        return block.ours and block.pid not in self._ended

    def _open(self, line: LogLine) -> None:
        for block in self._blocks:
            if block.first.pid == line.pid and block.first.tag == line.tag:
                block.open = False
        others = [block for block in self._blocks if not block.ours]
        if len(others) >= MAX_BLOCKS:
            self._blocks.remove(others[0])
        if len(self._blocks) - len(others) < MAX_BLOCKS:
            self._blocks.append(_Block(first=line))

    def _block_of(self, line: LogLine) -> _Block | None:
        for block in reversed(self._blocks):
            if block.open and block.first.pid == line.pid and block.first.tag == line.tag:
                # ActivityManager goes on about other things under the same pid; one report has one moment.
                return block if line.tag != "ActivityManager" or line.at == block.first.at else None
        return None

    def _names_us(self, line: LogLine) -> bool:
        pattern = self._thread if line.tag == "libc" else self._owner
        return pattern.search(line.message) is not None


def _pid_in(line: LogLine) -> int | None:
    """The process that a line of a block is about; of exceptions and signals the process itself writes."""
    found = _PID.search(line.message)
    if found is not None:
        return int(found[1])
    return line.pid if line.tag in ("AndroidRuntime", "libc") else None
