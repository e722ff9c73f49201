"""What is live, by its own word: an address that says which revision or version it serves."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Final

from tenacity import Retrying, retry_if_result, wait_exponential

from validator.deploys.readiness import REQUEST_SECONDS, Ask, describe
from validator.model.deployment import LiveAnswer
from validator.support.clock import Clock
from validator.support.http import HttpAnswer, HttpFailedError
from validator.support.json_path import JsonPath, scalar
from validator.support.stop import Stop
from validator.support.text import one_line

_LONGEST: Final = 200
"""Characters of what an address may say; a digest has 64, a version fewer."""
_LEAST_SECONDS: Final = 1.0
_WAIT: Final = wait_exponential(multiplier=0.25, max=5.0)
_SHORTEST: Final = 7
"""Digits of an abbreviated commit, as git gives them at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveProbe:
    """What `deployment.live` says about one address."""

    url: str
    path: JsonPath | None = None
    """Where in the answer the revision stands; None: the answer is the revision."""
    expected: str = ""
    """The revision that must be live; empty: whichever it is."""
    within: float
    """Seconds in which it must become live."""


def wait_until_live(probe: LiveProbe, ask: Ask, clock: Clock, stop: Stop) -> LiveAnswer:
    """Ask until the address names the expected revision, its time is over, or `stop` is set; the last answer.

    Raises:
        PermanentError: The address cannot be asked at all.
    """
    began = clock.monotonic()
    asked = 0
    last = LiveAnswer(url=probe.url, said="", expected=probe.expected, detail="not asked", attempts=0)

    def left() -> float:
        return probe.within - (clock.monotonic() - began)

    def attempt() -> bool:
        nonlocal asked, last
        asked += 1
        last = ask_live(probe, ask, seconds=min(REQUEST_SECONDS, max(_LEAST_SECONDS, left())))
        return is_expected(last)

    def sleep(seconds: float) -> None:
        stop.wait(seconds)

    asking = Retrying(
        retry=retry_if_result(lambda live: not live),
        wait=lambda state: max(0.0, min(left(), _WAIT(state))),
        stop=lambda _: stop.is_set or left() <= 0,
        sleep=sleep,
        retry_error_callback=lambda _: False,
    )
    asking(attempt)
    return replace(last, attempts=asked, seconds=clock.monotonic() - began)


def ask_live(probe: LiveProbe, ask: Ask, *, seconds: float = REQUEST_SECONDS) -> LiveAnswer:
    """Ask once.

    Raises:
        PermanentError: The address cannot be asked at all.
    """
    try:
        answer = ask(probe.url, deadline=seconds)
    except HttpFailedError as error:
        return LiveAnswer(url=probe.url, said="", expected=probe.expected, detail=one_line(error.what, _LONGEST))
    said, problem = _said(answer, probe.path)
    status = describe(answer)
    return LiveAnswer(
        url=probe.url,
        said=said,
        expected=probe.expected,
        detail=f"{status}, {problem}" if problem else status,
        digest=f"sha256:{hashlib.sha256(answer.body).hexdigest()}",
        seconds=answer.seconds,
    )


def is_expected(answer: LiveAnswer) -> bool:
    """Whether an address named a revision, and the expected one if one is expected."""
    return bool(answer.said) and (not answer.expected or same_revision(answer.said, answer.expected))


def same_revision(one: str, other: str) -> bool:
    """Whether two texts name one revision: equal, or one abbreviates the other to seven digits or more."""
    short, long = sorted((one.strip().lower(), other.strip().lower()), key=len)
    if short == long:
        return True
    return len(short) >= _SHORTEST and set(short) <= set("0123456789abcdef") and long.startswith(short)


def _said(answer: HttpAnswer, path: JsonPath | None) -> tuple[str, str]:
    """What the answer says, and why it says nothing."""
    if not 200 <= answer.status < 300:
        return "", "no answer to read a revision from"
    if answer.truncated:
        return "", "too long to be read"
    text = answer.body.decode("utf-8", "replace")
    if path is None:
        return one_line(text, _LONGEST), "" if text.strip() else "empty"
    try:
        found = scalar(path.find(json.loads(text)))
    except (ValueError, RecursionError):
        return "", "not JSON"
    return (one_line(found, _LONGEST), "") if found else ("", f"nothing at {path.text}")
