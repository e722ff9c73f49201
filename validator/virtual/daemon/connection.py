"""One adb server's connection to the device: the handshake and the table of its streams."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from itertools import count

from validator.virtual.daemon.stream import Stream, StreamClosedError
from validator.virtual.daemon.wire import (
    MAX_PAYLOAD,
    VERSION,
    Command,
    Message,
    WireError,
    encode,
    read_message,
)

Service = Callable[[Stream], Awaitable[None]]
"""What serves a stream from its opening to its end."""
Opener = Callable[[str, "Connection"], Service | None]
"""Chooses the service for a name such as `shell,v2:ls`; None refuses, as adbd does for what it does not offer."""


class Connection:
    """Plays adbd on one TCP connection until either side hangs up.

    No authentication is asked for, so the host sees state `device` at once. While frozen nothing is read from the
    socket and nothing is written to it; what services write meanwhile is kept and sent at the thaw.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, banner: bytes, opener: Opener
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._banner = banner
        self._opener = opener
        self._streams: dict[int, Stream] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._numbers = count(1)
        self._max_payload = MAX_PAYLOAD
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._held: list[bytes] = []
        self.on_end: list[Callable[[], None]] = []
        """Called when the connection is over; what lives and dies with it (reverse forwards) registers here."""

    async def run(self) -> None:
        """Serve until the host hangs up or talks something that is not adb."""
        try:
            while (message := await read_message(self._reader)) is not None:
                await self._thawed.wait()
                if self._writer.is_closing():  # cut while frozen: nothing may be started any more
                    break
                self._receive(message)
        except WireError:
            pass  # adbd drops such a peer without a word as well
        finally:
            self.abort()

    async def open(self, service: str) -> Stream:
        """Open a stream to a service of the host (how `adb reverse` carries a device's connection).

        Raises:
            StreamClosedError: the host refused it or is gone.
        """
        stream = self._new_stream(remote=0)
        name = service.encode() + b"\0"
        self._post(Message(command=Command.OPEN, arg0=stream.local, payload=name))
        if not await stream.opened():
            raise StreamClosedError(f"the host refused {service}")
        return stream

    def close(self, stream: Stream) -> None:
        """End a stream from the device's side."""
        if self._streams.pop(stream.local, None) is not None:
            stream.end()
            self._post(Message(command=Command.CLSE, arg0=stream.local, arg1=stream.remote))

    def freeze(self) -> None:
        """Keep the socket open and fall silent."""
        self._thawed.clear()

    def thaw(self) -> None:
        """Go on where `freeze` stopped."""
        self._thawed.set()
        held, self._held = self._held, []
        for frame in held:
            self._write(frame)

    def abort(self) -> None:
        """Cut the TCP connection. Every stream ends and the tasks that serve them are cancelled."""
        self._writer.transport.abort()
        self._thawed.set()
        for stream in self._streams.values():
            stream.end()
        self._streams.clear()
        for task in self._tasks.values():
            task.cancel()
        while self.on_end:
            self.on_end.pop()()

    def _receive(self, message: Message) -> None:
        match message.command:
            case Command.CNXN:
                self._max_payload = min(max(message.arg1, 4096), MAX_PAYLOAD)
                self._post(Message(command=Command.CNXN, arg0=VERSION, arg1=MAX_PAYLOAD, payload=self._banner))
            case Command.OPEN:
                self._receive_open(message)
            case Command.WRTE | Command.OKAY | Command.CLSE:
                self._receive_on_stream(message)
            case _:
                pass  # adbd logs and ignores what it does not know

    def _receive_open(self, message: Message) -> None:
        name = message.payload.rstrip(b"\0").decode("utf-8", "surrogateescape")
        service = self._opener(name, self)
        if service is None:
            self._post(Message(command=Command.CLSE, arg1=message.arg0))
            return
        stream = self._new_stream(remote=message.arg0)
        stream.acknowledged(message.arg0)
        self._post(Message(command=Command.OKAY, arg0=stream.local, arg1=stream.remote))
        self._start(stream.local, self._serve(service, stream))

    def _receive_on_stream(self, message: Message) -> None:
        stream = self._streams.get(message.arg1)
        if stream is None:
            if message.command == Command.WRTE:
                self._post(Message(command=Command.CLSE, arg1=message.arg0))
            return
        match message.command:
            case Command.WRTE:
                stream.accept(message.payload)
            case Command.OKAY:
                stream.acknowledged(message.arg0)
            case _:
                self._ended_by_host(stream)

    def _ended_by_host(self, stream: Stream) -> None:
        self._streams.pop(stream.local, None)
        stream.end()
        self._post(Message(command=Command.CLSE, arg0=stream.local, arg1=stream.remote))
        if (task := self._tasks.get(stream.local)) is not None:
            task.cancel()

    async def _serve(self, service: Service, stream: Stream) -> None:
        try:
            await service(stream)
        except StreamClosedError:
            pass  # the host lost interest; nobody is left to tell
        finally:
            self.close(stream)

    def _new_stream(self, *, remote: int) -> Stream:
        local = next(self._numbers)
        stream = Stream(local=local, remote=remote, post=self._post, chunk=self._max_payload)
        self._streams[local] = stream
        return stream

    def _start(self, number: int, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks[number] = task
        task.add_done_callback(lambda _: self._tasks.pop(number, None))

    def _post(self, message: Message) -> None:
        frame = encode(message)
        if self._thawed.is_set():
            self._write(frame)
        else:
            self._held.append(frame)

    def _write(self, frame: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(frame)
