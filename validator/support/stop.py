"""A request to stop that several threads can wait on, with the reason for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stop:
    """Set once, for one reason; may follow a parent, whose stop is its own."""

    def __init__(self, parent: Stop | None = None) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._reason = ""
        self._listeners: list[Callable[[str], None]] = []
        self._parent = parent
        if parent is not None:
            parent.listen(self.set)

    def set(self, reason: str) -> None:
        """Ask everyone to stop; only the first reason counts."""
        with self._lock:
            if self._event.is_set():
                return
            self._reason = reason
            self._event.set()
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(reason)

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call the listener with the reason when the stop is set, or at once when it is already."""
        with self._lock:
            if not self._event.is_set():
                self._listeners.append(listener)
                return
        listener(self._reason)

    def forget(self, listener: Callable[[str], None]) -> None:
        """No longer call the listener."""
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)

    def detach(self) -> None:
        """No longer follow the parent."""
        if self._parent is not None:
            self._parent.forget(self.set)

    @property
    def is_set(self) -> bool:
        """Whether a stop was asked for."""
        return self._event.is_set()

    @property
    def reason(self) -> str:
        """Why; empty while not set."""
        return self._reason

    def wait(self, seconds: float) -> bool:
        """Wait for the stop, at most so long; True when it is set."""
        return self._event.wait(seconds)


@contextmanager
def deadline(stop: Stop, seconds: float, reason: str) -> Iterator[None]:
    """Set the stop, for this reason, unless the block ends within so many seconds."""
    timer = threading.Timer(seconds, stop.set, args=(reason,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
