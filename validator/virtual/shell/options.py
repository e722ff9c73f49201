"""Splitting a command's words into options and the rest, as Android's Java commands and toybox do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class UsageProblemError(Exception):
    """The words cannot be understood; the text says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Flags given, options with their values in the order they came, and what is left."""

    flags: frozenset[str]
    valued: tuple[tuple[str, str], ...]
    rest: tuple[str, ...]

    def last(self, *names: str) -> str | None:
        """The value of the last option of these names."""
        values = [value for name, value in self.valued if name in names]
        return values[-1] if values else None

    def all(self, *names: str) -> list[str]:
        """Every value of the options of these names."""
        return [value for name, value in self.valued if name in names]


def split(words: Sequence[str], *, valued: Sequence[str] = ()) -> Options:
    """Split words; `valued` options take the next word, or what follows `=`.

    Raises:
        UsageProblemError: a valued option is the last word.
    """
    flags: set[str] = set()
    values: list[tuple[str, str]] = []
    rest: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        name, equals, value = word.partition("=")
        if word in valued:
            if not queue:
                raise UsageProblemError(f'Argument expected after "{word}"')
            values.append((word, queue.pop(0)))
        elif equals and name in valued:
            values.append((name, value))
        elif word.startswith("-") and word != "-":
            flags.add(word)
        else:
            rest.append(word)
    return Options(flags=frozenset(flags), valued=tuple(values), rest=tuple(rest))


def number(text: str, default: int = 0) -> int:
    """A decimal or hexadecimal number, the default for anything else."""
    try:
        return int(text, 16 if text.lower().startswith("0x") else 10)
    except ValueError:
        return default
