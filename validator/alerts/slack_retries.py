"""When a call to Slack is made again."""

from __future__ import annotations

import socket
import time
from http.client import HTTPException
from urllib.error import URLError

from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryHandler, RetryState

from validator.support.stop import Stop
from validator.support.throttling import wait_in

_RETRIED = (429, 500, 502, 503, 504)
_LONGEST_PAUSE = 8.0


class Retries(RetryHandler):
    """Waits as long as Slack asks, if the deadline allows, and lets go when told to.

    The client's own handlers sleep for whatever `Retry-After` says, deaf to any deadline, and fail at one that is a
    date. A call that timed out is not repeated, nor one whose connection broke if that is not `repeatable`: the message
    may have been posted.
    """

    def __init__(self, end: float, over: Stop, *, repeatable: bool = True) -> None:
        """Prepare for one call.

        Args:
            end: When to give up, on the monotonic clock.
            over: Ends every wait.
            repeatable: Whether the same call may be made twice.
        """
        super().__init__(max_retry_count=20)
        self._repeatable = repeatable
        self._end = end
        self._over = over
        self.asked_for = 0.0
        """Seconds of the last `Retry-After`."""

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002  part of the interface
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if response is not None:
            self.asked_for = _retry_after(response)
            transient = response.status_code in _RETRIED
        else:
            safe = self._repeatable or never_arrived(error)
            transient = safe and isinstance(error, OSError | HTTPException) and not timed_out(error)
        return transient and time.monotonic() + self._pause(state) < self._end and not self._over.is_set

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002  part of the interface
        response: HttpResponse | None = None,  # noqa: ARG002  part of the interface
        error: Exception | None = None,  # noqa: ARG002  part of the interface
    ) -> None:
        """Wait; the client asks again unless the wait was cut short."""
        interrupted = self._over.wait(self._pause(state))
        state.next_attempt_requested = not interrupted
        state.increment_current_attempt()

    def _pause(self, state: RetryState) -> float:
        return self.asked_for or min(0.2 * 2**state.current_attempt, _LONGEST_PAUSE)


def _retry_after(response: HttpResponse) -> float:
    headers = {name.lower(): ",".join(map(str, values)) for name, values in response.headers.items()}
    return wait_in(headers, time.time()) or 0.0


def never_arrived(error: Exception | None) -> bool:
    """Whether nobody can have got the request: there was no connection."""
    reason = error.reason if isinstance(error, URLError) else error
    return isinstance(reason, ConnectionRefusedError | socket.gaierror)


def timed_out(error: Exception) -> bool:
    """Whether it was given up."""
    reason = error.reason if isinstance(error, URLError) else error
    return isinstance(reason, TimeoutError)
