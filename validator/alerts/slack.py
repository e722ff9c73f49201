"""Messages to a Slack channel, by the Web API's `chat.postMessage` and `chat.update`.

An incident is one message with a thread: what happens later is posted into the thread, and the message itself is
brought to the latest state.
"""

from __future__ import annotations

import itertools
import logging
import re
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.client import HTTPException
from importlib.metadata import version
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from validator.alerts.answers import require_header, require_safe
from validator.alerts.message import AlertMessage
from validator.alerts.slack_blocks import slack_blocks, slack_text
from validator.alerts.slack_errors import CutError, refused, silent, slack_stamp, unreachable, unreadable
from validator.alerts.slack_retries import Retries, timed_out
from validator.model.errors import PermanentError, RetryableError, ValidatorError
from validator.support.stop import Stop

_ID = re.compile(r"[CGD][A-Z0-9]{7,}")
"""A channel's id; its messages cannot be looked up by its name."""
_EVENT = "validator_alert"
_LOOKED = 100
"""Messages; a repeat follows within minutes."""
_PAUSE = 0.2


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
        self._token = require_header(token, "the Slack token", self.name)
        self._base_url = require_safe(base_url, self.name)
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
        """Before a repeat it is looked whether the message is there: its answer alone may have been lost."""
        end = time.monotonic() + self._deadline
        for tries in itertools.count(message.tries):
            found = self._find(message, end, over) if tries else ""
            if found:
                return found
            try:
                return self._say(message, end, over)
            except CutError:
                if time.monotonic() + _PAUSE >= end or over.wait(_PAUSE):
                    raise
        raise AssertionError("the count has no end")

    def _find(self, message: AlertMessage, end: float, over: Stop) -> str:
        """What `_say` would have returned; empty where the message is not seen.

        Where the app may not read the channel, or the channel is known by its name alone, a message that may be there
        twice is better than none.
        """
        channel, _, root = (message.thread or self._channel).partition(" ")
        if not _ID.fullmatch(channel):
            return ""

        def look(client: WebClient) -> SlackResponse:
            if root:
                return client.conversations_replies(channel=channel, ts=root, include_all_metadata=True, limit=_LOOKED)
            return client.conversations_history(channel=channel, include_all_metadata=True, limit=_LOOKED)

        try:
            answer = self._asked(Retries(end, over), look)
        except PermanentError:
            return ""
        stamp = slack_stamp(answer.get("messages"), _metadata(message))
        return f"{channel} {stamp}" if stamp else ""

    def _say(self, message: AlertMessage, end: float, over: Stop) -> str:
        retries = Retries(end, over, repeatable=False)
        text, blocks = slack_text(message), [dict(block) for block in slack_blocks(message)]
        channel, _, root = message.thread.partition(" ")
        answer = self._asked(
            retries,
            lambda client: client.chat_postMessage(
                channel=channel or self._channel,
                text=text,
                blocks=blocks,
                thread_ts=root or None,
                metadata=_metadata(message),
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        if root:
            with suppress(ValidatorError):  # the team has been told in the thread
                self._asked(
                    Retries(end, over),
                    lambda client: client.chat_update(channel=channel, ts=root, text=text, blocks=blocks),
                )
        return f"{answer.get('channel', '')} {answer.get('ts', '')}".strip()

    def _asked(self, retries: Retries, ask: Callable[[WebClient], SlackResponse]) -> SlackResponse:
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

    def _client(self, retries: Retries) -> WebClient:
        return WebClient(
            token=self._token,
            base_url=self._base_url,
            timeout=self._call_timeout,
            user_agent_prefix=f"validator/{version('validator')}",
            logger=_silent_logger(),
            retry_handlers=[retries],
        )

    def _refused(self, error: SlackApiError, retries: Retries) -> ValidatorError:
        data: object = error.response.data
        code = data.get("error", "") if isinstance(data, dict) else ""
        return refused(str(code), status=error.response.status_code, where=self.name, after=retries.asked_for)

    def _unreachable(self, error: OSError | HTTPException) -> ValidatorError:
        reason = error.reason if isinstance(error, URLError) else error
        if timed_out(error):
            return silent(self._call_timeout, where=self.name)
        return unreachable(str(reason) or type(reason).__name__, where=self.name)


def _metadata(message: AlertMessage) -> dict[str, object]:
    """What stands with a message, unseen by people (Slack, "Message metadata")."""
    return {"event_type": _EVENT, "event_payload": {"id": message.id}}


def _silent_logger() -> logging.Logger:
    """The client logs each failed call to standard error; we report the outcome ourselves."""
    logger = logging.getLogger("validator.alerts.slack")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger
