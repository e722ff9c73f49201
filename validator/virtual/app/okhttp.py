"""HTTP as an app with OkHttp does it: real requests, its log lines, its exceptions."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import time
from dataclasses import dataclass, field
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import quote

import httpx

from validator.virtual.app.actions import Http
from validator.virtual.app.description import HttpDefaults
from validator.virtual.app.okhttp_failures import EMULATOR_HOST, RequestRefusedError, java_text, unknown_host
from validator.virtual.app.okhttp_log import InterceptorLog, Received, Sent
from validator.virtual.app.state import Scope
from validator.virtual.app.values import Json, text_of
from validator.virtual.ports import AppHost

CALL_DEADLINE = 60.0
"""Seconds for a whole call, redirects and slow bodies included."""

LARGEST_BODY = 8 * 1024 * 1024
"""Bytes of a reply that an app reads; more is an error, so that no server can fill the device's memory."""


_BAD_IN_VALUE = re.compile(r"[^\t\x20-\x7e]")
_BAD_IN_NAME = re.compile(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How a call ended. Without a reply the status is 0 and `error` has the exception's text."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: Json = None
    error: str = ""
    milliseconds: int = 0

    def as_value(self) -> dict[str, Json]:
        """The reply under the names that templates use."""
        headers: dict[str, Json] = {name.lower().replace("-", "_"): value for name, value in self.headers.items()}
        return {
            "status": self.status,
            "headers": headers,
            "body": self.body,
            "error": self.error,
            "ms": self.milliseconds,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wire:
    """A request as it goes out."""

    sent: Sent
    address: httpx.URL
    headers: list[tuple[str, str]]


class OkHttp:
    """The HTTP client of one running app."""

    def __init__(self, defaults: HttpDefaults, host: AppHost) -> None:
        self._defaults = defaults
        self._host = host
        self._log = InterceptorLog(defaults, host)
        self._client: httpx.AsyncClient | None = None

    def url_of(self, action: Http, scope: Scope) -> str:
        """The URL that a call would go to."""
        url = action.url.text(scope).strip()
        if url.startswith("/"):
            url = self._defaults.base_url.text(scope).strip().rstrip("/") + url
        pairs = [(name, text_of(value.evaluate(scope))) for name, value in action.query.items()]
        query = "&".join(f"{quote(name)}={quote(value, safe='', errors='replace')}" for name, value in pairs if value)
        return f"{url}{'&' if '?' in url else '?'}{query}" if query else url

    async def call(self, action: Http, scope: Scope) -> Reply:
        """Make the request and wait for its reply. Failures are replies too."""
        began = time.monotonic()
        url = httpx.URL()
        try:
            url = _parsed(self.url_of(action, scope))
            wire = self._wire(action, scope, url)
            self._log.sent(wire.sent)
            async with asyncio.timeout(CALL_DEADLINE):
                return await self._exchange(wire, began)
        except (httpx.HTTPError, httpx.StreamError, RequestRefusedError, OSError, TimeoutError) as error:
            text = java_text(error, url, self._defaults.connect_timeout_ms)
            self._log.failed(text)
            return Reply(error=text, milliseconds=_since(began))

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    def _wire(self, action: Http, scope: Scope, url: httpx.URL) -> _Wire:
        templates = {**self._defaults.headers, **action.headers}
        named = {name: template.text(scope) for name, template in templates.items()}
        headers = [(name, value) for name, value in named.items() if value]
        body = None
        if action.body is not None:
            value = action.body.evaluate(scope)
            body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
            headers.append(("Content-Type", "application/json; charset=utf-8"))
        suffix = self._defaults.suffix_user_agent.text(scope)
        own = [
            ("User-Agent", f"{self._defaults.user_agent} {suffix}".strip()),
            ("Accept-Encoding", "gzip"),
            ("Host", url.netloc.decode("ascii")),
        ]
        taken = {name.lower() for name, _ in headers}
        complete = [each for each in own if each[0].lower() not in taken] + headers
        _refuse_bad_headers(complete)
        logged = [*headers, ("Content-Length", str(len(body)))] if body is not None else headers
        return _Wire(
            sent=Sent(method=action.method, url=str(url), headers=tuple(logged), body=body),
            address=url.copy_with(host="127.0.0.1") if url.host == EMULATOR_HOST else url,
            headers=complete,
        )

    async def _exchange(self, wire: _Wire, began: float) -> Reply:
        if not self._host.network_available():
            raise RequestRefusedError(unknown_host(wire.address.host))
        client = self._open()
        sent = wire.sent
        async with client.stream(sent.method, wire.address, headers=wire.headers, content=sent.body) as response:
            took = _since(began)
            body = await _read(response)
        headers = tuple(response.headers.multi_items())
        self._log.received(
            Received(
                status=response.status_code,
                reason=response.reason_phrase,
                url=sent.url if not response.history else str(response.url),
                headers=headers,
                length=_declared_length(response),
                body=body,
                milliseconds=took,
            )
        )
        return Reply(status=response.status_code, headers=dict(headers), body=_value(body), milliseconds=_since(began))

    async def _ask_device(self, request: httpx.Request) -> None:
        """Before each request, those that a redirect asks for included."""
        if refused := self._host.refuses(secure=request.url.scheme == "https"):
            raise RequestRefusedError(refused)

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            connect, read = self._defaults.connect_timeout_ms / 1000, self._defaults.read_timeout_ms / 1000
            self._client = httpx.AsyncClient(
                verify=_trust(),
                timeout=httpx.Timeout(read, connect=connect, pool=connect),
                event_hooks={"request": [self._ask_device]},
                follow_redirects=True,
                max_redirects=20,
                trust_env=False,
                # OkHttp keeps no cookies unless an app brings a jar.
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            )
        return self._client


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    # Loading the certificates takes some 20 ms, too much for every launch of an app.
    return httpx.create_ssl_context()


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url.encode("utf-8", "replace").decode("utf-8"))
    except httpx.InvalidURL as error:
        raise RequestRefusedError(f"java.lang.IllegalArgumentException: Invalid URL: {error}") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise RequestRefusedError(
            "java.lang.IllegalArgumentException: Expected URL scheme 'http' or 'https' but no scheme was found for "
            + url[:80]
        )
    return parsed.copy_with(userinfo=b"")


def _refuse_bad_headers(headers: list[tuple[str, str]]) -> None:
    for name, value in headers:
        bad = _BAD_IN_VALUE.search(value)
        place = f"{name} value"
        if bad is None:
            bad = _BAD_IN_NAME.search(name)
            place = "header name"
        if bad is not None:
            unexpected = f"Unexpected char {ord(bad[0]):#04x} at {bad.start()} in {place}"
            raise RequestRefusedError(f"java.lang.IllegalArgumentException: {unexpected}")


async def _read(response: httpx.Response) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise RequestRefusedError(f"java.io.IOException: response body larger than {LARGEST_BODY} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _declared_length(response: httpx.Response) -> int | None:
    length = response.headers.get("content-length", "")
    return int(length) if length.isdecimal() and "content-encoding" not in response.headers else None


def _value(body: bytes) -> Json:
    text = body.decode("utf-8", "replace")
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
