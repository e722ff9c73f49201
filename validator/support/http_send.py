"""HTTP requests that change something, asked once: whether to repeat one is for whoever knows what it does twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from validator.support.http import HttpAnswer
from validator.support.http_connection import Deadline
from validator.support.http_transport import client, explained, parse_address
from validator.support.stop import Stop

_LONGEST: Final = 256 * 1024
"""Bytes of an answer that are read: it only has to say yes or no."""


def send(  # noqa: PLR0913 - all but the first two by keyword
    method: str,
    url: str,
    *,
    deadline: float,
    stop: Stop,
    body: bytes = b"",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> HttpAnswer:
    """Ask once. No redirect is followed: it is the answer.

    Args:
        method: Such as `POST`.
        url: An absolute http or https address.
        deadline: Seconds for everything together.
        stop: Ends it within half a second.
        body: What is sent; with a type in the headers.
        headers: Sent beside `User-Agent: validator/VERSION`.

    Raises:
        HttpFailedError: There was no complete answer in time; the request may have been acted on.
        PermanentError: The address or a header cannot be sent at all.
    """
    target, timer = parse_address(url), Deadline(deadline, stop=stop)
    with (
        explained(target, deadline),
        client(target, timer) as asking,
        asking.stream(method, target, headers=headers, content=body or None) as response,
    ):
        content = _read(response.iter_raw())
        return HttpAnswer(
            status=response.status_code,
            headers=MappingProxyType(dict(response.headers.items())),
            body=content[:_LONGEST],
            seconds=timer.spent,
            truncated=len(content) > _LONGEST,
        )


def _read(chunks: Iterator[bytes]) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > _LONGEST:
            break
    return bytes(body)
