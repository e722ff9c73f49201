"""The files that a path or pattern means, found within bounds: folders may be huge, and links go in circles."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import translate
from pathlib import Path
from typing import Final

from validator.support.stop import Stop

SECONDS: Final = 60.0
MOST_ENTRIES: Final = 2_000_000
"""Names that are looked at; a checkout with its dependencies and a build of several variants has a few 100,000."""
MOST_MATCHES: Final = 1_000
_ANY_DEPTH: Final = "**"
_SIGNS: Final = re.compile(r"[*?\[]")


class SearchEndedError(Exception):
    """The search was given up; the message says why."""


def find_files(
    root: Path, pattern: str, stop: Stop, *, seconds: float = SECONDS, entries: int = MOST_ENTRIES
) -> list[Path]:
    """The files that a path or pattern means, in the order of their paths; no more than a thousand.

    `*`, `?` and `[…]` stand for parts of one name, and not for a leading dot; `**` for any number of folders, which are
    entered only where they really are: a link to a folder is not followed.

    Args:
        root: What a relative path or pattern begins at; absolute.
        pattern: The path or pattern.
        stop: Ends the search.
        seconds: How long it may take.
        entries: How many names may be looked at.

    Raises:
        SearchEndedError: It took too long, saw too much, or was stopped.
    """
    literal = root / pattern
    if _is_file(literal):  # a path may hold characters that mean something in a pattern
        return [literal]
    given = Path(pattern)
    folder = Path(given.anchor) if given.is_absolute() else root
    search = _Search(stop=stop, ends=time.monotonic() + seconds, seconds=seconds, left=entries, entries=entries)
    return sorted(search.below(folder, given.parts[given.is_absolute() :]))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # behind a folder that we may not enter
        return False


@dataclass(kw_only=True)
class _Search:
    stop: Stop
    ends: float
    seconds: float
    left: int
    entries: int
    found: set[Path] = field(default_factory=set)
    seen: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    """Folders with the parts that are still to be matched below them: `**/**` must not visit one twice."""

    def below(self, folder: Path, parts: tuple[str, ...]) -> set[Path]:
        open_ends = [(str(folder), parts)]
        while open_ends and len(self.found) < MOST_MATCHES:
            place, rest = open_ends.pop()
            if rest and (place, rest) not in self.seen:
                self.seen.add((place, rest))
                open_ends += self._step(place, rest)
        return self.found

    def _step(self, place: str, parts: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
        first, rest = parts[0], parts[1:]
        if first == _ANY_DEPTH:
            yield place, rest or ("*",)
            yield from ((entry.path, parts) for entry in self._entries(place) if _is_real_folder(entry))
            return
        for path in self._named(place, first):
            if rest:
                yield path, rest
            elif _is_file(Path(path)):
                self.found.add(Path(path))

    def _named(self, place: str, part: str) -> Iterator[str]:
        """What may be called so in a folder. A plain name is not looked for: whether it is there shows later."""
        if not _SIGNS.search(part):
            yield f"{place.rstrip('/')}/{part}"
            return
        matches = re.compile(translate(part)).match
        yield from (entry.path for entry in self._entries(place, hidden=part.startswith(".")) if matches(entry.name))

    def _entries(self, place: str, *, hidden: bool = False) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    self._count()
                    if hidden or not entry.name.startswith("."):
                        yield entry
        except OSError:  # no folder, or one that we may not read: nothing that we could take lies there
            return

    def _count(self) -> None:
        self.left -= 1
        if self.stop.is_set:
            raise SearchEndedError(self.stop.reason)
        if time.monotonic() > self.ends:
            raise SearchEndedError(f"not over after {self.seconds:g} s")
        if self.left < 0:
            raise SearchEndedError(f"more than {self.entries} files and folders are there")


def _is_real_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:  # gone since it was listed
        return False
