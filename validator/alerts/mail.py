"""Mail over SMTP (RFC 5321), encrypted before anything is said that others must not read."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum
from typing import TypeAlias, assert_never

from validator.alerts.message import AlertMessage
from validator.alerts.port import PartlyDeliveredError
from validator.alerts.preview import plain
from validator.model.errors import PermanentError, RetryableError, UsageError, ValidatorError
from validator.support.stop import Stop
from validator.support.text import one_line

_Refusals: TypeAlias = Mapping[str, tuple[int, bytes]]
"""Address -> the code and words that it was refused with."""

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_CONNECTION = "check the host, the port and `security` of the mail target, and this machine's network"


class Security(StrEnum):
    """When the connection is encrypted."""

    STARTTLS = "starttls"
    """After the greeting; port 587 (RFC 6409)."""
    TLS = "tls"
    """From the beginning; port 465 (RFC 8314)."""
    NONE = "none"
    """Never: only on this machine, or without a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in."""

    host: str
    port: int
    security: Security = Security.STARTTLS
    username: str = ""
    password: str = ""


class MailChannel:
    """One list of recipients."""

    def __init__(
        self,
        *,
        server: MailServer,
        sender: str,
        to: Sequence[str],
        deadline: float = 30.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare to send.

        Args:
            server: Where mail is handed in; its password is never shown anywhere.
            sender: The address it comes from.
            to: Who gets it.
            deadline: Seconds for one mail.
            context: Whom to trust instead of this machine's authorities.

        Raises:
            UsageError: The password would be sent unencrypted, or an address is none.
        """
        self._server = server
        self._to: tuple[str, ...] = ()
        self._sender = _address(sender, self.name)
        self._to = tuple(_address(each, self.name) for each in to)
        self._deadline = deadline
        self._context = context or ssl.create_default_context()
        if server.security is Security.NONE and server.password and server.host not in _LOOPBACK:
            remedy = "set `security` to starttls or tls"
            raise UsageError(f"the password would be sent unencrypted to {server.host}", remedy=remedy)

    @property
    def name(self) -> str:
        """`mail ADDRESS`, that of the first recipient."""
        return f"mail {self._to[0]}" if self._to else "mail"

    def send(self, message: AlertMessage, stop: Stop) -> str:
        """Hand the mail in. One that is sent again has the same Message-ID, by which mail servers know it.

        Returns:
            The Message-ID.

        Raises:
            PartlyDeliveredError: It took the mail for some, and refused others.
            RetryableError: The server cannot be reached, does not answer, or asks to come back.
            PermanentError: It refuses.
        """
        to = [each for each in self._to if each in message.only or not message.only]
        mail = self._mail(message)
        receipt = str(mail["Message-ID"])
        if not to:  # who was refused is no longer in the configuration
            return receipt
        refused = self._hand_in(mail, to, stop)
        if refused:
            raise self._partly(receipt, refused)
        return receipt

    def _hand_in(self, mail: EmailMessage, to: Sequence[str], stop: Stop) -> _Refusals:
        """Who was refused, while others were not."""
        handing = _Handing(self._server, self._context, self._deadline)
        over, outcomes = Stop(stop), list[_Refusals | Exception]()

        def hand_in() -> None:
            try:
                outcomes.append(handing.deliver(mail, to))
            except Exception as error:  # noqa: BLE001  raised again, explained, in the caller's thread
                outcomes.append(error)
            finally:
                over.set("done")

        # smtplib's timeout is one per read, and name lookup has none: a thread can be left behind, a call cannot.
        threading.Thread(target=hand_in, name=self.name, daemon=True).start()
        over.wait(self._deadline)
        over.detach()
        outcome = outcomes[0] if outcomes else TimeoutError()
        handing.abandon()
        if isinstance(outcome, Exception):
            raise self._explained(outcome)
        return outcome

    def _partly(self, receipt: str, refused: _Refusals) -> PartlyDeliveredError:
        codes = ", ".join(f"{address} ({code})" for address, (code, _) in sorted(refused.items()))
        return PartlyDeliveredError(
            f"the server refuses {len(refused)} of {len(self._to)} recipients: {codes}",
            receipt=receipt,
            left=sorted(refused),
            where=self.name,
            remedy="correct `to` of the mail target, or ask who runs the server; the others have the mail",
        )

    def _mail(self, message: AlertMessage) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = one_line(f"[{message.severity}] {message.headline}", 200)
        mail["From"] = self._sender
        mail["To"] = ", ".join(self._to)
        mail["Date"] = format_datetime(_moment(message.at))
        mail["Message-ID"] = f"<{message.id}@{self._sender.rpartition('@')[2]}>"
        mail["References"] = f"<{message.incident.rpartition('/')[2]}@{self._sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        mail.set_content(plain(message, width=78))
        return mail

    def _explained(self, error: Exception) -> ValidatorError:
        """What smtplib and the network raise, as something to do."""
        where = self.name
        match error:
            case smtplib.SMTPAuthenticationError() if error.smtp_code >= 500:
                what = f"the server does not accept the user name and password ({error.smtp_code})"
                return PermanentError(what, where=where, remedy="correct `username` and `password` of the mail target")
            case smtplib.SMTPRecipientsRefused():
                codes = {code for code, _ in error.recipients.values()}
                return _answered(min(codes), "the server refuses every recipient", where)
            case smtplib.SMTPResponseException():
                words = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else ""
                return _answered(error.smtp_code, f"the server refuses: {one_line(words, 200)}", where)
            case smtplib.SMTPNotSupportedError():
                remedy = "set `security` to tls or none, or leave out the password"
                return PermanentError(f"the server cannot do that: {error}", where=where, remedy=remedy)
            case ssl.SSLCertVerificationError():
                remedy = "renew the server's certificate; for a private authority set SSL_CERT_FILE"
                return PermanentError(f"TLS failed: {error.verify_message}", where=where, remedy=remedy)
            case TimeoutError():
                what = f"no answer within {self._deadline:g} s; the mail may have been sent"
                return RetryableError(what, where=where, remedy=_CONNECTION)
            case OSError():
                return RetryableError(_words(error), where=where, remedy=_CONNECTION)
            case _:
                raise error


class _Handing:
    """One conversation with the server, that another thread may end."""

    def __init__(self, server: MailServer, context: ssl.SSLContext, seconds: float) -> None:
        self._server = server
        self._context = context
        self._seconds = seconds
        self._smtp: smtplib.SMTP | None = None

    def deliver(self, mail: EmailMessage, to: Sequence[str]) -> _Refusals:
        smtp = self._connected()
        try:
            if self._server.security is Security.STARTTLS:
                smtp.starttls(context=self._context)
            if self._server.password:
                smtp.login(self._server.username, self._server.password)
            refused = smtp.send_message(mail, to_addrs=to)
            with contextlib.suppress(OSError):  # smtplib's errors are OSErrors; the mail was taken
                smtp.quit()
        finally:
            smtp.close()
        return refused

    def _connected(self) -> smtplib.SMTP:
        server, own = self._server, socket.gethostname()  # smtplib would ask the name server for it
        match server.security:
            case Security.TLS:
                self._smtp = smtplib.SMTP_SSL(
                    server.host, server.port, own, timeout=self._seconds, context=self._context
                )
            case Security.STARTTLS | Security.NONE:
                self._smtp = smtplib.SMTP(server.host, server.port, own, timeout=self._seconds)
            case _:
                assert_never(server.security)
        return self._smtp

    def abandon(self) -> None:
        """Wake a thread that waits for the server."""
        connection = self._smtp.sock if self._smtp is not None else None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _answered(code: int, what: str, where: str) -> ValidatorError:
    """RFC 5321, 4.2.1: 4yz may work later, 5yz does not."""
    if 400 <= code < 500:
        remedy = "tell the team by another way now; the mail server asks to come back"
        return RetryableError(f"{what} ({code})", where=where, remedy=remedy)
    remedy = "correct `from`, `to` and the server of the mail target, or ask who runs the server"
    return PermanentError(f"{what} ({code})", where=where, remedy=remedy)


def _words(error: OSError) -> str:
    return one_line(error.strerror or str(error) or "the connection was closed", 200)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.now(UTC)


def _address(text: str, where: str) -> str:
    """An address that can stand in a header."""
    name, at, domain = text.rpartition("@")
    if name and at and domain and text.isascii() and not any(each in text for each in ' \r\n\t,<>"'):
        return text
    remedy = "write it as name@example.com, without a display name"
    raise UsageError(f"{one_line(text, 80)!r} is no mail address", where=where, remedy=remedy)
