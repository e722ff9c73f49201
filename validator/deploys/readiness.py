"""Does the backend answer? Asked until it does before the first flow, and once more when a flow has failed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from tenacity import RetryCallState, Retrying, retry_if_result, wait_exponential, wait_random

from validator.deploys.demands import Demands, reached, unmet
from validator.model.causes import Cause
from validator.model.deployment import ProbeResult
from validator.model.errors import PermanentError
from validator.support.clock import Clock
from validator.support.http import HttpAnswer, HttpFailedError, HttpFailure
from validator.support.stop import Stop
from validator.support.text import one_line
from validator.support.throttling import asked_to_wait, challenge, wait_in

REQUEST_SECONDS: Final = 10.0
"""One request; a health check that needs longer is no good sign."""
_LEAST_SECONDS: Final = 1.0
"""What a last request gets, so that it can be answered at all."""
_MOST_BELIEVED: Final = 86_400.0
_MAINTENANCE: Final = 503
"""A service that is away for a while says for how long; that is no limit of ours."""
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
    """`https://…`, or for what is below HTTP `tcp://HOST:PORT` and `dns:HOST`."""
    within: float
    """Seconds in which it must become ready."""
    expect_status: int | None = None
    """The HTTP status that means ready; None: any from 200 to 299."""
    demands: Demands = field(default_factory=Demands)
    """What an answer of that status must show."""


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
    if (below := reached(url, seconds)) is not None:
        return _Answer(result=below)
    try:
        answer = ask(url, deadline=seconds)
    except HttpFailedError as error:
        cause = Cause.TLS_INVALID if error.kind is HttpFailure.TLS else None
        return _Answer(result=ProbeResult(url=url, ready=False, detail=one_line(error.what, 200), cause=cause))
    ready = 200 <= answer.status < 300 if expected is None else answer.status == expected
    cause = None if ready else _protection(answer)
    result = ProbeResult(url=url, ready=ready, detail=describe(answer), seconds=answer.seconds, cause=cause)
    if ready and (found := unmet(url, answer, readiness.demands, seconds)):
        detail = one_line(f"{result.detail}, {found.what}", 200)
        result = replace(result, ready=False, detail=detail, cause=found.cause)
    return _Answer(result=result, not_before=_asked(answer))


def _asked(answer: HttpAnswer) -> float:
    """Seconds that the server asks to be left alone; of more than a day nothing is believed."""
    said = wait_in(answer.headers, time.time()) or 0.0
    return said if said <= _MOST_BELIEVED else 0.0


def describe(answer: HttpAnswer) -> str:
    """An answer in one line: status, time, what kept the service from answering, and where it leads."""
    onward = f", which leads to {answer.headers['location']}" if "location" in answer.headers else ""
    return one_line(f"HTTP {answer.status} in {answer.seconds * 1000:.0f} ms{_protected(answer)}{onward}", 200)


def _protection(answer: HttpAnswer) -> Cause | None:
    """What kept the service from answering us, though it is there."""
    if challenge(answer.status, answer.headers, answer.body):
        return Cause.SECURITY_BLOCKED
    limited = asked_to_wait(answer.status, answer.headers, answer.body, time.time()) is not None
    return Cause.RATE_LIMITED if limited and answer.status != _MAINTENANCE else None


def _protected(answer: HttpAnswer) -> str:
    if challenge(answer.status, answer.headers, answer.body):
        return ", a firewall's page"
    seconds = asked_to_wait(answer.status, answer.headers, answer.body, time.time())
    if seconds is None:
        return ""
    limited = "" if answer.status == _MAINTENANCE else ", rate limited"
    return f"{limited}, asks to wait {seconds:.0f} s"
