"""`shell:` and `exec:`: commands for the device's mini shell, with or without adb's shell protocol."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from enum import IntEnum

from validator.virtual.daemon.connection import Service
from validator.virtual.daemon.services.exact_reader import ExactReader
from validator.virtual.daemon.services.terminal import Terminal
from validator.virtual.daemon.stream import Stream
from validator.virtual.daemon.wire import MAX_PAYLOAD
from validator.virtual.device.device import Device
from validator.virtual.shell.commands import COMMANDS
from validator.virtual.shell.interpreter import Interpreter
from validator.virtual.shell.pipes import Pipe, Sink, read_all
from validator.virtual.shell.state import Files

_HEADER = struct.Struct("<BI")


class Packet(IntEnum):
    """The packets of shell protocol v2 (AOSP `shell_protocol.h`)."""

    STDIN = 0
    STDOUT = 1
    STDERR = 2
    EXIT = 3
    CLOSE_STDIN = 4
    WINDOW_SIZE = 5


def shell_service(device: Device, arguments: list[str], command: str) -> Service:
    """`shell[,v2][,TERM=x][,raw|pty]:COMMAND`; without a command an interactive shell, on a terminal unless `raw`."""
    terminal = "pty" in arguments or (not command and "raw" not in arguments)
    run = _Run(device, command, terminal=terminal)
    if "v2" in arguments:
        return lambda stream: _serve_protocol(run, stream)
    return lambda stream: _serve_plain(run, stream)


def exec_service(device: Device, command: str) -> Service:
    """`exec:COMMAND`: bytes in, bytes out, no terminal."""
    return lambda stream: _serve_plain(_Run(device, command, terminal=False), stream)


class _Run:
    """One script to be run, with its files handed in later."""

    def __init__(self, device: Device, command: str, *, terminal: bool) -> None:
        self._interpreter = Interpreter(device, COMMANDS)
        self._command = command
        self.terminal = terminal

    async def __call__(self, files: Files) -> int:
        if self._command:
            return await self._interpreter.run_text(self._command, files)
        if self.terminal:
            return await Terminal(self._interpreter, files).run()
        script = (await read_all(files.stdin)).decode("utf-8", "surrogateescape")
        return await self._interpreter.run_text(script, files)


async def _serve_plain(run: _Run, stream: Stream) -> None:
    """Without the protocol the exit code is lost and both outputs share the stream, in order."""
    output: Sink = _Screen(stream.write) if run.terminal else stream
    await run(Files(stdin=stream, stdout=output, stderr=output))


async def _serve_protocol(run: _Run, stream: Stream) -> None:
    stdin = Pipe()
    writing = asyncio.Lock()

    def output(kind: Packet) -> Sink:
        async def send(data: bytes) -> None:
            async with writing:
                await stream.write(_HEADER.pack(kind, len(data)) + data)

        return _Screen(send) if run.terminal else _Raw(send)

    stdout = output(Packet.STDOUT)
    stderr = stdout if run.terminal else output(Packet.STDERR)
    receiving = asyncio.get_running_loop().create_task(_receive(stream, stdin))
    try:
        status = await run(Files(stdin=stdin, stdout=stdout, stderr=stderr))
        await stream.write(_HEADER.pack(Packet.EXIT, 1) + bytes([status & 0xFF]))
    finally:
        receiving.cancel()


async def _receive(stream: Stream, stdin: Pipe) -> None:
    """Unwrap what the host sends for standard input; anything else it may say changes nothing here."""
    reader = ExactReader(stream)
    while (header := await reader.exactly(_HEADER.size)) is not None:
        kind, length = _HEADER.unpack(header)
        data = await reader.exactly(length) if length <= MAX_PAYLOAD else None
        if data is None or kind == Packet.CLOSE_STDIN:
            break
        if kind == Packet.STDIN:
            await stdin.write(data)
    await stdin.finish_writing()


class _Raw:
    """An output that passes bytes on."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._send = send

    async def write(self, data: bytes) -> None:
        if data:
            await self._send(data)


class _Screen(_Raw):
    """An output to a terminal: line ends get their carriage return, as the device's tty does it (ONLCR)."""

    async def write(self, data: bytes) -> None:
        await super().write(data.replace(b"\n", b"\r\n"))
