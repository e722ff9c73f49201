"""Failed HTTP calls in the words of OkHttp 4.12 on Android."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx

EMULATOR_HOST = "10.0.2.2"
"""The address by which apps on emulators reach the machine that runs them.

Source: developer.android.com/studio/run/emulator-networking.
"""


class RequestRefusedError(ValueError):
    """A request that OkHttp would not even send. The message is the exception as Java prints it."""


def java_text(error: Exception, url: httpx.URL, connect_timeout_ms: int) -> str:
    """The exception that an app would have caught, as `Throwable.toString()` prints it."""
    if isinstance(error, RequestRefusedError):
        return str(error)
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return (
            f"java.net.SocketTimeoutException: failed to connect to /{url.host} (port {port_of(url)}) "
            f"from /10.0.2.16 (port 41234) after {connect_timeout_ms}ms"
        )
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return "java.net.SocketTimeoutException: timeout"
    for cause in _causes(error):
        text = _from_cause(cause, url)
        if text:
            return text
    return _from_kind(error, url)


def unknown_host(host: str) -> str:
    """What resolving a name says when there is no network, or no such name."""
    return f'java.net.UnknownHostException: Unable to resolve host "{host}": No address associated with hostname'


def port_of(url: httpx.URL) -> int:
    """The port, with the default of the scheme."""
    return url.port or (443 if url.scheme == "https" else 80)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                yield from _causes(inner)
        error = error.__cause__ or error.__context__


def _from_cause(cause: BaseException, url: httpx.URL) -> str:
    match cause:
        case socket.gaierror():
            return unknown_host(url.host)
        case ssl.SSLCertVerificationError():
            return _certificate(cause, url)
        case ssl.SSLError():
            return f"javax.net.ssl.SSLHandshakeException: Handshake failed: {cause.reason or cause}"
        case ConnectionRefusedError():
            return _refused(url)
        case ConnectionResetError() | BrokenPipeError():
            return "java.net.SocketException: Connection reset"
        case _:
            return ""


def _certificate(error: ssl.SSLCertVerificationError, url: httpx.URL) -> str:
    if "mismatch" in error.verify_message.lower():
        return f"javax.net.ssl.SSLPeerUnverifiedException: Hostname {url.host} not verified"
    if "expired" in error.verify_message.lower() or "not yet valid" in error.verify_message.lower():
        return "javax.net.ssl.SSLHandshakeException: Chain validation failed"
    return (
        "javax.net.ssl.SSLHandshakeException: java.security.cert.CertPathValidatorException: "
        "Trust anchor for certification path not found."
    )


def _refused(url: httpx.URL) -> str:
    name = "localhost/127.0.0.1" if url.host == "localhost" else f"/{url.host}"
    return f"java.net.ConnectException: Failed to connect to {name}:{port_of(url)}"


def _from_kind(error: Exception, url: httpx.URL) -> str:
    match error:
        case httpx.ConnectError():
            return _refused(url)
        case httpx.TooManyRedirects():
            return "java.net.ProtocolException: Too many follow-up requests: 21"
        case httpx.RemoteProtocolError() if "disconnected" in str(error).lower() or "closed" in str(error).lower():
            return f"java.io.IOException: unexpected end of stream on {url.scheme}://{url.host}:{port_of(url)}/..."
        case httpx.ProtocolError() | httpx.DecodingError():
            return f"java.net.ProtocolException: {error}"
        case _:
            return f"java.io.IOException: {error}"
