"""A lock among the processes of a machine that ends with its holder, whatever that dies of: the kernel's `flock`."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class HeldError(Exception):
    """Another process holds the lock; `holder` is its process id as text."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"held by process {holder}")
        self.holder = holder


@contextmanager
def exclusive(file: Path, mode: int = 0o600) -> Iterator[None]:
    """Hold a lock file while the block runs; nobody can take it over from the living, and the dead leave nothing.

    Args:
        file: The lock file; made when it is not there. It stays, because removing it would race with the next holder.
        mode: Its permissions when it is made.

    Raises:
        HeldError: Another process holds it.
        OSError: The file cannot be made.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, mode)
    try:
        _take(descriptor)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        raise HeldError(holder or "(unknown)") from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
