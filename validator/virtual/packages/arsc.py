"""`resources.arsc`, as far as it gives an app its name.

Layout: `ResTable_*` in AOSP `frameworks/base/libs/androidfw/include/androidfw/ResourceTypes.h`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum

from validator.virtual.packages.chunks import Chunk, ChunkError, chunks, read_chunk, read_strings

_NO_ENTRY = 0xFFFFFFFF
_COMPLEX_ENTRY = 0x0001
_STRING_VALUE = 0x03


class _Kind(IntEnum):
    STRING_POOL = 0x0001
    TABLE = 0x0002
    PACKAGE = 0x0200
    TYPE = 0x0201


def string_resource(data: bytes, reference: str) -> str:
    """The text behind a reference such as `@0x7f010000`, in the default language; empty when there is none.

    Raises:
        ChunkError: the table is damaged.
    """
    number = int(reference.removeprefix("@"), 16)
    table = read_chunk(data, 0)
    if table.kind != _Kind.TABLE:
        raise ChunkError("not a resource table")
    strings: list[str] = []
    for chunk in chunks(data, table.body, min(table.end, len(data))):
        if chunk.kind == _Kind.STRING_POOL:
            strings = read_strings(data, chunk)
        elif chunk.kind == _Kind.PACKAGE and _u32(data, chunk.start + 8) == number >> 24:
            for index in _values(data, chunk, number):
                if index < len(strings):
                    return strings[index]
    return ""


def _values(data: bytes, package: Chunk, number: int) -> Iterator[int]:
    """Numbers of the strings that an entry has in its configurations; the first is nearly always the default one."""
    for chunk in chunks(data, package.body, package.end):
        if chunk.kind == _Kind.TYPE and data[chunk.start + 8 : chunk.start + 10] == bytes([number >> 16 & 0xFF, 0]):
            value = _value(data, chunk, number & 0xFFFF)
            if value is not None:
                yield value


def _value(data: bytes, chunk: Chunk, entry: int) -> int | None:
    count, start = _u32(data, chunk.start + 12), _u32(data, chunk.start + 16)
    offset = _u32(data, chunk.body + 4 * entry) if entry < count else _NO_ENTRY
    if offset == _NO_ENTRY:
        return None
    at = chunk.start + start + offset
    try:
        _size, flags, _key, _value_size, _zero, kind, value = struct.unpack_from("<HHIHBBI", data, at)
    except struct.error:
        raise ChunkError(f"entry at byte {at} goes beyond the end") from None
    return value if kind == _STRING_VALUE and not flags & _COMPLEX_ENTRY else None


def _u32(data: bytes, at: int) -> int:
    try:
        (number,) = struct.unpack_from("<I", data, at)
    except struct.error:
        raise ChunkError(f"nothing at byte {at}") from None
    return int(number)
