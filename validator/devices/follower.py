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
_REST_SECONDS = 8.0
_TRIES = 2


class LogFollower:
    """Follows one device's log from `begin` to `finish`. Never raises for what the device does."""

    def __init__(self, adb: Adb, serial: str, collectors: Sequence[Collector], limit: int = LOG_LIMIT) -> None:
        self._adb = adb
        self._serial = serial
        self._reader = LogReader(collectors, limit)
        self._broken, self._closing = threading.Event(), threading.Event()
        self._socket: socket.socket | None = None
        self._takes_marks = False
        self._thread = threading.Thread(target=self._follow, name=f"log of {serial}", daemon=True)

    @property
    def began_at(self) -> float:
        """The device's clock when the attempt began, seconds since 1970; 0 when the log did not tell."""
        return self._reader.began_at

    def begin(self) -> None:
        """Start following; returns when the stream is up, so that nothing that happens from now on is missed."""
        self._thread.start()
        self._takes_marks = self._mark(self._reader.begin_mark, self._reader.begun)
        self._reader.begun.set()  # a device whose log takes no lines of ours: everything counts from here on

    def finish(self, *, answers: bool = True) -> str:
        """Stop following when all that was written until now has come; at once from a device that does not answer.

        Returns:
            Why the end of the log is missing; empty when all of it was read.
        """
        why = "the device does not answer"
        if answers:
            whole = not self._broken.is_set() and self._mark(self._reader.end_mark, self._reader.ended)
            why = "" if whole or not (self._takes_marks or self._broken.is_set()) else self._catch_up()
        self._reader.ended.set()
        return why

    def save(self, path: Path, redact: Callable[[str], str]) -> None:
        """Write the attempt's log, or its last 10 to 20 MB, to a file.

        Raises:
            OSError: It cannot be written.
        """
        self._reader.save(path, redact)

    def close(self) -> None:
        """Let go of the device and forget everything."""
        self._reader.ended.set()
        self._end_stream()
        self._reader.close()

    def _end_stream(self) -> None:
        self._closing.set()
        stream = self._socket
        if stream is not None:
            with suppress(OSError):  # closed by the other side
                stream.shutdown(socket.SHUT_RDWR)
        self._thread.join(_JOIN_SECONDS)

    def _mark(self, text: str, seen: threading.Event) -> bool:
        """Write the line; whether it came back, or the stream broke while it was waited for."""
        try:
            self._adb.shell(self._serial, f"log -t {TAG} {text}", seconds=_MARK_SECONDS)
        except AdbError:
            return False
        return seen.wait(_MARK_SECONDS) and not self._broken.is_set()

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

    def _catch_up(self) -> str:
        """The stream broke or lags behind: ask, twice if need be, for what was written since its last line.

        Returns:
            Why it did not come; empty when it came.
        """
        self._end_stream()
        since = self._reader.last or self._reader.began_at
        if not since:
            return "its log: it could not be followed from the attempt's beginning"
        why = ""
        for _ in range(_TRIES):
            try:
                rest = self._adb.shell(self._serial, f"{LOGCAT} -d -T {since:.3f}", seconds=_REST_SECONDS).data
            except AdbError as error:
                why = f"the end of its log: {error.what}"
            else:
                self._reader.take(b"\n" + rest)
                return ""
        return why
