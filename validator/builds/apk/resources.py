"""The resource table `resources.arsc`: which files and texts stand behind a resource id. Pure.

Layout: `ResTable_*` in `ResourceTypes.h` of the Android Open Source Project. Only what is asked for is
read: a table may have tens of megabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from validator.builds.apk.archive import Archive, content, stored_section
from validator.builds.apk.bytesource import ApkUnreadableError, ByteSource, Section, Window, numbers
from validator.builds.apk.pool import StringPool

_NAME: Final = "resources.arsc"
_LARGEST_PACKED: Final = 24 * 1024 * 1024
"""Bytes of a compressed table, which has to be held in memory; apps for Android 11 and newer must not compress it."""
_TABLE, _STRING_POOL, _PACKAGE, _TYPE = 0x0002, 0x0001, 0x0200, 0x0201
_REFERENCE, _STRING = 0x01, 0x03
_SPARSE, _SHORT_OFFSETS = 0x01, 0x02
_COMPLEX, _COMPACT = 0x0001, 0x0008
_NO_ENTRY, _NO_SHORT_ENTRY = 0xFFFFFFFF, 0xFFFF
_HEADER: Final = 8
_LONGEST_WAY: Final = 8
"""References from one resource to another that are followed."""
_MOST_VALUES: Final = 1000


def resource_texts(source: ByteSource, archive: Archive, resource: int) -> tuple[str, ...]:
    """The texts of a resource in all configurations of devices, each once; for a file, its path in the archive.

    Raises:
        ApkUnreadableError: The table is damaged.
    """
    entry = archive.find(_NAME)
    if entry is None:
        return ()
    packed = stored_section(source, entry)
    table = packed if packed is not None else Window(content(source, entry, _LARGEST_PACKED))
    try:
        return tuple(dict.fromkeys(_Table(table).texts(resource)))
    except ApkUnreadableError as error:
        raise ApkUnreadableError(f"{_NAME}: {error}") from error


class _Table:
    def __init__(self, table: ByteSource) -> None:
        kind, header, size = numbers(table, "HHI", 0)
        if kind != _TABLE or size > table.size:
            raise ApkUnreadableError("it is no resource table")
        self._table = table
        self._chunks = tuple(_chunks(table, header, size))
        pools = [Section(table, start, length) for kind, start, length in self._chunks if kind == _STRING_POOL]
        self._strings = StringPool(pools[0]) if pools else StringPool(Window(b""))

    def texts(self, resource: int, way: int = 0) -> Iterator[str]:
        for number, (kind, data) in enumerate(self._values(resource)):
            if way > _LONGEST_WAY or number > _MOST_VALUES:
                raise ApkUnreadableError("its references lead nowhere")
            if kind == _STRING:
                yield self._strings.text(data)
            elif kind == _REFERENCE and data:
                yield from self.texts(data, way + 1)

    def _values(self, resource: int) -> Iterator[tuple[int, int]]:
        for kind, start, length in self._chunks:
            if kind != _PACKAGE or numbers(self._table, "I", start + _HEADER)[0] != resource >> 24:
                continue
            header = numbers(self._table, "H", start + 2)[0]
            for inner, place, size in _chunks(self._table, start + header, start + length):
                if inner == _TYPE and numbers(self._table, "B", place + _HEADER)[0] == resource >> 16 & 0xFF:
                    yield from _value(Section(self._table, place, size), resource & 0xFFFF)


def _chunks(table: ByteSource, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Type, offset and size of each chunk."""
    position = start
    while position + _HEADER <= end:
        kind, header, size = numbers(table, "HHI", position)
        if not _HEADER <= header <= size or position + size > end:
            raise ApkUnreadableError(f"a chunk at byte {position} has the size {size}")
        yield kind, position, size
        position += size


def _value(chunk: Section, index: int) -> Iterator[tuple[int, int]]:
    """Type and data of one entry in one configuration, if it has it and it is a single value."""
    _, flags, _, count, start = numbers(chunk, "BBHII", _HEADER)
    offset = _offset(chunk, numbers(chunk, "H", 2)[0], flags, count, index)
    if offset is None:
        return
    size, entry_flags, data = numbers(chunk, "HHI", start + offset)
    if entry_flags & _COMPACT:
        yield entry_flags >> 8, data
    elif not entry_flags & _COMPLEX:
        _, _, kind, value = numbers(chunk, "HBBI", start + offset + size)
        yield kind, value


def _offset(chunk: Section, header: int, flags: int, count: int, index: int) -> int | None:
    if flags & _SPARSE:
        return next((low * 4 for key, low in _pairs(chunk, header, count) if key == index), None)
    if index >= count:
        return None
    if flags & _SHORT_OFFSETS:
        (short,) = numbers(chunk, "H", header + 2 * index)
        return None if short == _NO_SHORT_ENTRY else short * 4
    (offset,) = numbers(chunk, "I", header + 4 * index)
    return None if offset == _NO_ENTRY else offset


def _pairs(chunk: Section, header: int, count: int) -> Iterator[tuple[int, int]]:
    if count > _NO_SHORT_ENTRY:
        raise ApkUnreadableError(f"a type claims to have {count} entries")
    flat = numbers(chunk, f"{2 * count}H", header)
    return zip(flat[::2], flat[1::2], strict=True)
