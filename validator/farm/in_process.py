"""Runs attempts in threads of this process, one per device."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class InProcessEngine(Generic[T]):
    """Starts work per device and hands results back in the order in which they come."""

    def __init__(self, devices: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=max(1, devices), thread_name_prefix="device")
        self._results: queue.SimpleQueue[tuple[str, Future[T]]] = queue.SimpleQueue()

    def start(self, key: str, work: Callable[[], T]) -> None:
        """Start the work; its result comes back under this key."""
        self._pool.submit(work).add_done_callback(lambda future: self._results.put((key, future)))

    def next(self, seconds: float) -> tuple[str, T] | None:
        """The next finished work, waiting at most so long. What the work raised is raised here."""
        try:
            key, future = self._results.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None
        return key, future.result()

    def __enter__(self) -> InProcessEngine[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what still runs; every work has its own deadline."""
        self._pool.shutdown(wait=True, cancel_futures=True)
