"""The kinds of silence that HTTP can meet, told apart by the errors of sockets, TLS and the HTTP parser."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from enum import StrEnum

import httpcore

from validator.model.errors import RetryableError
from validator.support.text import one_line


class HttpFailure(StrEnum):
    """What kept an answer from coming."""

    DNS = "dns"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    TLS = "tls"
    RESET = "reset"
    PROTOCOL = "protocol"
    """What came is not HTTP."""


class HttpFailedError(RetryableError):
    """There was no answer; `kind` says why, `what` in one line."""

    def __init__(self, kind: HttpFailure, what: str, *, where: str) -> None:
        super().__init__(what, where=where, remedy=_REMEDIES[kind])
        self.kind = kind


_REMEDIES = {
    HttpFailure.DNS: "check the host name, and this machine's name server",
    HttpFailure.UNREACHABLE: "check this machine's network and its route to the host",
    HttpFailure.REFUSED: "nothing listens there: check the port, and whether the service is up",
    HttpFailure.TIMEOUT: "check whether the service is overloaded, or a firewall drops the packets",
    HttpFailure.TLS: "renew or correct the server's certificate; for a private authority set SSL_CERT_FILE",
    HttpFailure.RESET: "look at the log of the service and of the proxies before it: one dropped the connection",
    HttpFailure.PROTOCOL: "check the scheme and the port: something else than HTTP answers there",
}

# In this order: SSLError, gaierror and ConnectionRefusedError are all OSErrors.
_KINDS: tuple[tuple[type[BaseException], HttpFailure], ...] = (
    (socket.gaierror, HttpFailure.DNS),
    (ConnectionRefusedError, HttpFailure.REFUSED),
    (ConnectionError, HttpFailure.RESET),
    (ssl.SSLEOFError, HttpFailure.RESET),
    (ssl.SSLZeroReturnError, HttpFailure.RESET),
    (TimeoutError, HttpFailure.TIMEOUT),
    (httpcore.TimeoutException, HttpFailure.TIMEOUT),
    (ssl.SSLError, HttpFailure.TLS),
    (OSError, HttpFailure.UNREACHABLE),
    (httpcore.ProxyError, HttpFailure.UNREACHABLE),
    (httpcore.NetworkError, HttpFailure.RESET),
)


def explain(error: Exception, *, deadline: float, where: str) -> HttpFailedError:
    """The error of a socket, of TLS or of the HTTP parser as one that a person understands."""
    root = list(_chain(error))[-1]
    kind = _kind(root, error)
    match kind:
        case HttpFailure.DNS:
            what = f"the name does not resolve ({_os_words(root)})"
        case HttpFailure.UNREACHABLE:
            where_to = "through the proxy " if isinstance(root, httpcore.ProxyError) else ""
            what = f"cannot connect {where_to}({_os_words(root)})"
        case HttpFailure.REFUSED:
            what = "connection refused"
        case HttpFailure.TIMEOUT:
            what = f"no complete answer within {deadline:g} s"
        case HttpFailure.TLS:
            what = f"TLS failed: {_tls_words(root)}"
        case HttpFailure.RESET:
            what = "the connection was closed before the answer was complete"
        case HttpFailure.PROTOCOL:
            what = f"not an HTTP answer: {root}"
    return HttpFailedError(kind, one_line(what, 200), where=where)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__  # httpcore's pool raises `from None`


def _kind(root: BaseException, error: Exception) -> HttpFailure:
    # h11 has one class for garbage and for an answer that stops half way; only its words differ.
    if any(words in str(error) for words in ("disconnected without", "closed connection without")):
        return HttpFailure.RESET
    kinds = (kind for known, kind in _KINDS if isinstance(root, known))
    return next(kinds, HttpFailure.PROTOCOL)


def _os_words(error: BaseException) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _tls_words(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return str(getattr(error, "reason", None) or error)
