"""Integer arithmetic of `$((…))`: `+ - * / %`, comparisons, brackets and variables."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping

_TOKEN = re.compile(r"\s*(?:(\d+)|\$?\{?([A-Za-z_]\w*)\}?|(==|!=|<=|>=|[-+*/%()<>]))")
_LONGEST = 200
_Operator = Callable[[int, int], int]


def _divided(left: int, right: int) -> int:
    """C's division: towards zero, where Python's goes down."""
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


_LEVELS: tuple[Mapping[str, _Operator], ...] = (
    {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge},
    {"+": operator.add, "-": operator.sub},
    {
        "*": operator.mul,
        "/": _divided,
        "%": lambda left, right: left - right * _divided(left, right),
    },
)


class ArithmeticProblemError(Exception):
    """The expression is none; the text is what mksh prints."""


def evaluate(expression: str, values: Mapping[str, str]) -> int:
    """The value of an expression; a variable that is not set, or no number, is 0.

    Raises:
        ArithmeticProblemError: it cannot be read, or divides by zero.
    """
    if len(expression) > _LONGEST:
        raise ArithmeticProblemError("expression is too long")
    reader = _Reader(_tokens(expression), values)
    try:
        result = reader.level(0)
    except ZeroDivisionError:
        raise ArithmeticProblemError("zero divisor") from None
    if not reader.done:
        raise ArithmeticProblemError("unexpected word")
    return int(result)


def _tokens(expression: str) -> list[str]:
    found, at = [], 0
    text = expression.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ArithmeticProblemError(f"unexpected '{text[at]}'")
        found.append(next(group for group in match.groups() if group))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[str], values: Mapping[str, str]) -> None:
        self._tokens = tokens
        self._values = values
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at == len(self._tokens)

    def level(self, number: int) -> int:
        """A chain of operators of one precedence, from left to right."""
        if number == len(_LEVELS):
            return self._operand()
        left = self.level(number + 1)
        while not self.done and self._tokens[self._at] in _LEVELS[number]:
            apply = _LEVELS[number][self._next()]
            left = apply(left, self.level(number + 1))
        return left

    def _operand(self) -> int:
        word = self._next()
        if word == "(":
            inner = self.level(0)
            if self._next() != ")":
                raise ArithmeticProblemError("missing )")
            return inner
        if word in "+-":
            return self._operand() * (-1 if word == "-" else 1)
        if word.isdecimal():
            return int(word)
        if not word.isidentifier():
            raise ArithmeticProblemError(f"unexpected '{word}'")
        value = self._values.get(word, "")
        return int(value) if re.fullmatch(r"-?\d{1,18}", value) else 0

    def _next(self) -> str:
        if self.done:
            raise ArithmeticProblemError("unexpected end")
        self._at += 1
        return self._tokens[self._at - 1]
