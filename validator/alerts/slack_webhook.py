"""Messages to Slack by an incoming webhook: an address that posts into one channel, and can do nothing else.

Source: Slack, "Sending messages using incoming webhooks": the answer to a message that was taken is HTTP 200 with the
text `ok`; a refusal has a name as its text. A message cannot be changed, looked up or answered in a thread, and nothing
is told twice only as long as no answer is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from validator.alerts.answers import Endpoint, compact, not_the_service, require_safe, retry_after
from validator.alerts.message import AlertMessage
from validator.alerts.slack_blocks import slack_blocks, slack_text
from validator.model.errors import PermanentError, RetryableError
from validator.support.http import HttpAnswer, HttpFailedError
from validator.support.http_send import send
from validator.support.stop import Stop
from validator.support.text import one_line

_ANOTHER = "make a new webhook in the settings of the Slack app, and give it to `alerts`"
_SIZE = "shorten the names of flows and the reasons"
_ADMIN = "ask a workspace admin, or make a webhook for another channel"
_REFUSALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "no_service": ("the webhook was removed, or never was", _ANOTHER),
        "no_service_id": ("the address is no whole webhook", _ANOTHER),
        "no_team": ("the address names no workspace", _ANOTHER),
        "team_disabled": ("the workspace is closed", _ANOTHER),
        "invalid_token": ("the webhook's token is not valid", _ANOTHER),
        "channel_not_found": ("the webhook's channel was removed", _ANOTHER),
        "channel_is_archived": ("the webhook's channel is archived", "bring the channel back, or name another webhook"),
        "action_prohibited": ("the workspace does not let webhooks post there", _ADMIN),
        "posting_to_general_channel_denied": ("the workspace lets nobody post there", _ADMIN),
        "invalid_payload": ("Slack does not accept the form of the message", _SIZE),
        "invalid_blocks": ("Slack does not accept the form of the message", _SIZE),
        "no_text": ("Slack does not accept the form of the message", _SIZE),
    }
)


class SlackWebhookChannel:
    """One incoming webhook."""

    def __init__(self, *, url: str, deadline: float = 10.0) -> None:
        """Prepare to post.

        Args:
            url: The webhook. Whoever knows it can post there, so that no part of it is shown.
            deadline: Seconds for one request.

        Raises:
            UsageError: The address would be reached unencrypted.
        """
        self._url = require_safe(url, self.name)
        self._endpoint = Endpoint(name=self.name, deadline=deadline)

    @property
    def name(self) -> str:
        """`slack webhook`."""
        return "slack webhook"

    def send(self, message: AlertMessage, stop: Stop) -> str:
        """Post the message; what happens later is a message of its own.

        Returns:
            The message's id: Slack gives none to a webhook.

        Raises:
            RetryableError: Slack cannot be reached, gives no answer, or says to come back.
            PermanentError: It refuses.
        """
        blocks = [dict(block) for block in slack_blocks(message)]
        body = compact({"text": slack_text(message), "blocks": blocks, "unfurl_links": False, "unfurl_media": False})
        answer = self._posted(body, stop)
        if answer.status == 200 and answer.body.strip() == b"ok":
            return message.id
        if answer.status == 200:
            raise not_the_service(self.name)
        raise self._refused(answer)

    def _posted(self, body: bytes, stop: Stop) -> HttpAnswer:
        headers = {"content-type": "application/json; charset=utf-8"}
        try:
            return send("POST", self._url, deadline=self._endpoint.deadline, stop=stop, body=body, headers=headers)
        except HttpFailedError as error:
            what = f"{error.what}; the message may have been posted"
            raise RetryableError(what, where=self.name, remedy=error.remedy) from None
        except PermanentError as error:
            raise PermanentError(error.what, where=self.name, remedy=error.remedy) from None

    def _refused(self, answer: HttpAnswer) -> PermanentError | RetryableError:
        code = one_line(answer.body.decode("utf-8", "replace"), 80)
        if answer.status == 429:
            after = retry_after(answer.headers)
            remedy = "tell the team by another way now; Slack takes about one message a second from a webhook"
            return RetryableError("Slack limits the rate of messages", after=after, where=self.name, remedy=remedy)
        if answer.status < 500 and code in _REFUSALS:
            words, remedy = _REFUSALS[code]
            return PermanentError(f"{words} ({code})", where=self.name, remedy=remedy)
        if not code.replace("_", "").isalnum() or code in self._url:  # a text that might repeat the address
            answer = replace(answer, body=b"")
        return self._endpoint.refusal(answer)
