"""HTTP questions that always end: with an answer, or with an error that says what kind of silence it was."""

from __future__ import annotations

import functools
import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from types import MappingProxyType

import httpcore
import httpx

from validator.model.errors import PermanentError
from validator.support.http_connection import Deadline, DeadlineBackend
from validator.support.http_errors import HttpFailedError, HttpFailure, explain
from validator.support.text import one_line

__all__ = ["MIB", "HttpAnswer", "HttpFailedError", "HttpFailure", "get"]

MIB = 1024 * 1024
MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    OSError,  # of the name lookup
)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


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
) -> HttpAnswer:
    """Ask once, and read at most `max_body` bytes.

    A redirect is followed while it stays on the same host (at most five times, never from https to http); one that
    leads elsewhere is the answer, with its `location`. Proxies are taken from the environment as `curl` does, except
    for this machine's own addresses.

    Args:
        url: An absolute http or https address.
        deadline: Seconds for everything together: name lookup, connecting, TLS, redirects, the last byte.
        headers: Sent beside `User-Agent: validator/VERSION`.
        max_body: Bytes after which reading stops.

    Raises:
        HttpFailedError: There was no complete answer in time.
        PermanentError: The address or a header cannot be sent at all.
    """
    target = _parse(url)
    timer = Deadline(deadline)
    try:
        return _follow(target, timer, headers, max_body)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpcore.LocalProtocolError, UnicodeEncodeError) as error:
        # The text of these errors may hold a header's value: a secret.
        raise PermanentError(
            f"the request cannot be sent ({type(error).__name__})",
            where=_shown(target),
            remedy="check the address and the headers for characters that HTTP does not allow",
        ) from None
    except _FAILURES as error:
        raise explain(error, deadline=deadline, where=_shown(target)) from error


def _follow(target: httpx.URL, timer: Deadline, headers: Mapping[str, str], max_body: int) -> HttpAnswer:
    followed: list[str] = []
    while True:
        answer = _ask(target, timer, headers, max_body, tuple(followed))
        onward = _onward(target, answer)
        if onward is None or len(followed) == MAX_REDIRECTS:
            return answer
        followed.append(str(onward))
        target = onward


def _ask(
    target: httpx.URL, timer: Deadline, headers: Mapping[str, str], max_body: int, followed: tuple[str, ...]
) -> HttpAnswer:
    agent = {"user-agent": f"validator/{version('validator')}", "accept-encoding": "identity"}
    with (
        httpx.Client(transport=_Transport(target, timer), trust_env=False, headers=agent) as client,
        client.stream("GET", target, headers=headers) as response,
    ):
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
    if answer.status not in _REDIRECTS or "location" not in answer.headers:
        return None
    try:
        onward = target.join(answer.headers["location"])
    except httpx.InvalidURL:
        return None
    same_host = onward.host == target.host
    same_origin = (onward.scheme, onward.port) == (target.scheme, target.port)
    to_https = (target.scheme, target.port, onward.scheme, onward.port) == ("http", None, "https", None)
    return onward if same_host and (same_origin or to_https) else None


class _Transport(httpx.BaseTransport):
    """Carries httpx's requests over connections that keep the deadline; httpcore's errors pass through unchanged."""

    def __init__(self, target: httpx.URL, timer: Deadline) -> None:
        backend = DeadlineBackend(timer)
        proxy = _proxy(target)
        self._pool = (
            httpcore.ConnectionPool(ssl_context=_trust(), network_backend=backend)
            if proxy is None
            else httpcore.HTTPProxy(
                str(proxy.url), proxy_auth=proxy.raw_auth, ssl_context=_trust(), network_backend=backend
            )
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@functools.cache
def _trust() -> ssl.SSLContext:
    """Reading the authorities takes tens of milliseconds; probes repeat."""
    return httpx.create_ssl_context()


def _proxy(target: httpx.URL) -> httpx.Proxy | None:
    address = urllib.request.getproxies().get(target.scheme)
    if address is None or target.host in _LOOPBACK or urllib.request.proxy_bypass(target.host):
        return None
    proxy = httpx.Proxy(address if "://" in address else f"http://{address}")
    if proxy.url.scheme not in ("http", "https"):
        raise PermanentError(
            f"proxies of the kind {proxy.url.scheme}:// are not supported",
            where=f"{target.scheme.upper()}_PROXY",
            remedy="name an http:// proxy, or list the host in NO_PROXY",
        )
    return proxy


def _parse(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):  # UnicodeError: a lone surrogate
        parsed = None
    if parsed is None or parsed.scheme not in ("http", "https") or not parsed.host or not _is_port(parsed.port):
        raise PermanentError(
            "not an http address",
            where=one_line(url, 200),
            remedy="write it in full, such as https://api.example.com/health",
        )
    return parsed


def _is_port(port: int | None) -> bool:
    return port is None or 0 < port < 65536


def _shown(target: httpx.URL) -> str:
    """The address without what may be secret: user, password and query."""
    return one_line(f"{target.scheme}://{target.netloc.decode('ascii')}{target.path}", 200)
