"""When a program that only serves should end: on a signal, or when the process that started it has gone."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STDIN = 0
_PARENT_POLL_S = 0.5


@contextmanager
def until_told(*, exit_with_parent: bool) -> Iterator[asyncio.Event]:
    """An event that SIGINT, SIGTERM or SIGHUP sets while the block runs.

    With `exit_with_parent` it is also set when the parent process has gone, and when standard input ends, unless that
    is /dev/null, which says nothing. Must be entered inside a running event loop in the main thread.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in _SIGNALS:
        loop.add_signal_handler(number, told.set)
    watching = loop.create_task(_watch_parent(told)) if exit_with_parent else None
    if exit_with_parent and _input_can_end():
        # A thread, because not everything that standard input may be can be watched by the event loop.
        threading.Thread(target=_wait_for_end_of_input, args=(loop, told), name="parent", daemon=True).start()
    try:
        yield told
    finally:
        if watching is not None:
            watching.cancel()
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def _watch_parent(told: asyncio.Event) -> None:
    """An orphan is given a new parent; nothing announces it, so it is looked up."""
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(_PARENT_POLL_S)
    told.set()


def _input_can_end() -> bool:
    try:
        mode = os.fstat(_STDIN).st_mode
    except OSError:
        return False
    return not stat.S_ISCHR(mode) or os.isatty(_STDIN)


def _wait_for_end_of_input(loop: asyncio.AbstractEventLoop, told: asyncio.Event) -> None:
    with suppress(OSError):
        while os.read(_STDIN, 4096):
            pass
    with suppress(RuntimeError):  # the loop is closed: the program is ending already
        loop.call_soon_threadsafe(told.set)
