"""JSON values as a scripted app sees them: truth, text, order and arithmetic that never fail."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from pydantic import JsonValue

Json = JsonValue
"""Any JSON value."""

INTEGER_LIMIT = 2**63


def text_of(value: Json) -> str:
    """The text shown for a value: `null` is empty, whole floats lose their point, arrays and objects are JSON."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case int() | str():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def number_of(value: Json) -> int | float | None:
    """The value if it is a number (`true` and `false` are not), else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value


def tidy(number: int | float) -> int | float | None:
    """A number within what 64-bit apps can hold; larger whole numbers become floats, infinities and NaN become null."""
    if isinstance(number, int):
        if abs(number) < INTEGER_LIMIT:
            return number
        return float(number) if abs(number) < 10**300 else None
    return number if math.isfinite(number) else None


def equal(left: Json, right: Json) -> bool:
    """Equality without Python's `True == 1`."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right


def less(left: Json, right: Json) -> bool:
    """Whether two numbers or two texts are in order; anything else is not comparable and gives False."""
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    first, second = number_of(left), number_of(right)
    return first is not None and second is not None and first < second


def add(left: Json, right: Json) -> Json:
    """Sum of numbers, concatenation of arrays, or joined text when either side is text."""
    if isinstance(left, str) or isinstance(right, str):
        return text_of(left) + text_of(right)
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    first, second = number_of(left), number_of(right)
    return None if first is None or second is None else tidy(first + second)


def dig(value: Json, path: Sequence[str]) -> Json:
    """The value at a path of field names and array indexes; `length` counts; null where the path leads nowhere."""
    for step in path:
        value = _step(value, step)
    return value


def _step(value: Json, step: str) -> Json:
    if isinstance(value, dict) and step in value:
        return value[step]
    if isinstance(value, list) and step.isdecimal() and len(step) < 10:
        index = int(step)
        return value[index] if index < len(value) else None
    if step == "length" and isinstance(value, str | list | dict):
        return len(value)
    return None
