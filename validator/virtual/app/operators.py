"""The operators of expressions. None fails: what cannot be compared is False, what cannot be reckoned is null."""

from __future__ import annotations

from collections.abc import Callable

from validator.virtual.app.values import Json, add, equal, less, number_of, text_of, tidy


def _at_most(left: Json, right: Json) -> bool:
    return less(left, right) or (left is not None and equal(left, right))


def _within(part: Json, whole: Json) -> bool:
    match whole:
        case list():
            return any(equal(part, each) for each in whole)
        case dict():
            return isinstance(part, str) and part in whole
        case str():
            return text_of(part) in whole
        case _:
            return False


def subtract(left: Json, right: Json) -> Json:
    """Difference of numbers."""
    first, second = number_of(left), number_of(right)
    return None if first is None or second is None else tidy(first - second)


def _multiply(left: Json, right: Json) -> Json:
    first, second = number_of(left), number_of(right)
    return None if first is None or second is None else tidy(first * second)


def _divide(left: Json, right: Json) -> Json:
    first, second = number_of(left), number_of(right)
    return None if first is None or not second else tidy(first / second)


OPERATORS: dict[str, Callable[[Json, Json], Json]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": less,
    "<=": _at_most,
    ">": lambda left, right: less(right, left),
    ">=": lambda left, right: _at_most(right, left),
    "in": _within,
    "+": add,
    "-": subtract,
    "*": _multiply,
    "/": _divide,
}
"""Every operator between two values, as it is written."""
