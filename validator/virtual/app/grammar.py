"""Reading of expressions: a recursive descent parser over a handful of tokens.

either     = both ("or" both)*
both       = denial ("and" denial)*
denial     = "not" denial | comparison
comparison = sum (("==" | "!=" | "<" | "<=" | ">" | ">=" | ["not"] "in") sum)?
sum        = product (("+" | "-") product)*
product    = filtered (("*" | "/") filtered)*
filtered   = atom ("|" NAME (":" atom ("," atom)*)?)*
atom       = NUMBER | TEXT | "true" | "false" | "null" | NAME ("." FIELD)* | "(" either ")" | "-" atom
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from validator.virtual.app.expression import Binary, Expression, ExpressionError, Filtered, Literal, Logical, Name, Not
from validator.virtual.app.filters import FILTERS
from validator.virtual.app.operators import OPERATORS, subtract
from validator.virtual.app.values import Json

DEEPEST = 40
"""How many parentheses and signs may be nested; far more than a readable expression needs."""

LONGEST = 300
"""The most parts an expression may have. Evaluation recurses once for each, and must stay clear of Python's limit."""

KEYWORDS = frozenset({"and", "or", "not", "in", "true", "false", "null"})
"""Words that cannot be names."""

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d{1,15}(?:\.\d{1,15})?)
    | (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<name>[A-Za-z_]\w*(?:\.\w+)*)
    | (?P<symbol>==|!=|<=|>=|[-<>+*/|:,()])
    )""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_CONSTANTS: Mapping[str, Json] = {"true": True, "false": False, "null": None}
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


_END = _Token("end", "")


def parse(source: str) -> Expression:
    """Read an expression.

    Raises:
        ExpressionError: it is not one; the message quotes the place.
    """
    parser = _Parser(source, _tokens(source))
    expression = parser.either()
    parser.finish()
    return expression


def _tokens(source: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    end = len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            raise ExpressionError(f"cannot read {source[at:].strip()[:20]!r} in the expression {source[:80]!r}")
        tokens.append(_Token(match.lastgroup, match[match.lastgroup]))
        at = match.end()
    if len(tokens) > LONGEST:
        raise ExpressionError(f"the expression {source[:40]!r}... has more than {LONGEST} parts")
    return tokens


class _Parser:
    def __init__(self, source: str, tokens: list[_Token]) -> None:
        self._source = source
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def either(self) -> Expression:
        expression = self._both()
        while self._accept("or"):
            expression = Logical(True, expression, self._both())
        return expression

    def finish(self) -> None:
        if self._next is not _END:
            raise self._problem(f"{self._next.text!r} is not expected here")

    def _both(self) -> Expression:
        expression = self._denial()
        while self._accept("and"):
            expression = Logical(False, expression, self._denial())
        return expression

    def _denial(self) -> Expression:
        if not self._accept("not"):
            return self._comparison()
        self._deeper()
        denied = Not(self._denial())
        self._depth -= 1
        return denied

    def _comparison(self) -> Expression:
        left = self._sum()
        if self._next.text == "not" and self._peek(1).text == "in":
            self._at += 2
            return Not(Binary(OPERATORS["in"], left, self._sum()))
        symbol = self._accept(*_COMPARISONS)
        return Binary(OPERATORS[symbol], left, self._sum()) if symbol else left

    def _sum(self) -> Expression:
        return self._chain(self._product, ("+", "-"))

    def _product(self) -> Expression:
        return self._chain(self._filtered, ("*", "/"))

    def _chain(self, operand: Callable[[], Expression], operators: tuple[str, ...]) -> Expression:
        expression = operand()
        while symbol := self._accept(*operators):
            expression = Binary(OPERATORS[symbol], expression, operand())
        return expression

    def _filtered(self) -> Expression:
        expression = self._atom()
        while self._accept("|"):
            expression = self._filter(expression)
        return expression

    def _filter(self, operand: Expression) -> Expression:
        name = self._take().text
        chosen = FILTERS.get(name)
        if chosen is None:
            near = difflib.get_close_matches(name, FILTERS, 1)
            raise self._problem(f"there is no filter {name!r}" + (f" (did you mean {near[0]!r}?)" if near else ""))
        arguments: list[Expression] = []
        if self._accept(":"):
            arguments.append(self._atom())
            while self._accept(","):
                arguments.append(self._atom())
        if not chosen.fewest <= len(arguments) <= chosen.most:
            wanted = f"{chosen.fewest} to {chosen.most}" if chosen.fewest != chosen.most else f"{chosen.most}"
            raise self._problem(f"the filter {name!r} takes {wanted} arguments, not {len(arguments)}")
        return Filtered(operand, chosen, tuple(arguments))

    def _atom(self) -> Expression:
        self._deeper()
        expression = self._plain_atom()
        self._depth -= 1
        return expression

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._problem("too deeply nested")

    def _plain_atom(self) -> Expression:
        token = self._take()
        match token.kind:
            case "number":
                return Literal(float(token.text) if "." in token.text else int(token.text))
            case "text":
                return Literal(re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL))
            case "name":
                return self._name(token.text)
            case _ if token.text == "-":
                return Binary(subtract, Literal(0), self._atom())
            case _ if token.text == "(":
                return self._parenthesis()
            case _:
                raise self._problem(f"{token.text!r} is not expected here" if token.text else "it ends too early")

    def _name(self, text: str) -> Expression:
        if text in _CONSTANTS:
            return Literal(_CONSTANTS[text])
        if text in KEYWORDS:
            raise self._problem(f"{text!r} is not expected here")
        return Name(tuple(text.split(".")))

    def _parenthesis(self) -> Expression:
        inner = self.either()
        if not self._accept(")"):
            raise self._problem("a ')' is missing")
        return inner

    @property
    def _next(self) -> _Token:
        return self._peek(0)

    def _peek(self, distance: int) -> _Token:
        at = self._at + distance
        return self._tokens[at] if at < len(self._tokens) else _END

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def _accept(self, *texts: str) -> str:
        if self._next.kind in ("symbol", "name") and self._next.text in texts:
            return self._take().text
        return ""

    def _problem(self, message: str) -> ExpressionError:
        return ExpressionError(f"{message} in the expression {self._source[:80]!r}")
