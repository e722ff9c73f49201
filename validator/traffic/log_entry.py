"""One line of an access log as values: JSON lines, and the common and combined log formats. Pure and total."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from pydantic_core import from_json

from validator.traffic.fields import LogFields

_COMBINED: Final = re.compile(
    rb'(\S+) \S+ (\S+) \[([^\]]{1,64})\] "([^"\\]*(?:\\.[^"\\]*)*)" (\d{3}|-) (?:\d+|-)'
    rb'(?: "[^"\\]*(?:\\.[^"\\]*)*" "([^"\\]*(?:\\.[^"\\]*)*)"(.*))?'
)
"""Apache's mod_log_config: `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"`, and what a team appends to it."""
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STAMP: Final = re.compile(r"(\d{2})/([A-Z][a-z]{2})/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-])(\d{2})(\d{2})")
_MILLISECONDS: Final = 1e11
"""Numbers above are milliseconds: as seconds they would lie in the year 5138."""
_LATEST: Final = 253_402_300_800.0
"""The year 10000."""
_RUN: Final = re.compile(r"[^\s,;\"]{1,128}")
_MEMBER: Final = re.compile(r"(?:^|[,\s\"])validator\.run\s*=\s*([^\s,;\"]{1,128})")
_SYNTHETIC: Final = re.compile(r"(?:^|[,\s\"])synthetic_request\s*=\s*true\b")
_AGENT: Final = re.compile(r"\bvalidator/([\w.-]{1,128})(?: \(\+([\w.-]{1,128})\))?")
_VERSION: Final = re.compile(r"\d+(?:\.\w+)*")

UNNAMED: Final = "?"
"""A mark that names no run."""


class LogFormat(StrEnum):
    """How an access log writes its lines."""

    AUTO = "auto"
    """Told by each line: one that begins with `{` is JSON."""
    JSON = "json"
    COMBINED = "combined"


class Entry(NamedTuple):
    """What one line says. Texts are as they stand in it: hostile ones included. A tuple, for there are millions."""

    time: str | float
    method: str
    path: str
    status: str
    user: str
    address: str
    run: str
    """The run that it says it belongs to, `UNNAMED` for a mark without one; empty for a request without a mark."""


Read: TypeAlias = Callable[[bytes], Entry | None]
"""Reads a line; None when it is broken."""


def reader(form: LogFormat, fields: LogFields) -> Read:
    """The reader for a format."""
    read_json = JsonReader(fields).read
    match form:
        case LogFormat.JSON:
            return read_json
        case LogFormat.COMBINED:
            return read_combined
        case LogFormat.AUTO:
            return lambda line: read_json(line) if line.lstrip()[:1] == b"{" else read_combined(line)


@dataclass(frozen=True, slots=True)
class JsonReader:
    """Reads one JSON object per line."""

    fields: LogFields

    def read(self, line: bytes) -> Entry | None:
        """The entry; None when the line is no object, or has no time."""
        value = _json(line)
        if not isinstance(value, dict):
            return None
        fields = self.fields
        time = _find(value, fields.time)
        if isinstance(time, bool) or not isinstance(time, str | int | float):
            return None
        return Entry(
            time if isinstance(time, str) else float(min(max(time, -1), _LATEST * 1000)),
            _text(_find(value, fields.method)),
            _text(_find(value, fields.path)),
            _text(_find(value, fields.status)),
            _text(_find(value, fields.user)),
            _text(_find(value, fields.address)),
            self._run(value),
        )

    def _run(self, value: dict[str, object]) -> str:
        """The first field that the line has decides, for that is what the team's own filters go by."""
        run = _find(value, self.fields.run)
        if run is not None:
            return _named(_text(run))
        baggage = _find(value, self.fields.baggage)
        if baggage is not None:
            return run_in_baggage(_text(baggage))
        return run_in_agent(_text(_find(value, self.fields.agent)))


def read_combined(line: bytes) -> Entry | None:
    """The entry of a line in the common or combined format; None when it is neither."""
    found = _COMBINED.match(line)
    if found is None:
        return None
    address, user, time, request, status, agent, rest = (
        (part or b"").decode("utf-8", "replace") for part in found.groups()
    )
    method, _, path = request.partition(" ")
    run = run_in_baggage(rest) or run_in_agent(agent)
    return Entry(time, method, path.removesuffix(" HTTP/1.1"), status, "" if user == "-" else user, address, run)


def run_in_baggage(text: str) -> str:
    """The run that a `baggage` header names, `UNNAMED` when it says only that the request is synthetic."""
    if "=" not in text:
        return ""
    found = _MEMBER.search(text)
    if found is not None:
        return found[1]
    return UNNAMED if _SYNTHETIC.search(text) else ""


def run_in_agent(text: str) -> str:
    """The run that a `User-Agent` names: `validator/1.2 (+RUN)` of our own requests, `validator/RUN` of apps."""
    found = _AGENT.search(text) if "validator/" in text else None
    if found is None:
        return ""
    if found[2]:
        return found[2]
    return UNNAMED if _VERSION.fullmatch(found[1]) else found[1]


def moment(time: str | float) -> float | None:
    """Seconds since 1970, UTC, from ISO 8601, the combined format's stamp, or a number of seconds or milliseconds."""
    if not isinstance(time, str):
        seconds = time / 1000 if time > _MILLISECONDS else time
        return seconds if 0 <= seconds < _LATEST else None  # false for what is no number, too
    try:
        parsed = datetime.fromisoformat(_stamp(time) if "/" in time[:4] else time)
        aware = parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)
        return aware.timestamp()
    except (ValueError, OverflowError):
        return None


def _stamp(text: str) -> str:
    found = _STAMP.fullmatch(text)
    if found is None:
        return ""
    day, month, year, clock, sign, hours, minutes = found.groups()
    number = _MONTHS.index(month) + 1 if month in _MONTHS else 0
    return f"{year}-{number:02}-{day}T{clock}{sign}{hours}:{minutes}"


def _named(run: str) -> str:
    found = _RUN.search(run)
    return found[0] if found is not None else ""


def _json(line: bytes) -> object:
    try:
        return from_json(line)
    except ValueError:
        pass
    try:  # what the quick parser refuses and loggers write all the same: wrong UTF-8, halves of a surrogate pair
        return json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def _find(value: dict[str, object], names: Sequence[str]) -> object:
    for name in names:
        found = value.get(name)
        if found is None and "." in name:
            found = _inside(value, name)
        if found is not None:
            return found
    return None


def _inside(value: object, name: str) -> object:
    for part in name.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def _text(value: object) -> str:
    if isinstance(value, str):  # nearly always, and asked millions of times
        return value
    match value:
        case list() if value:
            return _text(value[0])
        case int() | float() if not isinstance(value, bool):
            return str(value)
        case _:
            return ""
