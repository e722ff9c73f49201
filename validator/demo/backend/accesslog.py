"""The access log: one JSON object per request and line, written before the reply leaves."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

MAX_FIELD_LENGTH = 1024
"""Longer values sent by clients are cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """What is remembered of one request."""

    time: datetime
    method: str
    path: str
    query: str
    status: int
    ms: float
    """From the request's arrival to the reply's readiness."""
    remote: str
    user: str
    """The anonymous user's id; of a sign-in, the new one. Empty when nobody is signed in."""
    agent: str
    baggage: str
    """The header as it came."""
    run: str
    """The validation run copied from the mark; empty for real users."""
    synthetic: bool
    request_id: str

    def line(self) -> str:
        """The entry as one line of JSON. Control characters and line breaks sent by clients come out escaped."""
        values = asdict(self) | {"time": _timestamp(self.time), "ms": round(self.ms, 2)}
        cut = {key: value[:MAX_FIELD_LENGTH] if isinstance(value, str) else value for key, value in values.items()}
        return json.dumps(cut, separators=(",", ":")) + "\n"


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class AccessLog:
    """Appends to a file, each line whole, or goes nowhere when there is no file."""

    def __init__(self, path: Path | None) -> None:
        self._file = None if path is None else path.open("a", encoding="utf-8", buffering=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, entry: LogEntry) -> None:
        """Append one line; readers see it at once."""
        if self._file is not None:
            self._file.write(entry.line())

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
