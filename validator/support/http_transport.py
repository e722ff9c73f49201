"""How requests of `support/http.py` and `support/http_download.py` get to a server: addresses, proxies, connections."""

from __future__ import annotations

import functools
import os
import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Final

import httpcore
import httpx

from validator.model.errors import PermanentError
from validator.support.http_connection import Deadline, DeadlineBackend
from validator.support.http_errors import explain
from validator.support.http_trust import trust
from validator.support.text import one_line

MAX_REDIRECTS: Final = 5
REDIRECTS: Final = (301, 302, 303, 307, 308)
_FAILURES: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpx.RemoteProtocolError,  # of a redirect to what is no address
    OSError,  # of the name lookup
)
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def client(target: httpx.URL, timer: Deadline) -> httpx.Client:
    """A client for one request to this address."""
    agent = {"user-agent": f"validator/{version('validator')}", "accept-encoding": "identity"}
    return httpx.Client(transport=_Transport(target, timer), trust_env=False, headers=agent)


@contextmanager
def explained(target: httpx.URL, deadline: float) -> Iterator[None]:
    """Turn the errors of sockets, TLS and parsers in the block into those that a person understands.

    Raises:
        HttpFailedError: There was no complete answer in time.
        PermanentError: The address or a header cannot be sent at all.
    """
    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpcore.LocalProtocolError, UnicodeEncodeError) as error:
        # The text of these errors may hold a header's value: a secret.
        raise PermanentError(
            f"the request cannot be sent ({type(error).__name__})",
            where=shown(target),
            remedy="check the address and the headers for characters that HTTP does not allow",
        ) from None
    except _FAILURES as error:
        raise explain(error, deadline=deadline, where=shown(target)) from error


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
                content=request.read(),
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


def _trust() -> ssl.SSLContext:
    return _trust_by(*map(os.environ.get, ("SSL_CERT_FILE", "SSL_CERT_DIR")))


@functools.cache
def _trust_by(file: str | None, folder: str | None) -> ssl.SSLContext:  # noqa: ARG001 - OpenSSL reads them itself
    """Reading the authorities takes tens of milliseconds; probes repeat."""
    return trust()


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


def parse_address(url: str) -> httpx.URL:
    """An absolute http or https address.

    Raises:
        PermanentError: It is none.
    """
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


def shown(target: httpx.URL) -> str:
    """The address without what may be secret: user, password and query."""
    return one_line(f"{target.scheme}://{target.netloc.decode('ascii')}{target.path}", 200)
