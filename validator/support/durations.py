"""Durations as people write them: `500ms`, `90s`, `5m`, `1h30m`, `2d`. Pure.

A number without a unit is refused: `timeout: 5` has been read as seconds by one person and as minutes by another.
"""

from __future__ import annotations

import re
from datetime import timedelta

from validator.model.errors import UsageError

_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
"""Largest first: the order in which the parts of a duration are written."""

_DURATION = re.compile("".join(rf"(?:([0-9]{{1,9}}){unit})?" for unit in _UNITS))
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_LONGEST = timedelta(days=3650)
_EXAMPLES = "write a number with a unit, such as 500ms, 90s, 5m, 1h30m or 2d"


class DurationError(UsageError):
    """A text is not a duration."""


def parse_duration(text: str) -> timedelta:
    """Read a duration such as `1h30m`.

    Raises:
        DurationError: the text is empty, has no unit, an unknown unit, units out of order, or exceeds ten years.
    """
    if _NUMBER.fullmatch(text):
        raise DurationError(f"{text} has no unit", remedy=f"write {text}s for seconds or {text}m for minutes")
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        raise DurationError(f"{_excerpt(text)} is not a duration", remedy=_EXAMPLES)
    parts = zip(_UNITS.values(), match.groups(), strict=True)
    duration = sum((unit * int(count) for unit, count in parts if count), timedelta())
    if duration > _LONGEST:
        raise DurationError(f"{_excerpt(text)} is longer than ten years", remedy=_EXAMPLES)
    return duration


def format_duration(duration: timedelta) -> str:
    """Write a duration as `parse_duration` reads it, in whole milliseconds: `1h30m`, `0s`.

    Raises:
        ValueError: the duration is negative.
    """
    if duration < timedelta():
        raise ValueError(f"a duration cannot be negative: {duration}")
    rest = timedelta(milliseconds=round(duration / _UNITS["ms"]))
    written = ""
    for unit, length in _UNITS.items():
        count, rest = divmod(rest, length)
        written += f"{count}{unit}" if count else ""
    return written or "0s"


def _excerpt(text: str) -> str:
    return f"{text!r}" if len(text) <= 40 else f"{text[:40]!r}…"
