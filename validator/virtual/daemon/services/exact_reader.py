"""Reads exact numbers of bytes from a stream that comes in pieces."""

from __future__ import annotations

from validator.virtual.shell.pipes import Source


class ExactReader:
    """Buffers the pieces of a source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._buffer = bytearray()

    async def exactly(self, size: int) -> bytes | None:
        """So many bytes, None when the source ends before."""
        while len(self._buffer) < size:
            piece = await self._source.read()
            if not piece:
                return None
            self._buffer += piece
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data
