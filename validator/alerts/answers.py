"""What the answers of targets over HTTP mean: taken, later, or never until somebody mends something."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import urlsplit

from validator.model.errors import PermanentError, RetryableError, UsageError
from validator.support.http import HttpAnswer, HttpFailedError
from validator.support.http_send import send
from validator.support.stop import Stop
from validator.support.text import one_line
from validator.support.throttling import wait_in

_LATER = (408, 425, 429)
_LONGEST_WAIT = 86_400.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_REMEDIES = {
    400: "the target does not take the payload: look at its log, and at whether the address is of the right kind",
    401: "give `alerts` a credential that is valid there",
    403: "give the credential the rights that docs/alerts.md names for this target",
    404: "correct the address or the name in `alerts`, or let the credential see it",
    410: "the address is gone: make a new one, and name it in `alerts`",
    413: "the target takes no message of this size: shorten the names of flows",
    422: "the target does not take the payload: look at what it says, and at docs/alerts.md for this target",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One service that is asked over HTTP."""

    name: str
    """Of the channel, for people; errors say it instead of the address, which may hold a secret."""
    deadline: float = 10.0
    """Seconds for one request."""

    def ask(
        self,
        method: str,
        url: str,
        stop: Stop,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> HttpAnswer:
        """Ask once.

        Raises:
            RetryableError: No answer, or one that says to come back.
            PermanentError: The request was refused.
        """
        try:
            answer = send(method, url, deadline=self.deadline, stop=stop, body=body, headers=headers)
        except HttpFailedError as error:
            raise RetryableError(error.what, where=self.name, remedy=error.remedy) from None
        except PermanentError as error:
            raise PermanentError(error.what, where=self.name, remedy=error.remedy) from None
        if 200 <= answer.status < 300:
            return answer
        raise self.refusal(answer)

    def refusal(self, answer: HttpAnswer) -> PermanentError | RetryableError:
        """The error that an answer other than yes comes to."""
        what = f"the target answered HTTP {answer.status}"
        words = one_line(answer.body.decode("utf-8", "replace"), 200)
        told = f"{what}: {words}" if words else what
        if answer.status in _LATER or answer.status >= 500:
            remedy = "tell the team by another way now; look whether the service is up"
            return RetryableError(told, after=retry_after(answer.headers), where=self.name, remedy=remedy)
        if 300 <= answer.status < 400:
            return PermanentError(told, where=self.name, remedy="name the address that it redirects to in `alerts`")
        remedy = _REMEDIES.get(answer.status, "look up what the target means by this status")
        return PermanentError(told, where=self.name, remedy=remedy)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float:
    """Seconds that the target wants to be left alone, at most a day; 0 when it does not say, or not readably."""
    said = wait_in(headers, (now or datetime.now(UTC)).timestamp())
    return min(said or 0.0, _LONGEST_WAIT)


def json_object(answer: HttpAnswer, where: str) -> Mapping[str, object]:
    """The answer's body.

    Raises:
        RetryableError: It is no JSON object: something else than the service answered.
    """
    try:
        value: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    raise not_the_service(where)


def not_the_service(where: str) -> RetryableError:
    """The error for an answer that the service would not give."""
    remedy = "check whether a proxy or a login page stands between this machine and the service"
    return RetryableError("what answered is not the service", where=where, remedy=remedy)


def require_safe(url: str, where: str) -> str:
    """The address, if what is sent to it is encrypted on its way or does not leave this machine.

    Raises:
        UsageError: It would be read by others.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return url
    raise UsageError(
        f"the alert and its credential would be sent unencrypted to {parts.hostname}",
        where=where,
        remedy="use an https address",
    )


def require_header(text: str, what: str, where: str) -> str:
    """A credential, if it can stand in a header.

    Raises:
        UsageError: It is empty, or has spaces or line breaks in it.
    """
    if text and all("!" <= character <= "~" for character in text):
        return text
    raise UsageError(
        f"{what} is empty, or has spaces or line breaks in it",
        where=where,
        remedy="check the variable or file it comes from; it is not shown here",
    )


def compact(value: object) -> bytes:
    """JSON as it is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
