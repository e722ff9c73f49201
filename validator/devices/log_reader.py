"""A device's log as it comes: kept from one mark to the other, and looked at where somebody wants to see a line.

Of a million lines a few thousand matter. They are found by their tag in whole pieces of the log at once, so that 100 MB
take about a second and the memory of one piece.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

from validator.devices.logline import LogLine, read_line
from validator.devices.rolling import RollingFile
from validator.support.lines import MAX_LINE, LineBlocks

LOG_LIMIT: Final = 20 * 1024 * 1024
"""Bytes of an attempt's log that are kept, its end."""
TAG: Final = "validator"
"""The tag of the lines that we write into the log ourselves."""


class Collector(Protocol):
    """Something that picks lines out of the log."""

    @property
    def tags(self) -> Collection[str]:
        """What the tags of all lines begin with that it wants to see, whatever their case."""
        ...

    def feed(self, line: LogLine) -> None:
        """Take the next line."""
        ...


class LogReader:
    """Reads a log between two lines of ours. One thread feeds it; others may wait for `begun` and `ended`."""

    def __init__(self, collectors: Sequence[Collector], limit: int = LOG_LIMIT) -> None:
        self._collectors = tuple(collectors)
        self._kept = RollingFile(limit)
        self._blocks = LineBlocks()
        self._wanted = _with_tags({TAG, *(tag for collector in collectors for tag in collector.tags)})
        self.begin_mark, self.end_mark = (f"validator-{secrets.token_hex(8)}" for _ in range(2))
        self.begun, self.ended = threading.Event(), threading.Event()
        self.last = 0.0
        """The device's clock at the last line that was kept, seconds since 1970; 0 before there is one."""
        self.began_at = 0.0
        """The device's clock when the attempt began, seconds since 1970; 0 when the log did not tell."""

    def take(self, data: bytes) -> None:
        """Take the next bytes of the log."""
        for start in range(0, len(data), MAX_LINE):
            self._take_block(self._blocks.feed(data[start : start + MAX_LINE]))

    def save(self, path: Path, redact: Callable[[str], str]) -> None:
        """Write what was kept to a file.

        Raises:
            OSError: It cannot be written.
        """
        self._kept.copy_to(path, redact)

    def close(self) -> None:
        """Forget everything."""
        self._kept.close()

    @property
    def _is_ours(self) -> bool:
        return self.begun.is_set() and not self.ended.is_set()

    def _take_block(self, block: bytes) -> None:
        kept = 0
        for start, end in self._wanted_in(block):
            line = read_line(_text(block[start:end]))
            if line is not None and line.tag == TAG:
                self._keep(block[kept:start])
                self._take_mark(line)
                kept = end + 1
            elif line is not None and self._is_ours:
                for collector in self._collectors:
                    collector.feed(line)
        self._keep(block[kept:])

    def _wanted_in(self, block: bytes) -> Iterator[tuple[int, int]]:
        """Where lines begin and end that have such a tag, or look so."""
        hit = self._wanted.search(block)
        while hit is not None:
            start, end = block.rfind(b"\n", 0, hit.start()) + 1, block.index(b"\n", hit.start())
            yield start, end
            hit = self._wanted.search(block, end)

    def _take_mark(self, line: LogLine) -> None:
        if line.message == self.begin_mark:
            self.began_at = line.at
            self.begun.set()
        elif line.message == self.end_mark:
            self.ended.set()

    def _keep(self, lines: bytes) -> None:
        if lines and self._is_ours:
            self._kept.write(lines)
            line = read_line(_text(lines[lines.rfind(b"\n", 0, -1) + 1 : -1]))
            self.last = line.at if line is not None else self.last


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r")


def _with_tags(tags: Collection[str]) -> re.Pattern[bytes]:
    """Finds a priority with one of the tags behind it; the C code of `re` does in a second what Python does in ten."""
    return re.compile(rb" [VDIWEFS] (?i:%s)" % "|".join(map(re.escape, sorted(tags))).encode())
