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
_CERTAIN = ("AndroidRuntime", "libc", "ActivityManager")
"""Whose first line alone says what happened; a tombstone only repeats what libc has said before."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Block:
    first: LogLine
    lines: list[str] = field(default_factory=list)
    ours: bool = False
    open: bool = True


class Crashes:
    """Collects the blocks that name the package; bounded, whatever the log holds."""

    def __init__(self, package: str) -> None:
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
        return tuple(line for block in self._blocks if block.ours for line in block.lines)

    @property
    def happened(self) -> bool:
        """Whether the app has crashed or hung for certain. May be asked while another thread feeds."""
        return any(block.ours and block.first.tag in _CERTAIN for block in tuple(self._blocks))

    def feed(self, line: LogLine) -> None:
        """Take the next line of the log."""
        start = _STARTS.get(line.tag)
        if start is None:
            return
        if start.match(line.message):
            self._open(line)
        block = self._block_of(line)
        if block is not None and len(block.lines) < MAX_BLOCK_LINES:
            block.lines.append(line.text[:_MAX_LENGTH])
            block.ours = block.ours or self._names_us(line)

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
