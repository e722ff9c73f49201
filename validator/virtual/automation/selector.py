r"""UiSelector expressions: `new UiSelector().textContains("Pay").clickable(true)`.

Reading follows UiSelectorParser and UiExpressionParser of appium-uiautomator2-server: the constructor may be left out,
and in a text only `\"` is an escape; every other backslash belongs to the text. Matching follows UiSelector and
QueryController of androidx.test.uiautomator: `text` is exact, `textContains` and `textStartsWith` ignore case,
`textMatches` must match all of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from validator.virtual.automation.errors import AutomationError, InvalidSelectorError
from validator.virtual.automation.java_regex import compile_java
from validator.virtual.ports import Node

LONGEST = 20_000
DEEPEST = 10

Criterion = Callable[[Node], bool]


@dataclass(frozen=True, slots=True)
class Selector:
    """What to look for: all criteria at once, the n-th match, and then something inside it or beside it."""

    criteria: tuple[Criterion, ...] = ()
    index: int | None = None
    instance: int = 0
    child: Selector | None = None
    sibling: Selector | None = None


@lru_cache(maxsize=512)
def read_selector(expression: str) -> Selector:
    """Read a UiSelector expression.

    Raises:
        InvalidSelectorError: it is not one.
        AutomationError: a regular expression in it cannot be compiled.
    """
    if len(expression) > LONGEST:
        raise InvalidSelectorError(f"a UiSelector expression of {len(expression)} characters")
    reader = _Reader(expression)
    selector = reader.selector(DEEPEST)
    reader.finish()
    return selector


_CONSTRUCTOR = re.compile(r"\s*(?:new\s+)?UiSelector\s*\(\s*\)")
_METHOD = re.compile(r"\s*\.?\s*([A-Za-z]+)\s*\(\s*")
_TEXT = re.compile(r'"((?:[^"]|(?<=\\)")*)"')
_WORD = re.compile(r"true|false|-?\d{1,9}")
_END = re.compile(r"\s*\)")
_TAIL = re.compile(r"\s*;?\s*")


class _Reader:
    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._at = 0

    def selector(self, depth: int) -> Selector:
        if depth == 0:
            raise self._problem("selectors are nested too deeply")
        self._accept(_CONSTRUCTOR)
        selector = Selector()
        method = self._accept(_METHOD)
        if method is None:
            raise self._problem("a method is missing")
        while method is not None:
            argument = self._argument(method[1], depth)
            if self._accept(_END) is None:
                raise self._problem("a closing parenthesis is missing")
            selector = self._with(selector, method[1], argument)
            method = self._accept(_METHOD)
        return selector

    def finish(self) -> None:
        self._accept(_TAIL)
        if self._at < len(self._expression):
            raise self._problem("unexpected text")

    def _argument(self, method: str, depth: int) -> str | int | bool | Selector:
        if method in ("childSelector", "fromParent"):
            return self.selector(depth - 1)
        text = self._accept(_TEXT)
        if text is not None:
            return text[1].replace('\\"', '"')
        word = self._accept(_WORD)
        if word is None:
            raise self._problem(f"{method} needs an argument")
        return word[0] == "true" if word[0] in ("true", "false") else int(word[0])

    def _with(self, selector: Selector, method: str, argument: str | int | bool | Selector) -> Selector:
        match method, argument:
            case "childSelector", Selector():
                return replace(selector, child=argument)
            case "fromParent", Selector():
                return replace(selector, sibling=argument)
            case "index" | "instance", int() if not isinstance(argument, bool):
                return replace(selector, index=argument) if method == "index" else replace(selector, instance=argument)
            case _, bool() if method in _STATES:
                return replace(selector, criteria=(*selector.criteria, _state(_STATES[method], argument)))
            case _, str() if method in _TEXTS:
                return replace(selector, criteria=(*selector.criteria, _text(method, argument)))
            case _:
                raise self._problem(f"UiSelector has no suitable method {method!r} for {argument!r}")

    def _accept(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._expression, self._at)
        if match is not None:
            self._at = match.end()
        return match

    def _problem(self, message: str) -> InvalidSelectorError:
        return InvalidSelectorError(
            f"Could not parse expression `{self._expression[:200]}`: {message} (position: {self._at})"
        )


_STATES: Mapping[str, Callable[[Node], bool]] = {
    "checkable": lambda node: node.checkable,
    "checked": lambda node: node.checked,
    "clickable": lambda node: node.clickable,
    "enabled": lambda node: node.enabled,
    "focusable": lambda node: node.focusable,
    "focused": lambda node: node.focused,
    "longClickable": lambda node: node.long_clickable,
    "scrollable": lambda node: node.scrollable,
    "selected": lambda node: node.selected,
    "password": lambda node: node.password,
}

_FIELDS: Mapping[str, Callable[[Node], str]] = {
    "text": lambda node: node.text,
    "description": lambda node: node.content_desc,
    "resourceId": lambda node: node.resource_id,
    "className": lambda node: node.cls,
    "packageName": lambda node: node.package,
}

_TEXTS: Mapping[str, tuple[str, str]] = {
    **{field: (field, "equals") for field in _FIELDS},
    **{f"{field}Matches": (field, "matches") for field in _FIELDS},
    **{f"{field}Contains": (field, "contains") for field in ("text", "description")},
    **{f"{field}StartsWith": (field, "starts") for field in ("text", "description")},
}


def _state(read: Callable[[Node], bool], wanted: bool) -> Criterion:
    return lambda node: read(node) is wanted


def _text(method: str, wanted: str) -> Criterion:
    field, comparison = _TEXTS[method]
    read = _FIELDS[field]
    folded = wanted.lower()
    match comparison:
        case "equals":
            return lambda node: read(node) == wanted and bool(wanted)
        case "contains":
            return lambda node: bool(read(node)) and folded in read(node).lower()
        case "starts":
            return lambda node: bool(read(node)) and read(node).lower().startswith(folded)
        case _:
            return _matches(read, wanted)


def _matches(read: Callable[[Node], str], wanted: str) -> Criterion:
    try:
        pattern = compile_java(wanted)
    except re.error as error:
        raise AutomationError(f"java.util.regex.PatternSyntaxException: {error} near {wanted[:200]}") from error
    # A view without text has none, not an empty one: `.*` does not match it.
    return lambda node: bool(read(node)) and pattern.fullmatch(read(node)) is not None
