"""What Android's binary XML and resource tables are made of: chunks, and pools of strings.

Layout: AOSP `frameworks/base/libs/androidfw/include/androidfw/ResourceTypes.h`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_UTF8_FLAG = 1 << 8


class ChunkError(Exception):
    """The bytes are not what they should be; the text says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of the file with its kind: offsets of its start, of its body behind the header, and of its end."""

    kind: int
    start: int
    body: int
    end: int


def read_chunk(data: bytes, at: int) -> Chunk:
    """The chunk that starts at an offset; it may go beyond the end of the data.

    Raises:
        ChunkError: its sizes are impossible.
    """
    try:
        kind, header, size = struct.unpack_from("<HHI", data, at)
    except struct.error:
        raise ChunkError(f"no chunk at byte {at}") from None
    if header < 8 or size < header:
        raise ChunkError(f"impossible chunk at byte {at}")
    return Chunk(kind=kind, start=at, body=at + header, end=at + size)


def chunks(data: bytes, at: int, end: int) -> Iterator[Chunk]:
    """The chunks between two offsets, one after the other.

    Raises:
        ChunkError: one is impossible, or goes beyond the end of the data.
    """
    while at + 8 <= end:
        chunk = read_chunk(data, at)
        if chunk.end > len(data):
            raise ChunkError(f"chunk at byte {at} goes beyond the end")
        yield chunk
        at = chunk.end


def read_strings(data: bytes, chunk: Chunk) -> list[str]:
    """The strings of a string pool.

    Raises:
        ChunkError: it is damaged.
    """
    try:
        count, _styles, flags, start, _styles_start = struct.unpack_from("<5I", data, chunk.start + 8)
        if count > (chunk.end - chunk.body) // 4:
            raise ChunkError("more strings than fit")
        offsets = struct.unpack_from(f"<{count}I", data, chunk.body)
        read = _utf8 if flags & _UTF8_FLAG else _utf16
        return [read(data, chunk.start + start + offset, chunk.end) for offset in offsets]
    except struct.error as problem:
        raise ChunkError(f"damaged strings: {problem}") from None


def _utf8(data: bytes, at: int, end: int) -> str:
    _, at = _length(data, at, "B", 7)  # in UTF-16 units, of no interest
    size, at = _length(data, at, "B", 7)
    return data[at : min(at + size, end)].decode("utf-8", "replace")


def _utf16(data: bytes, at: int, end: int) -> str:
    size, at = _length(data, at, "<H", 15)
    return data[at : min(at + 2 * size, end)].decode("utf-16-le", "replace")


def _length(data: bytes, at: int, unit: str, bits: int) -> tuple[int, int]:
    """A length of one unit, or of two when the first one's top bit is set."""
    width = struct.calcsize(unit)
    (first,) = struct.unpack_from(unit, data, at)
    if not first >> bits:
        return first, at + width
    (second,) = struct.unpack_from(unit, data, at + width)
    return (first & ((1 << bits) - 1)) << (bits + 1) | second, at + 2 * width
