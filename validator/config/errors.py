"""What can be wrong with a configuration: problems as values, all of them in one error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from validator.model.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Position:
    """A place in a file."""

    file: str
    """As the user wrote its path."""
    line: int = 0
    """Counted from 1; 0 for the file as a whole."""
    column: int = 0
    """Counted from 1 in characters; 0 for the line as a whole."""

    def __str__(self) -> str:
        return ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One mistake in a file: where it is, what it is, and how to put it right."""

    file: str
    line: int
    column: int
    path: str
    """Where it is in the document: `devices[0].count`; empty for the document as a whole."""
    message: str
    remedy: str = ""

    @classmethod
    def at(cls, position: Position, message: str, *, path: str = "", remedy: str = "") -> Problem:
        """A problem at a position."""
        return cls(
            file=position.file,
            line=position.line,
            column=position.column,
            path=path,
            message=message,
            remedy=remedy,
        )

    @property
    def position(self) -> Position:
        """Where it is in the file."""
        return Position(file=self.file, line=self.line, column=self.column)

    def __str__(self) -> str:
        first = ": ".join(part for part in (str(self.position), self.path, self.message) if part)
        return f"{first}\n  -> {self.remedy}" if self.remedy else first


class ConfigError(UsageError):
    """A configuration cannot be used. Holds every problem found, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        """At least one, ordered by file, line and column."""
        first = self.problems[0]
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        what = f"{first.path}: {first.message}" if first.path else first.message
        super().__init__(f"{what}{more}", where=str(first.position), remedy=first.remedy)

    def diagnostics(self) -> str:
        """Every problem with its place and its remedy."""
        return "\n".join(str(problem) for problem in self.problems)
