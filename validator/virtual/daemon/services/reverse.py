"""`adb reverse`: ports of the device that lead to the host."""

from __future__ import annotations

import asyncio

from validator.virtual.daemon.connection import Connection, Service
from validator.virtual.daemon.stream import Stream, StreamClosedError
from validator.virtual.device.sockets import Duplex, Sockets


class Reverse:
    """The reverse forwards that one adb server has asked for."""

    def __init__(self, sockets: Sockets, connection: Connection) -> None:
        self._sockets = sockets
        self._connection = connection
        self._targets: dict[int, str] = {}

    def service(self, request: str) -> Service:
        """The service that answers `forward:…`, `killforward:…`, `killforward-all` or `list-forward` and closes."""

        async def answer(stream: Stream) -> None:
            await stream.write(self._answer(request))

        return answer

    def remove_all(self) -> None:
        """Close every port, as when the adb server has gone."""
        for port in self._targets:
            self._sockets.close(port)
        self._targets.clear()

    def _answer(self, request: str) -> bytes:
        verb, _, rest = request.partition(":")
        match verb:
            case "forward":
                return self._add(rest)
            case "killforward":
                return self._remove(rest)
            case "killforward-all":
                self.remove_all()
                return b"OKAY"
            case "list-forward":
                lines = [f"(reverse) tcp:{port} {target}\n" for port, target in sorted(self._targets.items())]
                return _counted("".join(lines))
            case _:
                return _failure(f"unknown request reverse:{request}")

    def _add(self, spec: str) -> bytes:
        rebind = not spec.startswith("norebind:")
        local, _, target = spec.removeprefix("norebind:").partition(";")
        port = _port(local)
        if port is None or not target:
            return _failure(f"bad forward: {spec}")
        taken = self._sockets.handler(port) is not None
        if taken and not (rebind and port in self._targets):
            return _failure(f"cannot bind listener: Address already in use: {local}")
        chosen = port or self._sockets.free_port()
        self._targets[chosen] = target

        async def carry(duplex: Duplex) -> None:
            await _carry(duplex, self._connection, target)

        self._sockets.listen(chosen, carry)
        return b"OKAY" + (_counted(str(chosen)) if port == 0 else b"")

    def _remove(self, local: str) -> bytes:
        port = _port(local)
        if port is None or self._targets.pop(port, None) is None:
            return _failure(f"listener '{local}' not found")
        self._sockets.close(port)
        return b"OKAY"


def _port(spec: str) -> int | None:
    """Only TCP ports are simulated, not Unix sockets."""
    kind, _, number = spec.partition(":")
    return int(number) if kind == "tcp" and number.isdecimal() and int(number) < 65536 else None


def _counted(text: str) -> bytes:
    return f"{len(text):04x}{text}".encode()


def _failure(text: str) -> bytes:
    return b"FAIL" + _counted(text)


async def _carry(duplex: Duplex, connection: Connection, target: str) -> None:
    """Carry bytes between a connection on the device and a stream to the host, until both directions are over."""
    try:
        stream = await connection.open(target)
    except StreamClosedError:
        return
    try:
        async with asyncio.TaskGroup() as group:
            back = group.create_task(_pump(stream, duplex))
            there = group.create_task(_pump(duplex, stream))
            # adb has no half-close: when the host's end is over there is nobody left to send to.
            back.add_done_callback(lambda _: there.cancel())
    finally:
        connection.close(stream)


async def _pump(source: Duplex, sink: Duplex) -> None:
    try:
        while data := await source.read():
            await sink.write(data)
    except ConnectionError:
        pass  # the other pump sees the end as well
