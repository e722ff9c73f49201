"""An adb server's end of the wire, for saying things that a real adb never says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from validator.virtual.daemon.listener import bind
from validator.virtual.daemon.wire import MAX_PAYLOAD, VERSION, Command, Message, encode, read_message
from validator.virtual.device.profile import DeviceProfile
from validator.virtual.virtual_device import VirtualDevice, power_on

SECONDS = 5


@asynccontextmanager
async def powered_on(profile: DeviceProfile | None = None) -> AsyncIterator[VirtualDevice]:
    device = await power_on(profile or DeviceProfile(), bind(0))
    try:
        yield device
    finally:
        await device.close()


class Peer:
    """One connection to a device."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    async def send(self, command: int, arg0: int = 0, arg1: int = 0, payload: bytes = b"") -> None:
        self._writer.write(encode(Message(command=command, arg0=arg0, arg1=arg1, payload=payload)))
        await self._writer.drain()

    async def send_bytes(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def receive(self) -> Message | None:
        async with asyncio.timeout(SECONDS):
            return await read_message(self.reader)

    async def expect(self, command: Command) -> Message:
        message = await self.receive()
        assert message is not None, "the device has hung up"
        assert message.command == command, message
        return message

    async def silence(self, seconds: float = 0.2) -> bool:
        """Whether nothing comes for a while."""
        try:
            async with asyncio.timeout(seconds):
                await self.reader.read(1)
        except TimeoutError:
            return True
        return False

    async def handshake(self) -> bytes:
        await self.send(Command.CNXN, VERSION, MAX_PAYLOAD, b"host::features=shell_v2\0")
        return (await self.expect(Command.CNXN)).payload

    async def open(self, service: str, number: int = 7) -> int:
        """Open a service; returns the device's number of the stream."""
        await self.send(Command.OPEN, number, 0, service.encode() + b"\0")
        return (await self.expect(Command.OKAY)).arg0

    async def output(self, service: str, number: int = 7) -> bytes:
        """Everything a service writes until it closes."""
        await self.send(Command.OPEN, number, 0, service.encode() + b"\0")
        written = b""
        while (message := await self.receive()) is not None and message.command != Command.CLSE:
            if message.command == Command.WRTE:
                written += message.payload
                await self.send(Command.OKAY, number, message.arg0)
        return written


@asynccontextmanager
async def connected(device: VirtualDevice, *, handshake: bool = True) -> AsyncIterator[Peer]:
    reader, writer = await asyncio.open_connection("127.0.0.1", device.port, limit=4 * MAX_PAYLOAD)
    peer = Peer(reader, writer)
    try:
        if handshake:
            await peer.handshake()
        yield peer
    finally:
        writer.transport.abort()
