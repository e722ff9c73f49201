"""Frozen dataclasses to JSON and back, exactly: what is read equals what was written.

pydantic's TypeAdapter does the work, so unions tagged by a literal field, enums and nested tuples need no code here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import TypeVar, cast

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


class UndecodableError(ValueError):
    """The bytes are not a value of the wanted type; the text says where and why."""


_adapters: dict[type, object] = {}


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    found = _adapters.get(kind)
    if found is None:
        found = _adapters.setdefault(kind, TypeAdapter(kind))
    return cast("TypeAdapter[T]", found)


def encode(value: object, *, leave_out: Mapping[str, bool | set[str]] | None = None) -> bytes:
    """The value as one line of JSON, keys in the order of its fields.

    Args:
        value: A dataclass.
        leave_out: Fields that are not written: the field's name with True, or with those of its own fields.
    """
    return _adapter(type(value)).dump_json(value, exclude=dict(leave_out) if leave_out else None)


def encode_pretty(value: object) -> bytes:
    """The value as JSON for people: indented, with a final line break."""
    return _adapter(type(value)).dump_json(value, indent=2) + b"\n"


def decode(kind: type[T], data: bytes | str) -> T:
    """Read a value back.

    Raises:
        UndecodableError: The data is not JSON, or not a value of this type.
    """
    try:
        return _adapter(kind).validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UndecodableError(f"{place}: {first['msg']}" if place else first["msg"]) from error


def map_text(value: T, change: Callable[[str], str]) -> T:
    """The same value with every text in it changed; texts that are members of an enum stay what they are."""
    adapter = _adapter(type(value))
    return adapter.validate_python(_changed(adapter.dump_python(value), change))


def _changed(value: object, change: Callable[[str], str]) -> object:
    match value:
        case Enum():
            return value
        case str():
            return change(value)
        case dict():
            return {key: _changed(inner, change) for key, inner in value.items()}
        case tuple():
            return tuple(_changed(inner, change) for inner in value)
        case _:
            return value
