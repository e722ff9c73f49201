"""An incoming webhook of Slack: what it is sent, and what its refusals and silences mean."""

from __future__ import annotations

import pytest

from tests.fakes.slack import blocks_refusal
from tests.fakes.targets import BROKEN, CUT_AFTER_TAKING, RATE_LIMITED, Fault, SlackHook
from validator.alerts.message import AlertMessage
from validator.alerts.slack_webhook import SlackWebhookChannel
from validator.model.errors import PermanentError, RetryableError, UsageError, ValidatorError
from validator.support.stop import Stop

PATH = "/services/T00000000/B00000000/n0tAr3alT0k3n"


def channel(room: SlackHook) -> SlackWebhookChannel:
    return SlackWebhookChannel(url=f"{room.url}{PATH}", deadline=5.0)


def test_the_message_is_the_one_that_a_bot_posts(start, message: AlertMessage):
    room = start(SlackHook())
    assert channel(room).send(message, Stop()) == message.id
    (asked,) = room.taken
    assert (asked.method, asked.path) == ("POST", PATH)
    assert not blocks_refusal(asked.json["blocks"])
    assert asked.json["text"]
    assert set(asked.json) == {"text", "blocks", "unfurl_links", "unfurl_media"}


@pytest.mark.parametrize(
    ("fault", "error", "told"),
    [
        (Fault(status=400, body=b"invalid_payload"), PermanentError, "does not accept the form"),
        (Fault(status=404, body=b"no_service"), PermanentError, "the webhook was removed"),
        (Fault(status=403, body=b"action_prohibited"), PermanentError, "does not let webhooks post"),
        (Fault(status=410, body=b"channel_is_archived"), PermanentError, "is archived"),
        (Fault(status=403, body=b"something_new"), PermanentError, "something_new"),
        (Fault(status=302, headers={"Location": "https://elsewhere.example/"}), PermanentError, "HTTP 302"),
        (RATE_LIMITED, RetryableError, "limits the rate"),
        (BROKEN, RetryableError, "HTTP 500"),
        (Fault(status=200, body=b"<html>log in</html>"), RetryableError, "not the service"),
        (CUT_AFTER_TAKING, RetryableError, "may have been posted"),
    ],
    ids=lambda value: getattr(value, "body", b"").decode() or None,
)
def test_what_goes_wrong_is_told_with_a_remedy(start, message, fault: Fault, error: type[ValidatorError], told: str):
    room = start(SlackHook())
    room.script.append(fault)
    with pytest.raises(error, match=told) as caught:
        channel(room).send(message, Stop())
    assert caught.value.remedy
    assert "n0tAr3alT0k3n" not in caught.value.diagnostics()
    assert fault is not RATE_LIMITED or getattr(caught.value, "after", None) == 1


@pytest.mark.parametrize("said", [b"n0tAr3alT0k3n", f"no such {PATH}".encode()])
def test_an_answer_that_repeats_the_address_is_not_repeated(start, message: AlertMessage, said: bytes):
    room = start(SlackHook())
    room.script.append(Fault(status=404, body=said))
    with pytest.raises(PermanentError) as caught:
        channel(room).send(message, Stop())
    assert "n0tAr3alT0k3n" not in caught.value.diagnostics()


def test_a_webhook_is_not_used_unencrypted():
    with pytest.raises(UsageError, match="unencrypted"):
        SlackWebhookChannel(url="http://hooks.slack.com/services/x")
