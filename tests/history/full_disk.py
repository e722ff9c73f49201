"""Writes into a store until there is no space, frees some, and goes on: at as many points as it is told.

`python -m tests.history.full_disk FOLDER POINTS` does it on the file system of the folder, which had better be small.
"""

from __future__ import annotations

import os
import random
import resource
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from tests.history.writers import events_of
from validator.history.errors import HistoryError
from validator.history.journal import FILE_NAME, Journal, JournalError, read_journal
from validator.history.store import open_store
from validator.model.events import Record

LEFT = 200_000
"""Bytes of space that are left at most when the writing begins."""
ENOUGH = 2_000
"""Runs after which even the largest space must be full."""


class Space(Protocol):
    """What files can grow into."""

    def leave(self, left: int) -> None:
        """Take all but so many bytes."""
        ...

    def free(self) -> None:
        """Give it back."""
        ...


class FileSystem:
    """A whole file system, filled by a file."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def leave(self, left: int) -> None:
        """Take all but so many bytes."""
        found = os.statvfs(self._filler.parent)
        with self._filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(found.f_bavail * found.f_frsize - left, 1))

    def free(self) -> None:
        """Give it back."""
        self._filler.unlink()


class FileSize:
    """The length that a file of this process may have; writes beyond it fail as on a full disk, with EFBIG."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def leave(self, left: int) -> None:
        """Let the longest file grow by so many bytes."""
        longest = max(file.stat().st_size for file in self._folder.rglob("*") if file.is_file())
        resource.setrlimit(resource.RLIMIT_FSIZE, (longest + left, resource.RLIM_INFINITY))

    def free(self) -> None:
        """Give it back."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def fill(folder: Path, space: Space, points: int) -> Counter[str]:
    """Fill the space so many times; how often each error was seen."""
    chance = random.Random(points)  # noqa: S311 - spaces that can be repeated
    seen: Counter[str] = Counter()
    everything: list[Record] = []
    address = f"sqlite:///{folder}/history.db"
    open_store(address).close()
    (folder / FILE_NAME).touch()
    for point in range(points):
        with full(space, chance.randrange(LEFT)):
            acknowledged, refused, error = until_full(address, f"point{point}", folder / FILE_NAME)
        seen[f"{type(error).__name__}: {error.what}"] += 1
        assert error.remedy
        everything += acknowledged + refused
        with open_store(address) as store:
            assert all(store.tenant("default").log.contains(record.id) for record in acknowledged)
            appended = store.tenant("default").log.append(refused)
            assert (appended.stored, appended.known) == (len(refused), 0), "a part of what was refused was stored"
    check(address, everything)
    return seen


@contextmanager
def full(space: Space, left: int) -> Iterator[None]:
    space.leave(left)
    try:
        yield
    finally:
        space.free()


def until_full(address: str, name: str, file: Path) -> tuple[list[Record], list[Record], HistoryError | JournalError]:
    """Write into a journal, then into the store: what both acknowledged, what one of them refused, and how."""
    acknowledged: list[Record] = []
    batch: list[Record] = []
    try:
        with Journal(file) as journal, open_store(address, busy=1.0) as store:
            for number in range(ENOUGH):
                batch = events_of(name, number)
                journal.handle(batch[0])
                store.tenant("default").log.append(batch)
                acknowledged += batch
    except (HistoryError, JournalError) as error:
        return acknowledged, batch, error
    raise AssertionError("the disk was never full")


def check(address: str, everything: list[Record]) -> None:
    with open_store(address) as store:
        found = store.tenant("default").verify()
        assert (found.ok, found.gaps, found.events) == (True, (), len(everything))
        for run in {record.run for record in everything}:
            assert store.tenant("default").log.records(run) == [record for record in everything if record.run == run]
        journaled = [
            record.id for record in read_journal(Path(address.removeprefix("sqlite:///")).with_name(FILE_NAME))
        ]
        assert set(journaled) <= {record.id for record in everything}
        assert len(set(journaled)) == len(journaled)


def fill_by_size(said: Connection, folder: str, points: int) -> None:
    """Do it with limits for files; say how often each error was seen."""
    for line, count in fill(Path(folder), FileSize(Path(folder)), points).items():
        said.send(f"{count} {line}")


if __name__ == "__main__":
    place = Path(sys.argv[1])
    for seen_line, seen_count in fill(place, FileSystem(place), int(sys.argv[2])).items():
        print(seen_count, seen_line)
