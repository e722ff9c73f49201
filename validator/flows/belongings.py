"""All files that a flow needs, found by following what its commands name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from validator.flows.flow_file import Kind, Reference
from validator.flows.library import Library, ProblemError, is_file, is_folder

_DEEPEST: Final = 40
_MOST_FILES: Final = 2_000
_SEEDING: Final = ": keep a screenshot of the right screen there, for without it nothing is compared"


def belongings(file: Path, library: Library) -> Mapping[str, str]:
    """The flow file and everything that it calls for: path relative to the workspace -> SHA-256.

    Raises:
        ProblemError: One of the files is broken or missing, or flows call each other in a circle.
    """
    search = _Search(library)
    search.follow(file, ())
    if search.problems:
        raise search.problems[0]
    return search.found


def broken_belongings(file: Path, library: Library) -> tuple[ProblemError, ...]:
    """All that keeps a flow file, or what it calls for, from being read; each mistake once."""
    search = _Search(library)
    search.follow(file, ())
    return tuple(search.problems)


class _Search:
    def __init__(self, library: Library) -> None:
        self._library = library
        self.found: dict[str, str] = {}
        self.problems: list[ProblemError] = []

    def follow(self, file: Path, callers: tuple[Path, ...]) -> None:
        self.found[self._library.name(file)] = ""
        try:
            flow = self._library.flow(file)
        except ProblemError as problem:
            self.problems.append(problem)
            return
        self.found[self._library.name(file)] = self._library.digest(file)
        for reference in flow.references:
            target = Path(os.path.normpath(file.parent / reference.path))
            try:
                self._refuse_circle(file, reference, target, (*callers, file))
                if self._library.name(target) not in self.found:
                    self._take(file, reference, target, (*callers, file))
            except ProblemError as problem:
                self.problems.append(problem)

    def _refuse_circle(self, file: Path, reference: Reference, target: Path, chain: tuple[Path, ...]) -> None:
        if reference.kind is Kind.FLOW and target in chain:
            circle = (*chain[chain.index(target) :], target)
            names = " -> ".join(self._library.name(part) for part in circle)
            raise self._library.problem(file, reference.place, f"flows call each other in a circle: {names}")

    def _take(self, file: Path, reference: Reference, target: Path, chain: tuple[Path, ...]) -> None:
        if len(self.found) >= _MOST_FILES or len(chain) >= _DEEPEST:
            raise self._library.problem(
                file, reference.place, "calls for more files, or deeper, than a person would write"
            )
        if not is_file(target):
            what = "is a folder, not a file" if is_folder(target) else "does not exist"
            advice = _SEEDING if reference.kind is Kind.IMAGE else ""
            raise self._library.problem(file, reference.place, f"{reference.kind} {reference.path} {what}{advice}")
        if reference.kind is Kind.FLOW:
            self.follow(target, chain)
            return
        try:
            self.found[self._library.name(target)] = self._library.digest(target)
        except OSError as error:
            reason = f"{reference.kind} {reference.path} cannot be read: {error.strerror}"
            raise self._library.problem(file, reference.place, reason) from error
