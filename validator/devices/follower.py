"""A device's log from a given moment on, followed while it is written.

A flow runner clears the log's buffers when it begins, and they overrun while it works; a stream of our own misses
nothing. Its beginning and end are lines that we write into the log ourselves: what stands between them belongs to the
attempt, whatever the clocks of host and device say.
"""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from validator.devices.adb import Adb, AdbError
from validator.devices.logline import LOGCAT, LogLine, read_line
from validator.devices.rolling import RollingFile
from validator.support.lines import LineSplitter

LOG_LIMIT = 20 * 1024 * 1024
"""Bytes of an attempt's log that are kept, its end."""
_TAG = "validator"
_MARK_SECONDS = 2.0
_JOIN_SECONDS = 2.0
_CHUNK = 65_536


class Collector(Protocol):
    """Something that picks lines out of the log."""

    def feed(self, line: LogLine) -> None:
        """Take the next line."""
        ...


class LogFollower:
    """Follows one device's log from `begin` to `finish`. Never raises for what the device does."""

    def __init__(self, adb: Adb, serial: str, collectors: Sequence[Collector], limit: int = LOG_LIMIT) -> None:
        self._adb = adb
        self._serial = serial
        self._collectors = tuple(collectors)
        self._kept = RollingFile(limit)
        self._splitter = LineSplitter()
        self._begin_mark, self._end_mark = (f"validator-{secrets.token_hex(8)}" for _ in range(2))
        self._begun, self._ended, self._broken = threading.Event(), threading.Event(), threading.Event()
        self._closing = threading.Event()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._follow, name=f"log of {serial}", daemon=True)
        self._last = 0.0
        self.began_at = 0.0
        """The device's clock when the attempt began, seconds since 1970; 0 when the log did not tell."""

    def begin(self) -> None:
        """Start following; returns when the stream is up, so that nothing that happens from now on is missed."""
        self._thread.start()
        self._mark(self._begin_mark, self._begun)
        self._begun.set()  # a device whose log takes no lines of ours: everything counts from here on

    def finish(self, *, answers: bool = True) -> None:
        """Stop following when all that was written until now has come; at once from a device that does not answer."""
        if answers and self._broken.is_set():
            self._catch_up()
        elif answers:
            self._mark(self._end_mark, self._ended)
        self._ended.set()

    def save(self, path: Path, redact: Callable[[str], str]) -> None:
        """Write the attempt's log, or its last 10 to 20 MB, to a file.

        Raises:
            OSError: It cannot be written.
        """
        self._kept.copy_to(path, redact)

    def close(self) -> None:
        """Let go of the device and forget everything."""
        self._ended.set()
        self._closing.set()
        stream = self._socket
        if stream is not None:
            with suppress(OSError):  # closed by the other side
                stream.shutdown(socket.SHUT_RDWR)
        self._thread.join(_JOIN_SECONDS)
        self._kept.close()

    def _mark(self, text: str, seen: threading.Event) -> None:
        try:
            self._adb.shell(self._serial, f"log -t {_TAG} {text}", seconds=_MARK_SECONDS)
        except AdbError:
            return
        seen.wait(_MARK_SECONDS)

    def _follow(self) -> None:
        try:
            with self._adb.stream(self._serial, f"{LOGCAT} -T 1") as stream:
                self._socket = stream
                while not self._closing.is_set() and (data := stream.recv(_CHUNK)):
                    self._take(data)
        except AdbError:
            pass  # as when the stream ends by itself: `finish` asks for the rest
        self._broken.set()
        self._begun.set()
        self._ended.set()

    def _catch_up(self) -> None:
        """The stream broke: ask for what was written since its last line."""
        since = f"-T {self._last:.3f}" if self._last else ""
        with suppress(AdbError):
            self._take(self._adb.shell(self._serial, f"{LOGCAT} -d {since}").data)

    def _take(self, data: bytes) -> None:
        for text in self._splitter.feed(data):
            line = read_line(text)
            if line is not None and line.tag == _TAG:
                self._take_mark(line)
            elif self._begun.is_set() and not self._ended.is_set():
                self._keep(text, line)

    def _take_mark(self, line: LogLine) -> None:
        if line.message == self._begin_mark:
            self.began_at = line.at
            self._begun.set()
        elif line.message == self._end_mark:
            self._ended.set()

    def _keep(self, text: str, line: LogLine | None) -> None:
        self._kept.write(text.encode() + b"\n")
        if line is not None:
            self._last = line.at
            for collector in self._collectors:
                collector.feed(line)
