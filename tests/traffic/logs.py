"""Access logs as a shop writes them, and the proof made from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from validator.model.traffic import TrafficProof
from validator.support.redact import Redactor
from validator.support.stop import Stop
from validator.traffic.fields import LogFields
from validator.traffic.log_entry import LogFormat, reader
from validator.traffic.networks import Networks
from validator.traffic.proof import Own, prove

RUN = "20261121-032654-k3x9"
BEGAN = datetime(2026, 11, 21, 3, 27, tzinfo=UTC)
SPAN = (BEGAN.timestamp(), BEGAN.timestamp() + 60)


def request(at: float = 10.0, **changes: object) -> str:
    """One line; `at` is in seconds since the beginning of the run's flows."""
    values: dict[str, object] = {
        "time": (BEGAN + timedelta(seconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "method": "GET",
        "path": "/v1/catalogue",
        "status": 200,
        "remote": "198.51.100.7",
        "user": "",
        "run": "",
    }
    return json.dumps(values | changes)


def marked(at: float = 10.0, **changes: object) -> str:
    return request(at, **({"run": RUN} | changes))


def written(folder: Path, lines: Iterable[str], name: str = "access.log") -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def own(addresses: Sequence[str] = (), users: Sequence[str] = ()) -> Own:
    return Own(run=RUN, spans=(SPAN,), addresses=Networks(tuple(addresses)), users=frozenset(users))


def proof(*paths: Path, ours: Own | None = None, form: LogFormat = LogFormat.AUTO) -> TrafficProof:
    return prove(paths, ours or own(), reader(form, LogFields()), Redactor().redact, Stop())
