"""Several virtual devices in one process, attached to an adb server, with the control API beside them."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from validator.virtual.adb_server import AdbServer, AdbServerError
from validator.virtual.control_server import ControlServer
from validator.virtual.daemon.listener import bind
from validator.virtual.device.profile import DeviceProfile
from validator.virtual.fleet_device import FleetDevice
from validator.virtual.private_adb import start_private_adb
from validator.virtual.virtual_device import power_on

_FIRST_PORT, _LAST_PORT = 21_001, 31_001
"""Below what Linux and macOS give to outgoing connections, above where every adb server looks for emulators."""
_ATTEMPTS = 50


class SerialStyle(StrEnum):
    """How adb calls the devices: `127.0.0.1:PORT`, or `emulator-N` where N is the port before."""

    TCP = "tcp"
    EMULATOR = "emulator"


class FleetError(Exception):
    """The devices cannot be started; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetOptions:
    """What to start.

    `port` is the first device's port (None: any free one), the others follow; emulators take every second port, as real
    ones do. `server_port` is that of a running adb server to attach to; None starts a private one, on `private_port`
    where that is given.
    """

    adb: Path | None = None
    devices: int = 1
    port: int | None = None
    server_port: int | None = None
    private_port: int | None = None
    profile: DeviceProfile = field(default_factory=DeviceProfile)
    style: SerialStyle = SerialStyle.TCP


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Booted and attached devices."""

    devices: tuple[FleetDevice, ...]
    adb: Path | None
    server_port: int
    control_url: str

    @property
    def serials(self) -> tuple[str, ...]:
        """The devices as adb calls them."""
        return tuple(device.serial for device in self.devices)


@asynccontextmanager
async def running_fleet(options: FleetOptions) -> AsyncIterator[Fleet]:
    """Start devices, attach them, and end everything when the block is left.

    Raises:
        FleetError: a port is taken, adb is missing or does not start.
    """
    async with AsyncExitStack() as stack:
        sockets = _bind_all(options)
        for sock in sockets:
            stack.callback(sock.close)
        try:
            server = await _server(options, stack)
            devices = [await _device(index, sock, options, server, stack) for index, sock in enumerate(sockets)]
            await asyncio.gather(*(device.attach() for device in devices))
        except AdbServerError as problem:
            raise FleetError(str(problem)) from None
        control = ControlServer(tuple(devices))
        url = await control.start()
        stack.push_async_callback(control.stop)
        await asyncio.gather(*(device.virtual.device.power.booted.wait() for device in devices))
        yield Fleet(devices=tuple(devices), adb=options.adb, server_port=server.port, control_url=url)


async def _server(options: FleetOptions, stack: AsyncExitStack) -> AdbServer:
    if options.server_port is not None:
        server = AdbServer(port=options.server_port)
        await server.version()
        return server
    if options.adb is None:
        raise FleetError("no adb binary to start a server with; give its path, or the port of a running adb server")
    private = await start_private_adb(options.adb, options.private_port)
    stack.push_async_callback(private.stop)
    return private.server


async def _device(
    index: int, sock: socket.socket, options: FleetOptions, server: AdbServer, stack: AsyncExitStack
) -> FleetDevice:
    virtual = await power_on(options.profile, sock)
    stack.push_async_callback(virtual.close)
    device = FleetDevice(index, virtual, server, emulator=options.style is SerialStyle.EMULATOR)
    stack.push_async_callback(device.detach)
    return device


def _bind_all(options: FleetOptions) -> list[socket.socket]:
    if options.devices < 1:
        raise FleetError("at least one device must be started")
    if options.port is not None:
        return _bind_from(options.port, options)
    for _ in range(_ATTEMPTS):
        # Odd, so that emulators get the even serials that tools expect of them.
        first = random.randrange(_FIRST_PORT, _LAST_PORT, 2)  # noqa: S311 - any port will do
        try:
            return _bind_from(first, options)
        except FleetError:
            continue
    raise FleetError(f"no {options.devices} free ports in a row were found; name the first one yourself")


def _bind_from(first: int, options: FleetOptions) -> list[socket.socket]:
    step = 2 if options.style is SerialStyle.EMULATOR else 1
    sockets: list[socket.socket] = []
    for number in range(options.devices):
        port = first + number * step
        try:
            sockets.append(bind(port))
        except (OSError, OverflowError) as problem:
            for sock in sockets:
                sock.close()
            reason = problem.strerror if isinstance(problem, OSError) else "not a port"
            raise FleetError(f"port {port} cannot be used: {reason}; choose another first port") from None
    return sockets
