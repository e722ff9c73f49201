"""Messages to a Slack channel, by the Web API's `chat.postMessage` and `chat.update`.

An incident is one message with a thread: what happens later is posted into the thread, and the message itself is
brought to the latest state.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.client import HTTPException
from importlib.metadata import version
from urllib.error import URLError
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryHandler, RetryState
from slack_sdk.web import SlackResponse

from validator.alerts.message import AlertMessage
from validator.alerts.slack_blocks import slack_blocks, slack_text
from validator.alerts.slack_errors import refused, silent, unreachable, unreadable
from validator.model.errors import RetryableError, UsageError, ValidatorError
from validator.support.stop import Stop

_RETRIED = (429, 500, 502, 503, 504)
_LONGEST_PAUSE = 8.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SlackChannel:
    """One channel of one workspace."""

    def __init__(
        self,
        *,
        channel: str,
        token: str,
        base_url: str = WebClient.BASE_URL,
        deadline: float = 60.0,
        call_timeout: int = 10,
    ) -> None:
        """Prepare to post.

        Args:
            channel: A name with its `#`, or an id.
            token: A bot token with the scope `chat:write`; never shown anywhere.
            base_url: Where the Web API is; another one than Slack's is for tests and proxies.
            deadline: Seconds for one message, waiting for rate limits included.
            call_timeout: Seconds for one call; one that takes longer is not repeated.

        Raises:
            UsageError: The token or the address cannot be used.
        """
        self._channel = channel
        self._token = _usable(token, self.name)
        self._base_url = _safe(base_url, self.name)
        self._deadline = deadline
        self._call_timeout = call_timeout

    @property
    def name(self) -> str:
        """`slack #channel`."""
        return f"slack {self._channel}"

    def send(self, message: AlertMessage, stop: Stop) -> str:
        """Post the message; rate limits, server errors and broken connections are retried within the deadline.

        With `message.thread` it goes into that thread, and the message above it is changed to say the same.

        Returns:
            The channel's id and the message's timestamp.

        Raises:
            RetryableError: Slack could not be reached, does not answer, or limits the rate for longer than that.
            PermanentError: Slack refuses: token, channel, or the message itself.
        """
        over = Stop(stop)
        outcomes: list[str | Exception] = []

        def deliver() -> None:
            try:
                outcomes.append(self._post(message, over))
            except Exception as error:  # noqa: BLE001  raised again in the caller's thread
                outcomes.append(error)
            finally:
                over.set("done")

        # The client's timeout is one per read, and name lookup has none: a thread can be left behind, a call cannot.
        threading.Thread(target=deliver, name=self.name, daemon=True).start()
        over.wait(self._deadline)
        over.set("the deadline has passed")
        over.detach()
        return self._outcome(outcomes, stop)

    def _outcome(self, outcomes: Sequence[str | Exception], stop: Stop) -> str:
        if not outcomes and stop.is_set:
            raise RetryableError(
                f"interrupted before Slack had answered ({stop.reason})",
                where=self.name,
                remedy="tell the team by another way; the message may have been posted",
            )
        if not outcomes:
            raise silent(self._deadline, where=self.name)
        outcome = outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _post(self, message: AlertMessage, over: Stop) -> str:
        retries = _Retries(time.monotonic() + self._deadline, over)
        text, blocks = slack_text(message), [dict(block) for block in slack_blocks(message)]
        channel, _, root = message.thread.partition(" ")
        answer = self._asked(
            retries,
            lambda client: client.chat_postMessage(
                channel=channel or self._channel,
                text=text,
                blocks=blocks,
                thread_ts=root or None,
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        if root:
            with suppress(ValidatorError):  # the team has been told in the thread
                self._asked(
                    retries, lambda client: client.chat_update(channel=channel, ts=root, text=text, blocks=blocks)
                )
        return f"{answer.get('channel', '')} {answer.get('ts', '')}".strip()

    def _asked(self, retries: _Retries, ask: Callable[[WebClient], SlackResponse]) -> SlackResponse:
        try:
            answer = ask(self._client(retries))
            answer.get("ts")  # raises when there is no object in it
        except SlackApiError as error:
            raise self._refused(error, retries) from None  # its text repeats the whole answer
        except TimeoutError as error:
            raise silent(self._call_timeout, where=self.name) from error
        except (OSError, HTTPException) as error:
            raise self._unreachable(error) from error
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            # What the client's JSON and charset handling raise at answers that are not an object in JSON.
            raise unreadable(self.name) from error
        return answer

    def _client(self, retries: RetryHandler) -> WebClient:
        return WebClient(
            token=self._token,
            base_url=self._base_url,
            timeout=self._call_timeout,
            user_agent_prefix=f"validator/{version('validator')}",
            logger=_silent_logger(),
            retry_handlers=[retries],
        )

    def _refused(self, error: SlackApiError, retries: _Retries) -> ValidatorError:
        data: object = error.response.data
        code = data.get("error", "") if isinstance(data, dict) else ""
        return refused(str(code), status=error.response.status_code, where=self.name, after=retries.asked_for)

    def _unreachable(self, error: OSError | HTTPException) -> ValidatorError:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, TimeoutError):
            return silent(self._call_timeout, where=self.name)
        return unreachable(str(reason) or type(reason).__name__, where=self.name)


class _Retries(RetryHandler):
    """Waits as long as Slack asks, if the deadline allows, and lets go when told to.

    The client's own handlers sleep for whatever `Retry-After` says, deaf to any deadline, and fail at one that is a
    date. A call that timed out is not repeated: the message may have been posted.
    """

    def __init__(self, end: float, over: Stop) -> None:
        super().__init__(max_retry_count=20)
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
            transient = isinstance(error, OSError | HTTPException) and not _timed_out(error)
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
    """Slack sends whole seconds (RFC 9110, 10.2.3 would allow a date)."""
    values = next((value for name, value in response.headers.items() if name.lower() == "retry-after"), [])
    first = str(values[0]) if values else ""
    return float(first) if first.isascii() and first.isdigit() and len(first) < 8 else 0.0


def _timed_out(error: Exception) -> bool:
    reason = error.reason if isinstance(error, URLError) else error
    return isinstance(reason, TimeoutError)


def _silent_logger() -> logging.Logger:
    """The client logs each failed call to standard error; we report the outcome ourselves."""
    logger = logging.getLogger("validator.alerts.slack")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger


def _usable(token: str, where: str) -> str:
    """A token with a line break in it would be shown in the error of the HTTP library."""
    if not token or not all("!" <= character <= "~" for character in token):
        raise UsageError(
            "the Slack token is empty, or has spaces or line breaks in it",
            where=where,
            remedy="check the variable or file it comes from; the token itself is not shown here",
        )
    return token


def _safe(base_url: str, where: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return base_url
    raise UsageError(
        f"the token would be sent unencrypted to {parts.hostname}", where=where, remedy="use an https address"
    )
