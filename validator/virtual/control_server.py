"""The control API of a fleet: HTTP on a loopback port, JSON in and out, through which devices are made to fail.

`GET /devices`, `GET /faults`, `POST /faults` `{"kind", "device", "seconds", "trigger"}`, `DELETE /faults[?device=N]`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import h11

from validator.virtual.faults import Armed, Fault, FaultError, parse_fault
from validator.virtual.fleet_device import FleetDevice

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
_LARGEST_BODY = 64 * 1024
_IDLE_S = 60.0
_Number = TypeVar("_Number", int, float)


class _RefusedError(Exception):
    """The request cannot be fulfilled."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class ControlServer:
    """Serves the control API of some devices."""

    def __init__(self, devices: tuple[FleetDevice, ...]) -> None:
        self._devices = devices
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()

    async def start(self) -> str:
        """Listen on a free loopback port; returns the URL."""
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Stop listening and cut what is connected."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._connections):
            writer.transport.abort()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            async with asyncio.timeout(_IDLE_S):
                await self._serve(reader, writer)
        except (OSError, TimeoutError, h11.RemoteProtocolError):
            pass  # a client that talks nonsense, or nothing, is cut off
        finally:
            self._connections.discard(writer)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request per connection."""
        connection = h11.Connection(h11.SERVER)
        request: h11.Request | None = None
        body = b""
        while not isinstance(event := connection.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(65536))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += event.data
            if isinstance(event, h11.ConnectionClosed) or len(body) > _LARGEST_BODY:
                return
        if request is not None:
            writer.write(await self._response(connection, request, body))
            await writer.drain()
            writer.write_eof()
            await reader.read()  # until the client has read and hung up; an abort before would lose the answer

    async def _response(self, connection: h11.Connection, request: h11.Request, body: bytes) -> bytes:
        try:
            status, value = await self._answer(request.method.decode(), request.target.decode(), body)
        except _RefusedError as refused:
            status, value = refused.status, {"error": str(refused)}
        content = json.dumps(value).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content))), ("Connection", "close")]
        head = connection.send(h11.Response(status_code=status, headers=headers)) or b""
        return head + (connection.send(h11.Data(data=content)) or b"") + (connection.send(h11.EndOfMessage()) or b"")

    async def _answer(self, method: str, target: str, body: bytes) -> tuple[int, Json]:
        address = urlsplit(target)
        match method, address.path:
            case "GET", "/devices":
                return 200, [_device(device) for device in self._devices]
            case "GET", "/faults":
                return 200, self._faults()
            case "POST", "/faults":
                return 201, self._arm(_object(body))
            case "DELETE", "/faults":
                for device in self._chosen(_device_of(address.query)):
                    await device.virtual.device.heal()
                return 200, self._faults()
            case _, "/devices" | "/faults":
                raise _RefusedError(405, f"{method} is not offered here")
            case _:
                raise _RefusedError(404, "there are /devices and /faults")

    def _faults(self) -> Json:
        return [_armed(device, armed) for device in self._devices for armed in device.virtual.device.strikes.armed]

    def _arm(self, wanted: Mapping[str, Json]) -> Json:
        fault = _fault(wanted)
        found: list[Json] = []
        for device in self._chosen(wanted.get("device", "all")):
            armed = device.virtual.device.inflict(fault)
            if armed is not None:
                found.append(_armed(device, armed))
        return found

    def _chosen(self, wanted: Json) -> list[FleetDevice]:
        if wanted == "all":
            return list(self._devices)
        if isinstance(wanted, int) and not isinstance(wanted, bool) and 0 <= wanted < len(self._devices):
            return [self._devices[wanted]]
        raise _RefusedError(400, f"'device' is \"all\" or a number from 0 to {len(self._devices) - 1}, not {wanted!r}")


def _device(device: FleetDevice) -> Json:
    system = device.virtual.device
    return {
        "index": device.index,
        "serial": device.serial,
        "port": device.virtual.port,
        "state": device.state,
        "boot_id": system.power.boot_id,
        "front": system.screen.focused_package(),
    }


def _armed(device: FleetDevice, armed: Armed) -> Json:
    trigger = armed.fault.trigger
    return {
        "device": device.index,
        "number": armed.number,
        "kind": armed.fault.kind,
        "seconds": armed.fault.seconds,
        "matched": armed.matched,
        "struck": armed.struck,
        "event": trigger.event if trigger else "",
        "match": trigger.match if trigger else "",
        "after": trigger.after if trigger else 1,
        "times": trigger.times if trigger else None,
        "delay_s": trigger.delay_s if trigger else 0.0,
    }


def _object(body: bytes) -> Mapping[str, Json]:
    try:
        value = json.loads(body)
    except ValueError as problem:
        raise _RefusedError(400, f"the body is not JSON: {problem}") from None
    if not isinstance(value, dict):
        raise _RefusedError(400, "the body is not a JSON object")
    return value


def _device_of(query: str) -> Json:
    value = parse_qs(query).get("device", ["all"])[-1]
    return int(value) if value.isdecimal() else value


def _fault(wanted: Mapping[str, Json]) -> Fault:
    trigger = wanted.get("trigger") or {}
    if not isinstance(trigger, Mapping):
        raise _RefusedError(400, "'trigger' is not an object")
    unknown = (set(wanted) - {"kind", "device", "seconds", "trigger"}) | (
        set(trigger) - {"event", "match", "after", "times", "delay_s"}
    )
    if unknown:
        raise _RefusedError(400, f"unknown key {min(unknown)!r}")
    times = trigger.get("times")
    try:
        return parse_fault(
            kind=str(wanted.get("kind", "")),
            event=None if trigger.get("event") is None else str(trigger["event"]),
            match=str(trigger.get("match", "")),
            after=_number(trigger, "after", 1),
            times=None if times is None else _number(trigger, "times", 1),
            delay_s=_number(trigger, "delay_s", 0.0),
            seconds=_number(wanted, "seconds", 3.0),
        )
    except FaultError as problem:
        raise _RefusedError(400, str(problem)) from None


def _number(values: Mapping[str, Json], name: str, default: _Number) -> _Number:
    value = values.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _RefusedError(400, f"'{name}' is not a number")
    return type(default)(value)
