"""maestro-runner's log of its calls to the device: read while it grows, and kept small.

When the connection to the device breaks, the runner repeats its calls without a pause and logs each: 380 MB in 40 s
were measured. Lines with ` ERROR: ` in the place of the status are the only trace of a lost connection that a step such
as `assertNotVisible` leaves (the runner reports it as passed); healthy runs, passed or failed, have none. A run with
one is worth nothing any more, and may go on for minutes: a server that hangs costs 10 s per call.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

MAX_BYTES: Final = 64 * 1024 * 1024
"""A healthy run writes some kilobytes per step. Far beyond that, only a broken connection does."""
KEPT_BYTES: Final = 2 * 1024 * 1024
_PIECE: Final = 1024 * 1024
_EVERY_SECONDS: Final = 0.25
PATIENCE: Final = 1.5
"""Seconds from the first lost call until the runner is given up. Where it notices the loss itself it ends sooner, and
then its report names the step."""

# 03:43:27.403302 POST /session/s1/element [1.662735ms] ERROR: Post "http://localhost/session/s1/element": EOF
# The place matters: the body of a healthy call, logged further right, may hold any text.
_ERROR = re.compile(rb"^[0-9:.]+ [A-Z]+ \S+ \[[^\]\n]*\] ERROR: ", re.MULTILINE)


class ErrorCount:
    """Counts lost calls in a log that arrives in pieces."""

    def __init__(self) -> None:
        self.errors = 0
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        lines, newline, rest = (self._rest + data).rpartition(b"\n")
        self.errors += len(_ERROR.findall(lines + newline))
        # A line without end counts when it is complete; only its beginning can matter then.
        self._rest = rest[:_PIECE]

    def finish(self) -> int:
        """The count, an unfinished last line included."""
        self.errors += len(_ERROR.findall(self._rest))
        self._rest = b""
        return self.errors


class ClientLog(AbstractContextManager["ClientLog"]):
    """Watches the log from another thread until the block ends; then cuts it to its beginning and its end.

    `hopeless` is called, at most once, with the reason why the runner should be ended.
    """

    def __init__(
        self,
        file: Path,
        hopeless: Callable[[str], None],
        *,
        patience: float = PATIENCE,
        max_bytes: int = MAX_BYTES,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        self._file = file
        self._hopeless = hopeless
        self._patience = patience
        self._max_bytes = max_bytes
        self._kept_bytes = kept_bytes
        self._count = ErrorCount()
        self._read = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"watch of {file.name}", daemon=True)
        self.errors = 0
        """How many calls were lost; known when the block has ended."""
        self.problem = ""
        """Why the log could not be read; empty when it could."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._take_in()
        self.errors = self._count.finish()
        self._cut()

    def _watch(self) -> None:
        lost_at: float | None = None
        while not self._ended.wait(_EVERY_SECONDS):
            self._take_in()
            now = time.monotonic()
            if self._count.errors and lost_at is None:
                lost_at = now
            if lost_at is not None and now - lost_at >= self._patience:
                self._hopeless("the runner lost its calls to the device")
                return
            if self._read > self._max_bytes:
                self._hopeless("the runner's log of calls outgrew its limit")
                return

    def _take_in(self) -> None:
        try:
            with self._file.open("rb") as stream:
                stream.seek(self._read)
                self._drain(stream)
        except FileNotFoundError:
            pass  # the runner has not come that far
        except OSError as error:
            self.problem = f"{self._file.name} cannot be read: {error.strerror}"

    def _drain(self, stream: BinaryIO) -> None:
        while self._read <= 2 * self._max_bytes and (piece := stream.read(_PIECE)):
            self._read += len(piece)
            self._count.feed(piece)

    def _cut(self) -> None:
        """Keep the beginning and the end: how it began to fail, and what it came to."""
        try:
            size = self._file.stat().st_size
            if size <= 2 * self._kept_bytes:
                return
            with self._file.open("r+b") as stream:
                stream.seek(size - self._kept_bytes)
                end = stream.read(self._kept_bytes)
                stream.seek(self._kept_bytes)
                stream.write(b"\n[%d bytes left out]\n" % (size - 2 * self._kept_bytes) + end)
                stream.truncate()
        except FileNotFoundError:
            pass
        except OSError as error:
            self.problem = f"{self._file.name} cannot be cut: {error.strerror}"
