"""A device's log from a given moment on, followed while it is written.

A flow runner clears the log's buffers when it begins, and they overrun while it works; a stream of our own misses
nothing. Its beginning and end are lines that we write into the log ourselves: what stands between them belongs to the
attempt, whatever the clocks of host and device say.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from validator.devices.adb import Adb, AdbError
from validator.devices.log_reader import LOG_LIMIT, TAG, Collector, LogReader
from validator.devices.logline import LOGCAT
from validator.support.lines import MAX_LINE

_MARK_SECONDS = 2.0
_JOIN_SECONDS = 2.0


class LogFollower:
    """Follows one device's log from `begin` to `finish`. Never raises for what the device does."""

    def __init__(self, adb: Adb, serial: str, collectors: Sequence[Collector], limit: int = LOG_LIMIT) -> None:
        self._adb = adb
        self._serial = serial
        self._reader = LogReader(collectors, limit)
        self._broken, self._closing = threading.Event(), threading.Event()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._follow, name=f"log of {serial}", daemon=True)

    @property
    def began_at(self) -> float:
        """The device's clock when the attempt began, seconds since 1970; 0 when the log did not tell."""
        return self._reader.began_at

    def begin(self) -> None:
        """Start following; returns when the stream is up, so that nothing that happens from now on is missed."""
        self._thread.start()
        self._mark(self._reader.begin_mark, self._reader.begun)
        self._reader.begun.set()  # a device whose log takes no lines of ours: everything counts from here on

    def finish(self, *, answers: bool = True) -> None:
        """Stop following when all that was written until now has come; at once from a device that does not answer."""
        if answers and self._broken.is_set():
            self._catch_up()
        elif answers:
            self._mark(self._reader.end_mark, self._reader.ended)
        self._reader.ended.set()

    def save(self, path: Path, redact: Callable[[str], str]) -> None:
        """Write the attempt's log, or its last 10 to 20 MB, to a file.

        Raises:
            OSError: It cannot be written.
        """
        self._reader.save(path, redact)

    def close(self) -> None:
        """Let go of the device and forget everything."""
        self._reader.ended.set()
        self._closing.set()
        stream = self._socket
        if stream is not None:
            with suppress(OSError):  # closed by the other side
                stream.shutdown(socket.SHUT_RDWR)
        self._thread.join(_JOIN_SECONDS)
        self._reader.close()

    def _mark(self, text: str, seen: threading.Event) -> None:
        try:
            self._adb.shell(self._serial, f"log -t {TAG} {text}", seconds=_MARK_SECONDS)
        except AdbError:
            return
        seen.wait(_MARK_SECONDS)

    def _follow(self) -> None:
        try:
            with self._adb.stream(self._serial, f"{LOGCAT} -T 1") as stream:
                self._socket = stream
                while not self._closing.is_set() and (data := stream.recv(MAX_LINE)):
                    self._reader.take(data)
        except AdbError:
            pass  # as when the stream ends by itself: `finish` asks for the rest
        self._broken.set()
        self._reader.begun.set()
        self._reader.ended.set()

    def _catch_up(self) -> None:
        """The stream broke: ask for what was written since its last line."""
        since = f"-T {self._reader.last:.3f}" if self._reader.last else ""
        with suppress(AdbError):
            self._reader.take(self._adb.shell(self._serial, f"{LOGCAT} -d {since}").data)
