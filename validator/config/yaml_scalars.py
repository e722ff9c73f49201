"""Decides what an unquoted YAML scalar is, and refuses those on which YAML 1.1 and 1.2 disagree. Pure.

PyYAML follows YAML 1.1 (https://yaml.org/type/), most editors and other readers follow 1.2. `no` is a boolean in the
one and a text in the other, `010` is eight or ten, `12:30` is 750 or a text, `1e3` is a text or a thousand. Whoever
wrote such a value meant one of the two, and a program that guesses is wrong half of the time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from validator.config.nodes import Atom

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_DECIMAL: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{0,18}|\.[0-9]{1,18}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """A value that two readers of YAML understand differently."""

    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    pattern: str
    message: str
    """`{}` stands for the value."""
    remedy: str


_QUOTE: Final = 'put it in quotes if a text is meant: "{0}"'

_TRAPS: Final = tuple(
    _Rule(pattern=pattern, message=message, remedy=remedy)
    for pattern, message, remedy in (
        (
            "(?i:yes|on)",
            "{0} is true in YAML 1.1 and a text in YAML 1.2",
            'write true, or "{0}" in quotes if the text is meant',
        ),
        (
            "(?i:no|off)",
            "{0} is false in YAML 1.1 and a text in YAML 1.2",
            'write false, or "{0}" in quotes if the text is meant',
        ),
        (
            r"[-+]?0[0-9_]+",
            "{0} begins with a zero: YAML 1.1 reads it as an octal number",
            'write it without leading zeros, or "{0}" in quotes if a text is meant',
        ),
        (r"[-+]?0[obx][0-9a-fA-F_]+", "{0} is a number to some readers of YAML and a text to others", _QUOTE),
        (
            r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?",
            "{0} is a number in base 60 in YAML 1.1",
            'write a duration such as 90s or 5m, or "{0}" in quotes if a text is meant',
        ),
        (
            r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)[eE][-+]?[0-9]+",
            "{0} is a text in YAML 1.1 and a number in YAML 1.2",
            'write all digits, or "{0}" in quotes if a text is meant',
        ),
        (
            r"[-+]?[0-9][0-9.]*_[0-9_.]*",
            "{0} is a number in YAML 1.1 and a text in YAML 1.2",
            'write it without _, or "{0}" in quotes if a text is meant',
        ),
        (
            r"[-+]\.[0-9]+",
            "{0} is a text in YAML 1.1 and a number in YAML 1.2",
            'write a 0 before the point, or "{0}" in quotes if a text is meant',
        ),
        (r"[-+]?(?i:\.inf|\.nan)", "{0} is not a number that can be used here", _QUOTE),
        (r"[-+]?[0-9]{19,}\.?[0-9]*|[-+]?[0-9]*\.[0-9]{19,}", "{0} has too many digits for a number", _QUOTE),
        (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9:.]+.*", "{0} is a time stamp in YAML 1.1", _QUOTE),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "{0} is not a date: there is no such day", "check month and day"),
    )
)


def read_scalar(text: str) -> Atom | Trap:
    """The value of an unquoted scalar; a `Trap` when YAML 1.1 and 1.2 disagree about it."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return _date(text) or _trap(text) or text


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _trap(text: str) -> Trap | None:
    for rule in _TRAPS:
        if re.fullmatch(rule.pattern, text):
            shown = text if len(text) <= 40 else f"{text[:40]}…"
            return Trap(message=rule.message.format(shown), remedy=rule.remedy.format(shown))
    return None
