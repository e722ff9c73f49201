"""One conversation inside an adb connection: a service the host opened, or one the device opened to the host."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from validator.virtual.daemon.wire import Command, Message


class StreamClosedError(ConnectionError):
    """The other end closed the stream, or the connection under it died."""


class Stream:
    """Bytes both ways with adb's flow control: one unacknowledged WRTE in each direction.

    The acknowledgement of a received piece is sent when it is taken by `read`, so that a service that does not read
    slows the host down instead of filling memory.
    """

    def __init__(self, *, local: int, remote: int, post: Callable[[Message], None], chunk: int) -> None:
        self.local = local
        self.remote = remote
        self._post = post
        self._chunk = chunk
        self._inbox: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether no more bytes can be written."""
        return self._ended

    async def read(self) -> bytes:
        """The next piece, empty when the host has closed the stream."""
        await self._arrived.wait()
        if not self._inbox:
            return b""
        piece = self._inbox.popleft()
        if not self._ended:
            if not self._inbox:
                self._arrived.clear()
            self._post(Message(command=Command.OKAY, arg0=self.local, arg1=self.remote))
        return piece

    async def write(self, data: bytes) -> None:
        """Send the bytes, in pieces the host accepts, each after the acknowledgement of the one before.

        Raises:
            StreamClosedError: the host has closed the stream.
        """
        for start in range(0, len(data), self._chunk):
            await self._writable.wait()
            if self._ended:
                raise StreamClosedError("the host closed the stream")
            self._writable.clear()
            piece = data[start : start + self._chunk]
            self._post(Message(command=Command.WRTE, arg0=self.local, arg1=self.remote, payload=piece))

    def accept(self, data: bytes) -> None:
        """A piece has come from the host."""
        self._inbox.append(data)
        self._arrived.set()

    def acknowledged(self, remote: int) -> None:
        """The host is ready for more; the first acknowledgement of a stream we opened also names its number there."""
        self.remote = remote
        self._writable.set()

    def end(self) -> None:
        """The stream is over: readers see the end after what has already come, writers fail."""
        self._ended = True
        self._arrived.set()
        self._writable.set()

    async def opened(self) -> bool:
        """Wait for the host's answer to a stream that the device opened; False when it was refused."""
        await self._writable.wait()
        return not self._ended
