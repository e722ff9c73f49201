"""Whether a runner still gets on: one that hangs keeps its process, and nothing but its silence tells.

maestro-runner logs each call to the device (one per look for an element) and writes its report with every step, so even
a flow that waits for minutes writes all the time. The longest silence that was measured is that of a call which the
device does not answer: 10 s.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

PATIENCE: Final = 60.0
"""Seconds without a byte until a runner counts as hung: a script of the flow may compute, or wait for a server."""
_EVERY_SECONDS: Final = 1.0


class Progress(AbstractContextManager["Progress"]):
    """Watches a folder until the block ends; calls `hopeless`, at most once, when nothing in it changes any more."""

    def __init__(
        self,
        folder: Path,
        hopeless: Callable[[str], None],
        *,
        patience: float = PATIENCE,
        every: float = _EVERY_SECONDS,
    ) -> None:
        self._folder = folder
        self._hopeless = hopeless
        self._patience = patience
        self._every = every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="progress of the runner", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        seen, changed_at = self._state(), time.monotonic()
        while not self._ended.wait(self._every):
            now, state = time.monotonic(), self._state()
            if state != seen:
                seen, changed_at = state, now
            elif now - changed_at >= self._patience:
                self._hopeless(f"the runner has not written a byte for {self._patience:g} s")
                return

    def _state(self) -> tuple[int, int, int]:
        """How many files there are, how large they are together, and when the latest was written."""
        count = size = latest = 0
        for path in self._folder.rglob("*"):
            try:
                found = path.lstat()
            except OSError:
                continue  # it has just been renamed
            count, size, latest = count + 1, size + found.st_size, max(latest, found.st_mtime_ns)
        return count, size, latest
