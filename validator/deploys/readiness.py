"""Does the backend answer? Asked until it does before the first flow, and once more when a flow has failed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Protocol

from tenacity import RetryCallState, Retrying, retry_if_result, wait_exponential, wait_random

from validator.model.deployment import ProbeResult
from validator.model.errors import PermanentError
from validator.support.clock import Clock
from validator.support.http import HttpAnswer, HttpFailedError
from validator.support.stop import Stop
from validator.support.text import one_line

REQUEST_SECONDS: Final = 10.0
"""One request; a health check that needs longer is no good sign."""
_LEAST_SECONDS: Final = 1.0
"""What a last request gets, so that it can be answered at all."""
_WAIT: Final = wait_exponential(multiplier=0.25, max=5.0) + wait_random(0.0, 0.5)
"""Seconds; with jitter, so that the stages of a pipeline do not ask in step."""


class Ask(Protocol):
    """Asks an address once, without following redirects: what they lead to is not what was asked.

    `support.http.get` with `follow=False` is one.
    """

    def __call__(self, url: str, *, deadline: float) -> HttpAnswer:
        """The answer, within so many seconds.

        Raises:
            HttpFailedError: There was none.
            PermanentError: The address is none.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What `readiness` says about one address."""

    url: str
    within: float
    """Seconds in which it must become ready."""
    expect_status: int | None = None
    """The HTTP status that means ready; None: any from 200 to 299."""


def probe(readiness: Readiness, ask: Ask) -> ProbeResult:
    """Ask once, within 10 s. Never raises for what comes of it."""
    try:
        return _ask(readiness, ask, REQUEST_SECONDS).result
    except PermanentError as error:
        return ProbeResult(url=readiness.url, ready=False, detail=one_line(error.what, 200))


def wait_until_ready(readiness: Readiness, ask: Ask, clock: Clock, stop: Stop) -> ProbeResult:
    """Ask until the address answers with the status that means ready, its time is over, or `stop` is set.

    Returns:
        The last answer, with the number of attempts and the seconds that all of them took.

    Raises:
        PermanentError: The address cannot be asked at all.
    """
    waiting = _Waiting(readiness, ask, clock)

    def sleep(seconds: float) -> None:
        stop.wait(seconds)

    asking = Retrying(
        retry=retry_if_result(lambda ready: not ready),
        wait=waiting.pause,
        stop=lambda _: stop.is_set or waiting.left <= 0,
        sleep=sleep,
        retry_error_callback=lambda _: False,
    )
    asking(waiting.attempt)
    return waiting.result


class _Waiting:
    """The attempts at one address."""

    def __init__(self, readiness: Readiness, ask: Ask, clock: Clock) -> None:
        self._readiness = readiness
        self._ask = ask
        self._clock = clock
        self._started = clock.monotonic()
        self._attempts = 0
        self._last = _Answer(result=ProbeResult(url=readiness.url, ready=False, detail="not asked"))

    @property
    def left(self) -> float:
        """Seconds."""
        return self._readiness.within - (self._clock.monotonic() - self._started)

    def attempt(self) -> bool:
        self._attempts += 1
        self._last = _ask(self._readiness, self._ask, min(REQUEST_SECONDS, max(_LEAST_SECONDS, self.left)))
        return self._last.result.ready

    def pause(self, state: RetryCallState) -> float:
        """So that the last attempt is made when the time is over, not long before."""
        return max(0.0, min(self.left, max(_WAIT(state), self._last.not_before)))

    @property
    def result(self) -> ProbeResult:
        seconds = self._clock.monotonic() - self._started
        return replace(self._last.result, attempts=self._attempts, seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    result: ProbeResult
    not_before: float = 0.0
    """Seconds that the server asked us to wait."""


def _ask(readiness: Readiness, ask: Ask, seconds: float) -> _Answer:
    url, expected = readiness.url, readiness.expect_status
    try:
        answer = ask(url, deadline=seconds)
    except HttpFailedError as error:
        return _Answer(result=ProbeResult(url=url, ready=False, detail=one_line(error.what, 200)))
    ready = 200 <= answer.status < 300 if expected is None else answer.status == expected
    result = ProbeResult(url=url, ready=ready, detail=describe(answer), seconds=answer.seconds)
    return _Answer(result=result, not_before=_retry_after(answer))


def describe(answer: HttpAnswer) -> str:
    """An answer in one line: status, time, and where it leads."""
    onward = f", which leads to {answer.headers['location']}" if "location" in answer.headers else ""
    return one_line(f"HTTP {answer.status} in {answer.seconds * 1000:.0f} ms{onward}", 200)


def _retry_after(answer: HttpAnswer) -> float:
    """RFC 9110 10.2.3, its form in seconds; a date would need the server's clock."""
    said = answer.headers.get("retry-after", "").strip()
    return float(said) if said.isascii() and said.isdecimal() and len(said) < 6 else 0.0
