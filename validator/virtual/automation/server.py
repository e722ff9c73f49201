"""The automation server on the device: HTTP/1.1 on a byte stream that adb has forwarded."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import h11
from pydantic import JsonValue as Json

from validator.virtual.automation.commands.context import Context
from validator.virtual.automation.errors import AutomationError, InvalidArgumentError, UnknownCommandError
from validator.virtual.automation.request import Request, read_body
from validator.virtual.automation.routes import route
from validator.virtual.ports import Screen

LARGEST_BODY = 8 * 1024 * 1024
"""Bytes of a request's body; more is answered with an error and the connection is closed."""

READ_SIZE = 65536
Write = Callable[[bytes], Awaitable[None]]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    value: Json


class AutomationServer:
    """What `io.appium.uiautomator2.server` is on a real device. One session, any number of connections."""

    def __init__(self, screen: Screen, device_name: str, sdk: int) -> None:
        self._context = Context(screen=screen, device_name=device_name, sdk=sdk)

    async def serve(self, reader: asyncio.StreamReader, write: Write) -> None:
        """Answer the requests of one connection until the client ends it. Never raises on what a client sends.

        There is no idle deadline: the stream ends with the forwarded connection, the adb transport or the device.
        """
        connection = h11.Connection(h11.SERVER)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while connection.states[h11.SERVER] is h11.IDLE:
                if not await self._exchange(connection, reader, write):
                    return
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    return
                connection.start_next_cycle()

    async def _exchange(self, connection: h11.Connection, reader: asyncio.StreamReader, write: Write) -> bool:
        try:
            received = await _receive(connection, reader, write)
        except h11.RemoteProtocolError as error:
            await self._refuse(connection, write, error)
            return False
        if received is None:
            return False
        request, content = received
        answer = await self._answer(request, content)
        bodiless = request.method == b"HEAD"
        await write(_response(connection, answer, self._context.session.session_id, bodiless=bodiless))
        return True

    async def _refuse(self, connection: h11.Connection, write: Write, error: h11.RemoteProtocolError) -> None:
        if connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            answer = _Answer(error.error_status_hint, _explained(InvalidArgumentError(f"not HTTP/1.1: {error}")))
            await write(_response(connection, answer, ""))

    async def _answer(self, request: h11.Request, content: bytes) -> _Answer:
        try:
            return _Answer(200, await self._run(request, content))
        except AutomationError as error:
            return _Answer(error.status, _explained(error))
        # The real server catches Throwable in SafeRequestHandler: a client must get an answer whatever goes wrong here.
        except Exception as error:  # noqa: BLE001
            _log.exception("the automation server failed on %s %s", request.method, request.target)
            return _Answer(500, _explained(AutomationError(f"{type(error).__name__}: {error}")))

    async def _run(self, request: h11.Request, content: bytes) -> Json:
        found = route(request.method.decode("ascii"), request.target.decode("ascii"))
        if found is None:
            raise UnknownCommandError
        if found.in_session:
            self._context.session.require()
        return await found.command(self._context, Request(path=found.parameters, body=read_body(content)))


async def _receive(
    connection: h11.Connection, reader: asyncio.StreamReader, write: Write
) -> tuple[h11.Request, bytes] | None:
    """The next request with its body, or None when the client has gone.

    Raises:
        h11.RemoteProtocolError: what came is not HTTP, or too much of it.
    """
    request: h11.Request | None = None
    content = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                go_on = connection.send(h11.InformationalResponse(status_code=100, headers=[]))
                await write(go_on or b"")
            connection.receive_data(await reader.read(READ_SIZE))
        elif isinstance(event, h11.Request):
            request = event
            _refuse_large(_declared(request))
        elif isinstance(event, h11.Data):
            content += event.data
            _refuse_large(len(content))
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            return request, bytes(content)
        else:
            return None


def _declared(request: h11.Request) -> int:
    # h11 has already refused a length that is not a number.
    return max((int(value) for name, value in request.headers if name == b"content-length"), default=0)


def _refuse_large(length: int) -> None:
    if length > LARGEST_BODY:
        raise h11.RemoteProtocolError(f"a body of {length} bytes is too large", error_status_hint=413)


def _response(connection: h11.Connection, answer: _Answer, session_id: str, *, bodiless: bool = False) -> bytes:
    content = json.dumps({"sessionId": session_id or None, "value": answer.value}).encode()
    head = h11.Response(
        status_code=answer.status,
        headers=[("Content-Type", "application/json; charset=UTF-8"), ("Content-Length", str(len(content)))],
        reason=b"",
    )
    body = [] if bodiless else [h11.Data(data=content)]
    return b"".join(connection.send(event) or b"" for event in (head, *body, h11.EndOfMessage()))


def _explained(error: AutomationError) -> Json:
    return {"error": error.code, "message": str(error), "stacktrace": ""}
