"""Where a command reads from and writes to."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

_PIPE_CHUNKS = 16
"""Pieces a pipe holds before its writer waits, so that `logcat | head` stays small."""


class Sink(Protocol):
    """Somewhere bytes go."""

    async def write(self, data: bytes) -> None:
        """Hand over the bytes.

        Raises:
            BrokenPipeError: nobody reads any more.
        """
        ...


class Source(Protocol):
    """Somewhere bytes come from."""

    async def read(self) -> bytes:
        """The next piece, empty at the end."""
        ...


class Nothing:
    """/dev/null: swallows everything, has nothing."""

    async def write(self, data: bytes) -> None:
        """Forget the bytes."""

    async def read(self) -> bytes:
        """The end, at once."""
        return b""


class Captured:
    """Keeps what is written, for `$(…)` and for files written by redirection."""

    def __init__(self) -> None:
        self.data = bytearray()

    async def write(self, data: bytes) -> None:
        """Append."""
        self.data += data


class Given:
    """A source with known content, for `<file`."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def read(self) -> bytes:
        """Everything, then the end."""
        data, self._data = self._data, b""
        return data


class Pipe:
    """Connects two commands of a pipeline that run at the same time."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._changed = asyncio.Condition()
        self._write_end_closed = False
        self._read_end_closed = False

    async def write(self, data: bytes) -> None:
        """Add a piece; waits while the pipe is full.

        Raises:
            BrokenPipeError: the reading command has ended.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self._read_end_closed or len(self._pieces) < _PIPE_CHUNKS)
            if self._read_end_closed:
                raise BrokenPipeError
            if data:
                self._pieces.append(data)
                self._changed.notify_all()

    async def read(self) -> bytes:
        """Take a piece; waits for one while the writing command runs."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._pieces) or self._write_end_closed)
            if not self._pieces:
                return b""
            self._changed.notify_all()
            return self._pieces.popleft()

    async def abandoned(self) -> None:
        """Wait until the reading command has ended."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._read_end_closed)

    async def finish_writing(self) -> None:
        """The writing command has ended."""
        async with self._changed:
            self._write_end_closed = True
            self._changed.notify_all()

    async def finish_reading(self) -> None:
        """The reading command has ended."""
        async with self._changed:
            self._read_end_closed = True
            self._changed.notify_all()


async def read_all(source: Source) -> bytes:
    """Everything up to the end."""
    data = bytearray()
    while piece := await source.read():
        data += piece
    return bytes(data)
