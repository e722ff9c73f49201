"""logcat's ring buffers."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

_ENTRIES = 20_000
"""Lines each buffer keeps, about what Android's default 256 KiB holds several times over."""


class LogBuffer(StrEnum):
    """The buffers that `logcat -b` names."""

    MAIN = "main"
    SYSTEM = "system"
    CRASH = "crash"
    EVENTS = "events"
    RADIO = "radio"
    KERNEL = "kernel"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One write to the log; the message may have several lines.

    `at` is in seconds since 1970, `number` counts all writes.
    """

    number: int
    at: float
    buffer: LogBuffer
    pid: int
    tid: int
    priority: str
    tag: str
    message: str


class Log:
    """Everything written since boot, as far as the rings hold it, and a feed of what comes."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._rings = {buffer: deque[LogEntry](maxlen=_ENTRIES) for buffer in LogBuffer}
        self._numbers = count()
        self._followers: set[asyncio.Queue[LogEntry]] = set()

    def write(  # noqa: PLR0913 - the columns of a log line
        self,
        priority: str,
        tag: str,
        message: str,
        *,
        pid: int,
        tid: int | None = None,
        buffer: LogBuffer = LogBuffer.MAIN,
    ) -> None:
        """Add an entry with the time of now."""
        entry = LogEntry(
            number=next(self._numbers),
            at=self._clock(),
            buffer=buffer,
            pid=pid,
            tid=pid if tid is None else tid,
            priority=priority,
            tag=tag,
            message=message,
        )
        self._rings[buffer].append(entry)
        for follower in self._followers:
            follower.put_nowait(entry)

    def entries(self, buffers: Iterable[LogBuffer]) -> list[LogEntry]:
        """What the buffers hold, in the order it was written."""
        found = [entry for buffer in set(buffers) for entry in self._rings[buffer]]
        return sorted(found, key=lambda entry: entry.number)

    def clear(self, buffers: Iterable[LogBuffer]) -> None:
        """Forget what the buffers hold."""
        for buffer in buffers:
            self._rings[buffer].clear()

    def reset(self) -> None:
        """Forget everything, as a reboot does."""
        self.clear(LogBuffer)

    @contextmanager
    def follow(self) -> Iterator[asyncio.Queue[LogEntry]]:
        """A queue that receives every entry written from now on, while the block runs."""
        queue: asyncio.Queue[LogEntry] = asyncio.Queue()
        self._followers.add(queue)
        try:
            yield queue
        finally:
            self._followers.discard(queue)
