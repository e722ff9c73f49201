"""HTTP questions that always end: with an answer, or with an error that says what kind of silence it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import httpx

from validator.support.http_connection import Deadline
from validator.support.http_errors import HttpFailedError, HttpFailure
from validator.support.http_transport import MAX_REDIRECTS, REDIRECTS, client, explained, parse_address

__all__ = ["MIB", "HttpAnswer", "HttpFailedError", "HttpFailure", "get"]

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """An answer of any status."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; repeated ones joined by a comma."""
    body: bytes
    """Not decompressed, cut at the limit that was asked for."""
    seconds: float
    truncated: bool = False
    """The body was longer than the limit."""
    redirects: tuple[str, ...] = ()
    """The addresses that were followed, all on the host that was asked."""


def get(
    url: str,
    *,
    deadline: float,
    headers: Mapping[str, str] = MappingProxyType({}),
    max_body: int = MIB,
    follow: bool = True,
) -> HttpAnswer:
    """Ask once, and read at most `max_body` bytes.

    A redirect is followed while it stays on the same host (at most five times, never from https to http); one that
    leads elsewhere is the answer, with its `location`, and so is every one without `follow`. Proxies are taken from the
    environment as `curl` does, except for this machine's own addresses.

    Args:
        url: An absolute http or https address.
        deadline: Seconds for everything together: name lookup, connecting, TLS, redirects, the last byte.
        headers: Sent beside `User-Agent: validator/VERSION`.
        max_body: Bytes after which reading stops.
        follow: Whether redirects are followed at all.

    Raises:
        HttpFailedError: There was no complete answer in time.
        PermanentError: The address or a header cannot be sent at all.
    """
    target = parse_address(url)
    timer = Deadline(deadline)
    with explained(target, deadline):
        return _follow(target, timer, headers, max_body, MAX_REDIRECTS if follow else 0)


def _follow(target: httpx.URL, timer: Deadline, headers: Mapping[str, str], max_body: int, most: int) -> HttpAnswer:
    followed: list[str] = []
    while True:
        answer = _ask(target, timer, headers, max_body, tuple(followed))
        onward = _onward(target, answer)
        if onward is None or len(followed) == most:
            return answer
        followed.append(str(onward))
        target = onward


def _ask(
    target: httpx.URL, timer: Deadline, headers: Mapping[str, str], max_body: int, followed: tuple[str, ...]
) -> HttpAnswer:
    with client(target, timer) as asking, asking.stream("GET", target, headers=headers) as response:
        body, truncated = _read(response.iter_raw(), max_body)
        return HttpAnswer(
            status=response.status_code,
            headers=MappingProxyType(dict(response.headers.items())),
            body=body,
            seconds=timer.spent,
            truncated=truncated,
            redirects=followed,
        )


def _read(chunks: Iterator[bytes], limit: int) -> tuple[bytes, bool]:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            return bytes(body[:limit]), True
    return bytes(body), False


def _onward(target: httpx.URL, answer: HttpAnswer) -> httpx.URL | None:
    """Where a redirect leads, if it leads to the same host."""
    if answer.status not in REDIRECTS or "location" not in answer.headers:
        return None
    try:
        onward = target.join(answer.headers["location"])
    except httpx.InvalidURL:
        return None
    same_host = onward.host == target.host
    same_origin = (onward.scheme, onward.port) == (target.scheme, target.port)
    to_https = (target.scheme, target.port, onward.scheme, onward.port) == ("http", None, "https", None)
    return onward if same_host and (same_origin or to_https) else None
