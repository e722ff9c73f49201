"""How long to wait before a flow that production throttled runs again. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Final

from validator.model.attempt import Evidence
from validator.model.causes import Family
from validator.model.deployment import ProbeResult
from validator.model.failure import Failure
from validator.support.throttling import wait_in

DEFAULT_WAIT: Final = 10.0
"""Seconds to wait when production limited us and did not say for how long."""
LONGEST_WAIT: Final = 900.0
"""Seconds; for a limit that lifts later no flow waits, and none asks again before."""

_REPLY = re.compile(r"(?:<-- |status code |\bHTTP[ /][\d.]{0,4}\s?)(\d{3})\b|<-- HTTP FAILED|--> [A-Z]")
_HEADER = re.compile(r": (retry-after|date|(?:x-)?ratelimit(?:-remaining|-reset)?): (.{0,200})", re.IGNORECASE)
_MOMENT = re.compile(r"\s*(\d{1,12})\.\d{1,9} ", re.ASCII)
_TOLD = re.compile(r"\basks to wait (\d{1,9}) s\b", re.ASCII)
_ASKING = ("403", "429", "503")
_SERVICE_UNAVAILABLE: Final = "http-503"
"""The rule of an answer that says that it will pass, where no probe of ours fails: load is shed, not all is lost."""


def asked_wait(evidence: Evidence) -> float:
    """Seconds that production asked to be left alone, in its replies to the app or to our probes; 0 when it did not.

    Of several the longest counts: the flow needs all of its calls.
    """
    return max((*_to_app(evidence.app.http_log), *_to_us(evidence.backend)), default=0.0)


def wait_for(failure: Failure, evidence: Evidence) -> float:
    """Seconds to wait before the next attempt: as long as production asks, at most `LONGEST_WAIT`.

    A server error too may say when to come back, as maintenance does (RFC 9110, 15.6.4).
    """
    match failure.cause.family:
        case Family.THROTTLED:
            return min(asked_wait(evidence) or DEFAULT_WAIT, LONGEST_WAIT)
        case Family.BACKEND:
            return min(asked_wait(evidence) or (DEFAULT_WAIT if will_pass(failure) else 0.0), LONGEST_WAIT)
        case _:
            return 0.0


def will_pass(failure: Failure) -> bool:
    """Whether production answered 503, which means "likely alleviated after some delay" (RFC 9110, 15.6.4)."""
    return failure.rule == _SERVICE_UNAVAILABLE


def is_too_long(failure: Failure, asked: float) -> bool:
    """Whether production wants to be left alone for longer than a run waits."""
    return failure.cause.family is Family.THROTTLED and asked > LONGEST_WAIT


def _to_app(calls: Sequence[str]) -> Iterator[float]:
    """What the headers below each refusal in the app's log ask for."""
    headers: dict[str, str] = {}
    now = math.inf  # a date says nothing while nobody tells the time
    for line in calls:
        text = line[:1000]
        if (reply := _REPLY.search(text)) is not None:
            yield from _asked(headers, now)
            headers = {"status": reply[1] or ""}
        elif (header := _HEADER.search(text)) is not None:
            name = header[1].lower()
            headers[name] = f"{headers[name]}, {header[2]}" if name in headers else header[2]
        now = float(moment[1]) if (moment := _MOMENT.match(text)) is not None else now
    yield from _asked(headers, now)


def _asked(headers: dict[str, str], now: float) -> Iterator[float]:
    """Headers whose reply has gone out of the log speak for themselves."""
    seconds = wait_in(headers, now) if headers.get("status", "429") in _ASKING else None
    if seconds is not None:
        yield seconds


def _to_us(probes: Sequence[ProbeResult]) -> Iterator[float]:
    for probe in probes:
        if not probe.ready and (told := _TOLD.search(probe.detail[:1000])) is not None:
            yield float(told[1])
