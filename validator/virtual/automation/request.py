"""A request for the automation server, after HTTP and before the commands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue as Json

from validator.virtual.automation.errors import InvalidArgumentError


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One command: the variable parts of its path, and its body."""

    path: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Json] = field(default_factory=dict)

    def text(self, name: str, default: str | None = None) -> str:
        """A text of the body."""
        value = self.body.get(name, default)
        if not isinstance(value, str):
            raise InvalidArgumentError(f"'{name}' must be a text")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """A number of the body."""
        return as_number(self.body.get(name, default), name)

    def mapping(self, name: str) -> Request | None:
        """An object inside the body, or None when it is absent."""
        value = self.body.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise InvalidArgumentError(f"'{name}' must be an object")
        return Request(path=self.path, body=value)

    def objects(self, name: str) -> list[Request]:
        """A list of objects inside the body; absent is empty."""
        value = self.body.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise InvalidArgumentError(f"'{name}' must be a list of objects")
        return [Request(path=self.path, body=each) for each in value if isinstance(each, dict)]


def as_number(value: Json, name: str) -> float:
    """The value as a number that a display coordinate or a duration can be."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
        raise InvalidArgumentError(f"'{name}' must be a number")
    return float(value)


def read_body(content: bytes) -> dict[str, Json]:
    """The body of a request, which may be empty.

    Raises:
        InvalidArgumentError: it is not a JSON object.
    """
    if not content.strip():
        return {}
    try:
        value: Json = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidArgumentError(f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidArgumentError("the body must be a JSON object")
    return value
