"""SIGINT, SIGTERM and SIGHUP as a request to stop, so that devices are released and reports written before the end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from validator.model.events import StopReason
from validator.support.stop import Stop

_REASONS = {
    signal.SIGINT: StopReason.INTERRUPTED,
    signal.SIGTERM: StopReason.TERMINATED,
    signal.SIGHUP: StopReason.TERMINATED,
}


@contextmanager
def stopping(stop: Stop) -> Iterator[None]:
    """While the block runs, signals set the stop instead of ending the process.

    A second signal changes nothing: everything that is being ended has a deadline of its own.
    """

    def request(number: int, _frame: FrameType | None) -> None:
        # In a thread of its own: the handler may have interrupted the main thread while it held the stop's lock.
        reason = _REASONS[signal.Signals(number)]
        threading.Thread(target=stop.set, args=(reason,), name="signal", daemon=True).start()

    before = {number: signal.signal(number, request) for number in _REASONS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
