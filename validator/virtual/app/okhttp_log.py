"""The log lines of OkHttp's HttpLoggingInterceptor.

Format: okhttp-logging-interceptor/src/main/kotlin/okhttp3/logging/HttpLoggingInterceptor.kt of square/okhttp,
okhttp_4.12.x.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from validator.virtual.app.description import HttpDefaults
from validator.virtual.ports import AppHost

TAG = "okhttp.OkHttpClient"
REDACTED = "\u2588\u2588"
_ALWAYS_SECRET = frozenset({"authorization", "proxy-authorization"})
_THROTTLING = ("retry-after", "ratelimit")
_LONGEST_BODY = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request as it is logged."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A reply as it is logged. The length is None when the server did not tell it."""

    status: int
    reason: str
    url: str
    headers: tuple[tuple[str, str], ...]
    length: int | None
    body: bytes
    milliseconds: int


class InterceptorLog:
    """Writes what an app's logging interceptor writes, at the level that the app has chosen."""

    def __init__(self, defaults: HttpDefaults, host: AppHost) -> None:
        self._level = defaults.log
        self._secret = _ALWAYS_SECRET | {name.lower() for name in defaults.redact}
        self._host = host

    def sent(self, request: Sent) -> None:
        """Before the request goes out."""
        size = f"{len(request.body)}-byte body" if request.body is not None else ""
        if self._level == "basic":
            self._write([f"--> {request.method} {request.url}" + (f" ({size})" if size else "")])
        elif self._level != "none":
            body = [_shown(request.body)] if request.body is not None and self._level == "body" else []
            end = f"--> END {request.method}" + (f" ({size})" if size else "")
            headers = self._headers(request.headers)
            self._write([f"--> {request.method} {request.url}", *headers, *body, end])

    def received(self, reply: Received) -> None:
        """When the reply has come."""
        size = f", {reply.length}-byte body" if reply.length is not None else ", unknown-length body"
        reason = f" {reply.reason}" if reply.reason else ""
        line = f"<-- {reply.status}{reason} {reply.url} ({reply.milliseconds}ms"
        if self._level == "basic":
            throttling = [each for each in reply.headers if each[0].lower().startswith(_THROTTLING)]
            self._write([f"{line}{size})", *self._headers(throttling if reply.status in (429, 503) else ())])
        elif self._level != "none":
            body = [_shown(reply.body)] if self._level == "body" else []
            end = f"<-- END HTTP ({len(reply.body)}-byte body)" if self._level == "body" else "<-- END HTTP"
            self._write([f"{line})", *self._headers(reply.headers), *body, end])

    def failed(self, java_exception: str) -> None:
        """When there was no reply."""
        if self._level != "none":
            self._write([f"<-- HTTP FAILED: {java_exception}"])

    def _headers(self, headers: Iterable[tuple[str, str]]) -> Iterator[str]:
        for name, value in headers:
            yield f"{name}: {REDACTED if name.lower() in self._secret else value}"

    def _write(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._host.log("I", TAG, line)


def _shown(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    return text if len(text) <= _LONGEST_BODY else f"{text[:_LONGEST_BODY]}..."
