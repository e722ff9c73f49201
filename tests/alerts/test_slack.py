from __future__ import annotations

import logging
import socket
import threading
import time
from dataclasses import replace

import pytest

from tests.fakes.slack import CHANNEL, TOKEN, Behaviour, SlackServer, rate_limited, refusing
from tests.fakes.tcp import closed_port, read_request, tcp_server
from validator.alerts.message import AlertMessage
from validator.alerts.slack import SlackChannel
from validator.model.errors import PermanentError, RetryableError, ValidatorError
from validator.support.stop import Stop


def channel(slack: SlackServer, *, name: str = CHANNEL, token: str = TOKEN, deadline: float = 20.0) -> SlackChannel:
    return SlackChannel(channel=name, token=token, base_url=slack.url, deadline=deadline)


def refusal(slack: SlackServer, message: AlertMessage, kind: type[ValidatorError], deadline: float = 20.0) -> str:
    with pytest.raises(kind) as caught:
        channel(slack, deadline=deadline).send(message, Stop())
    assert caught.value.remedy
    assert caught.value.where == f"slack {CHANNEL}"
    return caught.value.what


def test_a_message_is_delivered_with_its_blocks_and_a_text_for_notifications(
    slack: SlackServer, message: AlertMessage
) -> None:
    receipt = channel(slack).send(message, Stop())
    assert receipt == "C024BE91L 1763695901.000200"
    sent = slack.messages[0]
    assert sent["channel"] == CHANNEL
    assert sent["text"] == (
        "BLOCKED in production: the frontend must not be deployed (product failures (1) &gt; limit (0): Checkout)"
    )
    assert "NullPointer" not in str(sent["text"])
    assert isinstance(sent["blocks"], list)
    assert "Decide, by name, whether to roll back" in str(sent["blocks"])
    assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)


def test_a_rate_limit_is_waited_out_as_slack_asks(slack: SlackServer, message: AlertMessage) -> None:
    slack.script.append(rate_limited("1"))
    started = time.monotonic()
    channel(slack).send(message, Stop())
    assert 1.0 <= time.monotonic() - started < 5
    assert len(slack.messages) == 1
    assert slack.calls == 2


def test_a_rate_limit_beyond_the_deadline_is_given_up_at_once(slack: SlackServer, message: AlertMessage) -> None:
    slack.script.append(rate_limited("120"))
    started = time.monotonic()
    with pytest.raises(RetryableError) as caught:
        channel(slack).send(message, Stop())
    assert time.monotonic() - started < 5
    assert caught.value.after == 120
    assert caught.value.what == "Slack limits the rate of messages for 120 s"


@pytest.mark.parametrize("header", ["Wed, 21 Oct 2026 07:28:00 GMT", "-5", "soon", "", "1e9", "٣", "9" * 400])
def test_a_rate_limit_that_cannot_be_read_is_waited_out_briefly(
    slack: SlackServer, message: AlertMessage, header: str
) -> None:
    slack.script.append(rate_limited(header.encode("utf-8").decode("latin-1")))
    channel(slack).send(message, Stop())
    assert slack.calls == 2


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_retried(slack: SlackServer, message: AlertMessage, status: int) -> None:
    slack.script.append(Behaviour(status=status, body=b"<html>busy</html>", content_type="text/html"))
    channel(slack).send(message, Stop())
    assert (slack.calls, len(slack.messages)) == (2, 1)


def test_a_server_that_stays_broken_is_given_up_at_the_deadline(slack: SlackServer, message: AlertMessage) -> None:
    slack.script.extend([Behaviour(status=503)] * 50)
    started = time.monotonic()
    assert refusal(slack, message, RetryableError, deadline=1.2) == "Slack is not available (HTTP 503)"
    assert time.monotonic() - started < 3
    assert slack.calls >= 2


@pytest.mark.parametrize(
    ("error", "words", "remedy"),
    [
        ("invalid_auth", "does not accept the token", "xoxb-"),
        ("token_revoked", "revoked", "xoxb-"),
        ("missing_scope", "may not post", "chat:write"),
        ("channel_not_found", "no such channel", "/invite"),
        ("not_in_channel", "not a member", "/invite"),
        ("is_archived", "archived", "another one"),
        ("msg_blocks_too_long", "too long", "shorten"),
        ("some_new_error", "refused the message (some_new_error)", "reference"),
    ],
)
def test_a_refusal_says_what_to_do_and_is_not_repeated(
    slack: SlackServer, message: AlertMessage, error: str, words: str, remedy: str
) -> None:
    slack.script.append(refusing(error))
    with pytest.raises(PermanentError) as caught:
        channel(slack).send(message, Stop())
    assert words in caught.value.what
    assert error in caught.value.what
    assert remedy in caught.value.remedy
    assert slack.calls == 1


def test_the_fake_knows_its_token_and_its_channels(slack: SlackServer, message: AlertMessage) -> None:
    with pytest.raises(PermanentError, match="invalid_auth"):
        channel(slack, token="xoxb-other").send(message, Stop())
    with pytest.raises(PermanentError, match="channel_not_found"):
        channel(slack, name="#nowhere").send(message, Stop())


@pytest.mark.parametrize("error", ["internal_error", "service_unavailable", "ratelimited"])
def test_a_passing_trouble_named_in_an_answer_is_retryable(
    slack: SlackServer, message: AlertMessage, error: str
) -> None:
    slack.script.append(refusing(error))
    assert refusal(slack, message, RetryableError).startswith("Slack ")


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"<html>Please log in</html>",
        b"{",
        b"[1]",
        b"7",
        b"null",
        b'"ok"',
        b'{"ok": 1',
        b"\xff\xfe",
        b'{"ok":false}',
    ],
)
def test_an_answer_that_is_not_slacks_is_told_as_such(
    slack: SlackServer, message: AlertMessage, garbage: bytes
) -> None:
    slack.script.append(Behaviour(body=garbage))
    assert refusal(slack, message, RetryableError) == "what answered is not Slack"


def test_an_unknown_character_set_is_told_as_such(slack: SlackServer, message: AlertMessage) -> None:
    slack.script.append(Behaviour(body=b"{}", content_type="application/json; charset=klingon"))
    assert refusal(slack, message, RetryableError) == "what answered is not Slack"


def test_a_slack_that_hangs_is_left_at_the_deadline(slack: SlackServer, message: AlertMessage) -> None:
    slack.script.append(Behaviour(hang=True))
    started = time.monotonic()
    assert "no answer within 0.5 s" in refusal(slack, message, RetryableError, deadline=0.5)
    assert time.monotonic() - started < 2


def test_a_call_that_timed_out_is_not_repeated(slack: SlackServer, message: AlertMessage) -> None:
    slack.script.append(Behaviour(hang=True))
    target = SlackChannel(channel=CHANNEL, token=TOKEN, base_url=slack.url, deadline=20.0, call_timeout=1)
    with pytest.raises(RetryableError, match="no answer within 1 s; the message may have been posted"):
        target.send(message, Stop())
    assert slack.calls == 1


def test_an_interruption_ends_the_wait_for_a_rate_limit(slack: SlackServer, message: AlertMessage) -> None:
    slack.script.append(rate_limited("10"))
    stop = Stop()

    def interrupt() -> None:
        slack.called.wait(5)
        stop.set("SIGINT")

    threading.Thread(target=interrupt).start()
    started = time.monotonic()
    with pytest.raises(RetryableError, match=r"interrupted|limits the rate"):  # it may come before the answer is read
        channel(slack).send(message, stop)
    assert time.monotonic() - started < 5


def test_a_slack_that_is_not_there_is_asked_again_and_then_given_up(message: AlertMessage) -> None:
    target = SlackChannel(channel=CHANNEL, token=TOKEN, base_url=f"http://127.0.0.1:{closed_port()}/api/", deadline=1.0)
    with pytest.raises(RetryableError) as caught:
        target.send(message, Stop())
    assert "Connection refused" in caught.value.what


def test_a_connection_that_breaks_is_retried(slack: SlackServer, message: AlertMessage) -> None:
    connections: list[socket.socket] = []
    with tcp_server(connections.append) as broken:
        target = SlackChannel(channel=CHANNEL, token=TOKEN, base_url=f"{broken.url}/api/", deadline=1.2)
        with pytest.raises(RetryableError, match="cannot be reached"):
            target.send(message, Stop())
    assert len(connections) >= 2


def test_a_slack_that_drips_is_left_at_the_deadline(message: AlertMessage) -> None:
    with tcp_server(drip) as server:
        target = SlackChannel(channel=CHANNEL, token=TOKEN, base_url=f"{server.url}/api/", deadline=0.6)
        started = time.monotonic()
        with pytest.raises(RetryableError, match="no answer within"):
            target.send(message, Stop())
        assert time.monotonic() - started < 3


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.05)  # the drops are the behaviour under test: nothing could be awaited instead


def test_the_token_appears_nowhere_but_in_the_request(
    slack: SlackServer,
    message: AlertMessage,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    slack.script.append(refusing("invalid_auth"))
    target = channel(slack)
    with pytest.raises(PermanentError) as caught:
        target.send(message, Stop())
    shown = (repr(target), caught.value.diagnostics(), repr(caught.value.__cause__), *capfd.readouterr(), caplog.text)
    assert not any(TOKEN in text for text in shown)


@pytest.mark.parametrize("token", ["", "xoxb-abc\n", "xoxb abc", "xoxb-ä", "xoxb-abc\r\nX-Evil: 1"])
def test_a_token_that_cannot_be_one_is_refused_unseen(token: str) -> None:
    with pytest.raises(PermanentError) as caught:
        SlackChannel(channel=CHANNEL, token=token)
    assert not token.strip() or token.strip() not in caught.value.diagnostics()


def test_the_token_is_not_sent_unencrypted_to_another_machine() -> None:
    with pytest.raises(PermanentError, match="unencrypted"):
        SlackChannel(channel=CHANNEL, token=TOKEN, base_url="http://slack.example.com/api/")


def test_the_user_agent_names_this_program(message: AlertMessage) -> None:
    heads: list[str] = []
    with tcp_server(lambda connection: heads.append(read_request(connection).decode("latin-1"))) as server:
        target = SlackChannel(channel=CHANNEL, token=TOKEN, base_url=f"{server.url}/api/", deadline=0.4)
        with pytest.raises(RetryableError):
            target.send(message, Stop())
    assert "User-Agent: validator/0." in heads[0]


def test_what_happens_later_goes_into_the_thread_and_the_first_message_says_the_latest(
    slack: SlackServer, message: AlertMessage
) -> None:
    first = channel(slack).send(message, Stop())
    over = replace(message, thread=first, headline="RESOLVED in production: run 7 passed")
    channel(slack).send(over, Stop())
    place, root = first.split()
    assert "thread_ts" not in slack.messages[0]
    assert (slack.messages[1]["channel"], slack.messages[1]["thread_ts"]) == (place, root)
    (update,) = slack.updates
    assert (update["channel"], update["ts"]) == (place, root)
    assert "RESOLVED" in str(update["text"])


def test_a_first_message_that_cannot_be_changed_is_no_failure(slack: SlackServer, message: AlertMessage) -> None:
    first = channel(slack).send(message, Stop())
    slack.refused_updates = "cant_update_message"
    channel(slack).send(replace(message, thread=first), Stop())
    assert (len(slack.messages), slack.updates) == (2, [])
