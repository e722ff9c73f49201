"""How an address answers, as facts to be compared: certificate, protocol, security headers, version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from validator.deploys.live import LiveProbe, ask_live
from validator.deploys.parity import Fact
from validator.deploys.readiness import REQUEST_SECONDS, Ask
from validator.model.parity import Importance
from validator.support.http import HttpAnswer, HttpFailedError, HttpFailure
from validator.support.http_tls import TlsFacts
from validator.support.text import one_line

SOON: Final = timedelta(days=21)
"""Certificates of 90 days are renewed when a third of that is left; one that has less is about to be forgotten."""

_PROTECTING: Final = (
    "strict-transport-security",
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
    "access-control-allow-origin",
)
"""https://owasp.org/www-project-secure-headers/, and who may call from a browser."""


class InspectTls(Protocol):
    """Looks at a TLS connection. `support.http_tls.inspect_tls` is one."""

    def __call__(self, url: str, *, deadline: float) -> TlsFacts:
        """What the server shows.

        Raises:
            HttpFailedError: There was no handshake.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address of an environment."""

    name: str
    """Where the configuration has it: `readiness.0`."""
    url: str
    live: LiveProbe | None = None
    """Set for an address that says which revision is live."""


def endpoint_facts(endpoint: Endpoint, ask: Ask, inspect: InspectTls | None, now: datetime) -> tuple[Fact, ...]:
    """Ask an address, each question within 10 s. Never raises for what comes of it.

    Args:
        endpoint: What is asked.
        ask: Asks over HTTP.
        inspect: Looks at the TLS connection; None: the server is known already, and only this address is of interest.
        now: The time, UTC, for how long the certificate is still good.
    """
    name = f"endpoints.{endpoint.name}"
    http = _http(name, endpoint, ask, whole=inspect is not None)
    return (*http, *(_tls(f"{name}.tls", endpoint.url, inspect, now) if inspect is not None else ()))


def _http(name: str, endpoint: Endpoint, ask: Ask, *, whole: bool) -> Iterator[Fact]:
    if endpoint.live is not None:
        answer = ask_live(endpoint.live, ask)
        remedy = "look at which revision each environment serves: what is tested here may not be what runs there"
        if answer.said:
            yield Fact(name=f"{name}.version", value=answer.said, remedy=remedy)
    answers = partial(
        Fact,
        name=f"{name}.answer",
        importance=Importance.CRITICAL,
        absence=Importance.CRITICAL,
        remedy="look at the deployment of the one that does not answer, or at this machine's way to it",
    )
    try:
        found = ask(endpoint.url, deadline=REQUEST_SECONDS)
    except HttpFailedError as error:
        below = f"{name}.headers." if error.kind is HttpFailure.TLS else f"{name}."
        yield answers(value=error.kind, shown=one_line(error.what, 200), unknown_below=below)
        return
    yield answers(value=f"HTTP {found.status}")
    if whole:
        yield from _headers(f"{name}.headers", found)


def _headers(name: str, answer: HttpAnswer) -> Iterator[Fact]:
    for header in _PROTECTING:
        if header in answer.headers:
            yield Fact(
                name=f"{name}.{header}",
                value=one_line(answer.headers[header], 200),
                importance=Importance.INFO,
                remedy=f"send the same `{header}` in both environments: the app and its web views obey it",
            )


def _tls(name: str, url: str, inspect: InspectTls, now: datetime) -> Iterator[Fact]:
    if not url.startswith("https:"):
        return
    fact = partial(Fact, remedy="set the servers up from one template: real users meet exactly this certificate")
    try:
        found = inspect(url, deadline=REQUEST_SECONDS)
    except HttpFailedError as error:
        yield fact(name=f"{name}.trust", value=error.kind, shown=one_line(error.what, 200), unknown_below=f"{name}.")
        return
    trust = "trusted" if not found.problem else "not trusted"
    yield fact(
        name=f"{name}.trust",
        value=trust,
        shown=f"{trust}: {found.problem}" if found.problem else trust,
        importance=Importance.CRITICAL,
    )
    yield fact(name=f"{name}.issuer", value=found.issuer)
    yield fact(name=f"{name}.protocol", value=found.protocol)
    yield fact(name=f"{name}.expiry", value=_left(found.expires, now), shown=_until(found.expires, now))
    yield fact(name=f"{name}.http", value=found.application or "http/1.1", importance=Importance.INFO)


def _left(expires: datetime, now: datetime) -> str:
    if expires <= now:
        return "expired"
    return "expires soon" if expires - now < SOON else "good"


def _until(expires: datetime, now: datetime) -> str:
    return f"{_left(expires, now)}, until {expires.date().isoformat()}"
