"""What stands in front of the shop: rate limits, the firewall, the access log, metrics — and every misbehaviour."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from validator.demo.backend import problems
from validator.demo.backend.accesslog import AccessLog, LogEntry
from validator.demo.backend.bugs import with_bugs
from validator.demo.backend.limits import SIGN_IN, RateLimiter, headers_of
from validator.demo.backend.marks import read_mark
from validator.demo.backend.metrics import Metrics
from validator.demo.backend.switchboard import ArmedSwitch, Switchboard
from validator.demo.backend.switches import (
    Challenge,
    Delay,
    Fail,
    Limit,
    Maintenance,
    Redirect,
    Refuse,
    RefuseSignIn,
    Reword,
    WrongTotal,
)

_REQUEST_ID = re.compile(r"[\w.-]{1,64}")


@dataclass(slots=True)
class Edge:
    """The ASGI application that the world talks to."""

    inner: ASGIApp
    board: Switchboard
    limiter: RateLimiter
    log: AccessLog
    metrics: Metrics
    shut_doors: Callable[[], None]
    """Stop listening and reset all connections, now."""
    clock: Callable[[], float] = time.monotonic
    _other_limiters: dict[int, RateLimiter] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, unless an outage has begun."""
        request = Request(scope, receive)
        began, moment = time.perf_counter(), datetime.now(UTC)
        response = await self._answer(request)
        if response is None:
            return
        response.headers["Date"] = formatdate(usegmt=True)
        response.headers["X-Request-Id"] = request_id = _request_id(request)
        self._record(request, response, moment=moment, seconds=time.perf_counter() - began, request_id=request_id)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        struck = self.board.arrive(request.method, request.url.path, now=self.clock())
        if self.board.refusing(now=self.clock()):
            self.shut_doors()
            return None
        await asyncio.sleep(sum(a.switch.effect.ms for a in struck if isinstance(a.switch.effect, Delay)) / 1000)
        verdicts = self._limiter_of(struck).check(request.method, request.url.path, _address(request), now=self.clock())
        headers = headers_of(verdicts)
        if not all(verdict.allowed for verdict in verdicts):
            return problems.quota_exceeded(verdicts, headers)
        response = self._misbehaviour(request, struck) or with_bugs(
            await _reply_of(self.inner, request), [armed.switch.effect for armed in struck]
        )
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    def _limiter_of(self, struck: list[ArmedSwitch]) -> RateLimiter:
        for armed in reversed(struck):
            if isinstance(armed.switch.effect, Limit):
                return self._other_limiters.setdefault(armed.id, RateLimiter.of(armed.switch.effect))
        return self.limiter

    def _misbehaviour(self, request: Request, struck: list[ArmedSwitch]) -> Response | None:
        replies = (self._instead(armed, request) for armed in struck)
        return next((reply for reply in replies if reply is not None), None)

    def _instead(self, armed: ArmedSwitch, request: Request) -> Response | None:
        match armed.switch.effect:
            case Challenge():
                return problems.challenge_page(_request_id(request))
            case Maintenance():
                ends = armed.ends_at()
                left = 60.0 if ends is None else ends - self.clock()
                return problems.maintenance(max(1, round(left)))
            case Fail(status=status, retry_after_s=retry_after_s):
                return problems.failure(status, retry_after_s)
            case Redirect(to=to):
                return Response(status_code=307, headers={"Location": f"{to}{request.url.path}"})
            case RefuseSignIn() if (request.method, request.url.path) == SIGN_IN:
                return problems.sign_in_refused()
            case Refuse() | RefuseSignIn() | Delay() | Limit() | WrongTotal() | Reword():
                return None

    def _record(
        self, request: Request, response: Response, *, moment: datetime, seconds: float, request_id: str
    ) -> None:
        mark = read_mark(request.headers)
        self.metrics.observe(
            method=request.method,
            path=request.url.path,
            status=response.status_code,
            synthetic=mark.synthetic,
            seconds=seconds,
        )
        self.log.write(
            LogEntry(
                time=moment,
                method=request.method,
                path=request.url.path,
                query=request.url.query,
                status=response.status_code,
                ms=seconds * 1000,
                remote=_address(request),
                user=getattr(request.state, "user_id", ""),
                agent=request.headers.get("user-agent", ""),
                baggage=request.headers.get("baggage", ""),
                run=mark.run,
                synthetic=mark.synthetic,
                request_id=request_id,
            )
        )


def _address(request: Request) -> str:
    # Forwarded headers are not believed: a client could spend somebody else's tokens with them.
    return request.client.host if request.client else ""


def _request_id(request: Request) -> str:
    if not hasattr(request.state, "request_id"):
        given = request.headers.get("x-request-id", "")
        request.state.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    request_id: str = request.state.request_id
    return request_id


async def _reply_of(inner: ASGIApp, request: Request) -> Response:
    """Let the shop answer, and hold its reply back so that it can still be changed."""
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    await inner(request.scope, request.receive, keep)
    response = Response(b"".join(message.get("body", b"") for message in sent[1:]), status_code=sent[0]["status"])
    response.raw_headers = [(name, value) for name, value in sent[0]["headers"] if name != b"content-length"]
    response.headers["Content-Length"] = str(len(response.body))
    return response
