"""Alerts by mail, handed in to a stand-in on a real port."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.alerts.memory import MemoryOutbox
from tests.fakes.smtp import MailServer as StandIn
from tests.fakes.smtp import mail_server
from tests.fakes.tcp import closed_port
from validator.alerts.mail import MailChannel, MailServer, Security
from validator.alerts.message import AlertMessage
from validator.alerts.outboxed import OutboxedChannel
from validator.alerts.port import PartlyDeliveredError
from validator.alerts.route import Route
from validator.model.errors import PermanentError, RetryableError, ValidatorError
from validator.support.clock import SystemClock
from validator.support.stop import Stop

PASSWORD = "m4il-password"


@pytest.fixture
def server() -> Iterator[StandIn]:
    with mail_server() as opened:
        yield opened


def channel(port: int, *, deadline: float = 5.0, security: Security = Security.NONE, password: str = "") -> MailChannel:
    at = MailServer(host="127.0.0.1", port=port, security=security, username="validator", password=password)
    return MailChannel(
        server=at, sender="validator@example.com", to=["a@example.com", "b@example.com"], deadline=deadline
    )


def test_a_mail_says_what_is_the_matter_to_everybody_once(server: StandIn, message: AlertMessage):
    mailer = channel(server.port)
    receipt = mailer.send(message, Stop())
    mailer.send(message, Stop())
    (mail,) = server.told
    assert mail["Message-ID"] == receipt == f"<{message.id}@example.com>"
    assert mail["Subject"] == "[critical] BLOCKED in production: the frontend must not be deployed"
    assert (mail["From"], mail["To"]) == ("validator@example.com", "a@example.com, b@example.com")
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    assert "What to do next" in text
    assert message.reasons[0][:40] in text
    assert [line for line in server.said if line.startswith(b"rcpt TO:")][:2] == [
        b"rcpt TO:<a@example.com>\r\n",
        b"rcpt TO:<b@example.com>\r\n",
    ]


def test_a_foreign_text_cannot_add_headers(server: StandIn, message: AlertMessage):
    told = replace(message, headline="x\r\nBcc: everybody@example.com\r\n\r\nhello")
    channel(server.port).send(told, Stop())
    assert server.taken[0]["Bcc"] is None


@pytest.mark.parametrize(
    ("fault", "error"),
    [("cut", RetryableError), ("450 later", RetryableError), ("550 no", PermanentError), ("hang", RetryableError)],
)
def test_what_goes_wrong_is_told_with_a_remedy(server: StandIn, message: AlertMessage, fault: str, error):
    server.script.append(fault)
    began = time.monotonic()
    with pytest.raises(error) as caught:
        channel(server.port, deadline=1.0).send(message, Stop())
    assert caught.value.remedy
    assert time.monotonic() - began < 4
    assert server.taken == []
    channel(server.port).send(message, Stop())
    assert len(server.told) == 1


def test_an_answer_that_is_lost_leaves_one_mail(server: StandIn, message: AlertMessage):
    server.script.append("cut after")
    with pytest.raises(RetryableError):
        channel(server.port).send(message, Stop())
    channel(server.port).send(message, Stop())
    assert (len(server.taken), len(server.told)) == (2, 1)


def test_a_stop_lets_go_of_a_server_that_hangs(server: StandIn, message: AlertMessage):
    server.script.append("hang")
    stop = Stop()
    threading.Timer(0.3, stop.set, args=("enough",)).start()
    began = time.monotonic()
    with pytest.raises(RetryableError):
        channel(server.port, deadline=2.0).send(message, stop)
    assert time.monotonic() - began < 1.5


def test_signing_in(message: AlertMessage):
    with mail_server(login=True) as server:
        channel(server.port, password=PASSWORD).send(message, Stop())
        server.script.append("no login")
        with pytest.raises(PermanentError, match="user name and password") as caught:
            channel(server.port, password=PASSWORD).send(message, Stop())
    assert PASSWORD not in caught.value.diagnostics()
    assert len(server.told) == 1


def test_a_server_that_cannot_encrypt_is_refused(server: StandIn, message: AlertMessage):
    with pytest.raises(PermanentError, match="cannot do that"):
        channel(server.port, security=Security.STARTTLS).send(message, Stop())


def test_a_password_is_not_sent_unencrypted_over_a_network():
    at = MailServer(host="smtp.example.com", port=25, security=Security.NONE, password=PASSWORD)
    with pytest.raises(PermanentError, match="unencrypted"):
        MailChannel(server=at, sender="a@example.com", to=["b@example.com"])


@pytest.mark.parametrize("address", ["", "nobody", "a@b, c@d", "a@b\r\nBcc: c@d", "A <a@b>"])
def test_what_is_no_address_is_refused(address: str):
    at = MailServer(host="smtp.example.com", port=587)
    with pytest.raises(PermanentError, match="no mail address"):
        MailChannel(server=at, sender="a@example.com", to=[address])


def test_a_server_that_is_not_there_is_told_as_such(message: AlertMessage):
    with pytest.raises(RetryableError, match="refused"):
        channel(closed_port()).send(message, Stop())


def recipients(server: StandIn) -> list[str]:
    """Who got a mail, one for each time."""
    taken: list[str] = []
    for line in server.said:
        if line.startswith(b"rcpt TO:"):
            address = line.partition(b"<")[2].partition(b">")[0]
            taken += [address.decode()] if address not in server.refused else []
    return taken


@pytest.mark.parametrize("answer", [b"550 no such user", b"451 come back"])
def test_who_was_refused_is_told_and_nobody_else_gets_the_mail_again(
    server: StandIn, message: AlertMessage, answer: bytes
):
    server.refused[b"b@example.com"] = answer
    outbox = MemoryOutbox()
    mailer = OutboxedChannel(channel(server.port), outbox=outbox, route=Route(), clock=SystemClock(), patience=0.0)
    with pytest.raises(PermanentError, match=rf"1 of 2 recipients: b@example.com \({answer[:3].decode()}\)") as caught:
        mailer.send(message, Stop())
    assert "to" in caught.value.remedy
    assert recipients(server) == ["a@example.com"]
    with pytest.raises(ValidatorError, match="refuses every recipient"):
        mailer.deliver(Stop())
    server.refused.clear()
    server.said.clear()
    assert mailer.deliver(Stop()) == 1
    assert mailer.deliver(Stop()) == 0
    assert recipients(server) == ["b@example.com"]


def test_who_was_refused_and_is_no_longer_named_holds_nothing_up(server: StandIn, message: AlertMessage):
    server.refused[b"b@example.com"] = b"550 no such user"
    with pytest.raises(PartlyDeliveredError) as caught:
        channel(server.port).send(message, Stop())
    assert caught.value.left == ("b@example.com",)
    server.said.clear()
    assert channel(server.port).send(replace(message, only=("gone@example.com",)), Stop()) == caught.value.receipt
    assert server.said == []
