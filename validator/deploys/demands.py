"""What an address must show beyond its status: a value in its JSON, and a certificate that is good for long enough."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from validator.model.causes import Cause
from validator.model.deployment import ProbeResult
from validator.support.http import HttpAnswer, HttpFailedError
from validator.support.http_reach import connect, lookup
from validator.support.http_tls import inspect_tls
from validator.support.json_path import JsonPath, scalar
from validator.support.text import one_line

TCP: Final = "tcp://"
DNS: Final = "dns:"
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """None of them unless given."""

    path: JsonPath | None = None
    """Where in its JSON a value stands."""
    equals: str = ""
    """What that value must be."""
    tls_days: int | None = None
    """Days for which its certificate must still be good; it must be trusted, and issued for the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """Why an address does not show what it must."""

    what: str
    cause: Cause | None = None


def unmet(url: str, answer: HttpAnswer, demands: Demands, seconds: float) -> Unmet | None:
    """What the address does not show; None when it shows all that it must."""
    if what := _value(answer, demands):
        return Unmet(what=what)
    if what := _certificate(url, demands, seconds):
        return Unmet(what=what, cause=Cause.TLS_INVALID)
    return None


def reached(url: str, seconds: float) -> ProbeResult | None:
    """Whether a name resolves (`dns:HOST`) or somebody listens (`tcp://HOST:PORT`); None for other addresses."""
    began = time.monotonic()
    try:
        if url.startswith(DNS):
            found = lookup(url.removeprefix(DNS), deadline=seconds)
            detail = f"resolves to {', '.join(found[:3])}"
        elif url.startswith(TCP):
            host, _, port = url.removeprefix(TCP).rpartition(":")
            connect(host.strip("[]"), int(port), deadline=seconds)
            detail = f"accepts connections, after {(time.monotonic() - began) * 1000:.0f} ms"
        else:
            return None
    except HttpFailedError as error:
        return ProbeResult(url=url, ready=False, detail=one_line(error.what, 200))
    return ProbeResult(url=url, ready=True, detail=detail, seconds=time.monotonic() - began)


def _value(answer: HttpAnswer, demands: Demands) -> str:
    if demands.path is None:
        return ""
    where = demands.path.text
    if answer.truncated:
        return "its JSON is too long to be read"
    try:
        found = scalar(demands.path.find(json.loads(answer.body.decode("utf-8", "replace"))))
    except (ValueError, RecursionError):
        return f"it answers no JSON, so that {where} cannot be read"
    if found is None:
        return f"its JSON has nothing at {where}"
    if found == demands.equals:
        return ""
    return f"{where} is {one_line(found, _SHOWN)!r}, expected {one_line(demands.equals, _SHOWN)!r}"


def _certificate(url: str, demands: Demands, seconds: float) -> str:
    if demands.tls_days is None:
        return ""
    try:
        tls = inspect_tls(url, deadline=seconds)
    except HttpFailedError as error:
        return f"its certificate cannot be seen: {error.what}"
    if tls.problem:
        return f"its certificate is not good: {tls.problem}"
    left = tls.expires - datetime.now(UTC)
    if left >= timedelta(days=demands.tls_days):
        return ""
    return f"its certificate expires in {left.days} days ({tls.expires:%Y-%m-%d}), expected {demands.tls_days} at least"
