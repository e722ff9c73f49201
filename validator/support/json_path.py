"""Paths into JSON such as `$.build.revision` or `services[0].version`: names and indexes of RFC 9535. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

MAX_STEPS: Final = 32
_STEP: Final = re.compile(
    r"\.?(?P<name>[^\W\d][\w-]*)"  # .name; the first one may stand without its dot
    r"|\[(?P<index>-?\d{1,6})\]"
    r"|\[(?P<quote>['\"])(?P<quoted>[^'\"\\\[\]]*)(?P=quote)\]"
)


class JsonPathError(ValueError):
    """The text is no such path; the message says where it stops being one."""


@dataclass(frozen=True, slots=True)
class JsonPath:
    """Where in a document a value stands."""

    text: str
    steps: tuple[str | int, ...]

    @classmethod
    def parse(cls, text: str) -> JsonPath:
        """Read a path. `$` alone, or nothing, is the whole document.

        Raises:
            JsonPathError: It is none, or has more than 32 steps.
        """
        steps = tuple(_steps(text))
        if len(steps) > MAX_STEPS:
            raise JsonPathError(f"it has more than {MAX_STEPS} steps")
        return cls(text, steps)

    def find(self, document: object) -> object:
        """The value that stands there; None where nothing does, as for a null."""
        for step in self.steps:
            match document, step:
                case dict(), str():
                    document = document.get(step)
                case list(), int() if -len(document) <= step < len(document):
                    document = document[step]
                case _:
                    return None
        return document


@dataclass(frozen=True, slots=True)
class JsonList:
    """Where in each element of a list a value stands: `$.users[*].id`."""

    text: str
    list: JsonPath
    element: JsonPath

    @classmethod
    def parse(cls, text: str) -> JsonList:
        """Read a path with one `[*]`.

        Raises:
            JsonPathError: It is none.
        """
        before, every, after = text.partition("[*]")
        if not every or "[*]" in after:
            raise JsonPathError("it has to have one [*], for every element of a list")
        return cls(text, JsonPath.parse(before), JsonPath.parse(f"${after}"))

    def find(self, document: object) -> Sequence[object] | None:
        """The values, one for each element; None where there is no list."""
        found = self.list.find(document)
        return [self.element.find(element) for element in found] if isinstance(found, list) else None


def scalar(value: object) -> str | None:
    """A text, number or truth value as text; None for everything else."""
    match value:
        case str():
            return value
        case bool() | int() | float():
            return json.dumps(value)
        case _:
            return None


def _steps(text: str) -> Iterator[str | int]:
    place = len(text) - len(text.removeprefix("$"))
    anchored = place > 0
    while place < len(text):
        found = _STEP.match(text, place)
        if found is None or (found["name"] and text[place] != "." and (anchored or place > 0)):
            raise JsonPathError(f"{text[place : place + 20]!r} is neither .name nor [0]")
        place = found.end()
        yield int(found["index"]) if found["index"] else found["name"] or found["quoted"]
