"""The ZIP archive that an APK is, read as strictly as Android reads it. Pure.

Python's own reader is not used: it takes whatever the central directory says (a million entries, names that occur
twice, entries that overlap), while an APK that Android refuses must end here with the reason. Layout: APPNOTE.TXT
6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from validator.builds.apk.bytesource import ApkUnreadableError, ByteSource, Section, Window

_END: Final = b"PK\5\6"
_CENTRAL: Final = 0x02014B50
_LOCAL: Final = 0x04034B50
_END_SIZE: Final = 22
_CENTRAL_SIZE: Final = 46
_LOCAL_SIZE: Final = 30
_LONGEST_COMMENT: Final = 0xFFFF
_ZIP64: Final = 0xFFFF
_LARGEST_DIRECTORY: Final = 32 * 1024 * 1024
"""Bytes; the 65,534 entries that are possible take about 7 MB."""
_ENCRYPTED: Final = 1
_STORED: Final = 0
_DEFLATED: Final = 8
_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of the archive, as the central directory says."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    """Bytes in the archive."""
    size: int
    """Bytes unpacked."""
    offset: int
    """Of its local header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The table of contents."""

    entries: tuple[Entry, ...]
    directory: int
    """Offset of the central directory: Android's signing block ends right before it."""

    def find(self, name: str) -> Entry | None:
        """The entry of this name."""
        return next((entry for entry in self.entries if entry.name == name), None)


def read_archive(source: ByteSource) -> Archive:
    """Read the table of contents.

    Raises:
        ApkUnreadableError: It is no ZIP archive, or one that Android refuses.
    """
    count, length, start = _end_record(source)
    entries = tuple(_entries(Window(source.at(start, length)), count))
    _refuse_duplicates(entries)
    _refuse_overlap(entries, start)
    return Archive(entries=entries, directory=start)


def unpack(source: ByteSource, entry: Entry) -> Iterator[bytes]:
    """The entry's content in pieces of up to about 1 MiB, checked against its size and checksum.

    Raises:
        ApkUnreadableError: It is packed in a way that Android does not know, or damaged.
    """
    if entry.flags & _ENCRYPTED or entry.method not in (_STORED, _DEFLATED):
        raise ApkUnreadableError(f"{entry.name} is encrypted, or packed with method {entry.method}")
    size, crc = 0, 0
    for piece in _stored(source, entry) if entry.method == _STORED else _inflated(source, entry):
        size += len(piece)
        if size > entry.size:
            raise ApkUnreadableError(f"{entry.name} unpacks to more than the {entry.size} bytes that it declares")
        crc = zlib.crc32(piece, crc)
        yield piece
    if size != entry.size or crc != entry.crc:
        raise ApkUnreadableError(f"{entry.name} is damaged: its size or checksum is not what the archive says")


def content(source: ByteSource, entry: Entry, limit: int) -> bytes:
    """The whole content of a small entry.

    Raises:
        ApkUnreadableError: It is larger than the limit, or damaged.
    """
    if entry.size > limit:
        raise ApkUnreadableError(f"{entry.name} declares {entry.size} bytes; {limit} are the most that make sense")
    return b"".join(unpack(source, entry))


def stored_section(source: ByteSource, entry: Entry) -> Section | None:
    """Where the content of an uncompressed entry lies; its checksum is not looked at. None: it is compressed.

    Raises:
        ApkUnreadableError: It is not where the table of contents says.
    """
    if entry.method != _STORED or entry.flags & _ENCRYPTED:
        return None
    return Section(source, _data_offset(source, entry), entry.packed)


def _end_record(source: ByteSource) -> tuple[int, int, int]:
    """How many entries, and the length and offset of their directory."""
    if source.size == 0:
        raise ApkUnreadableError("the file is empty")
    length = min(source.size, _END_SIZE + _LONGEST_COMMENT)
    tail = Window(source.at(source.size - length, length))
    found = tail.data.rfind(_END)
    if found < 0 or found + _END_SIZE > tail.size:
        raise ApkUnreadableError("not a ZIP archive, or cut off: it has no end-of-central-directory record")
    here, total, length, start = tail.numbers("HHII", found + 8)
    record = source.size - tail.size + found
    if total == _ZIP64 or here != total:
        raise ApkUnreadableError(
            "it has 65,535 entries or more, or spans several disks: Android does not read such archives"
        )
    if length > _LARGEST_DIRECTORY or start + length > record:
        raise ApkUnreadableError("cut off or damaged: its table of contents does not lie inside the file")
    return total, length, start


def _entries(directory: Window, count: int) -> Iterator[Entry]:
    position = 0
    for _ in range(count):
        head = directory.numbers("IHHHHHHIIIHHHHHII", position)
        signature, _, _, flags, method, _, _, crc, packed, size, name, extra, comment, _, _, _, offset = head
        if signature != _CENTRAL:
            raise ApkUnreadableError("damaged: its table of contents ends early")
        text = _name(directory.at(position + _CENTRAL_SIZE, name))
        yield Entry(name=text, flags=flags, method=method, crc=crc, packed=packed, size=size, offset=offset)
        position += _CENTRAL_SIZE + name + extra + comment


def _name(raw: bytes) -> str:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ApkUnreadableError("an entry's name is not UTF-8") from None
    if not name or "\0" in name or name.startswith("/") or ".." in name.split("/"):
        raise ApkUnreadableError(f"an entry has the name {name[:80]!r}, which leads out of the archive")
    return name


def _refuse_duplicates(entries: Sequence[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.name in seen:
            raise ApkUnreadableError(f"it has two entries of the name {entry.name[:80]}")
        seen.add(entry.name)


def _refuse_overlap(entries: Sequence[Entry], directory: int) -> None:
    """Entries that share bytes are how a small archive unpacks to terabytes."""
    end = 0
    for entry in sorted(entries, key=lambda one: one.offset):
        if entry.offset < end:
            raise ApkUnreadableError(f"{entry.name[:80]} overlaps another entry")
        end = entry.offset + _LOCAL_SIZE + len(entry.name.encode()) + entry.packed
    if end > directory:
        raise ApkUnreadableError("damaged: its entries reach into its table of contents")


def _data_offset(source: ByteSource, entry: Entry) -> int:
    signature, *_, name, extra = Window(source.at(entry.offset, _LOCAL_SIZE)).numbers("IHHHHHIIIHH", 0)
    if signature != _LOCAL:
        raise ApkUnreadableError(f"{entry.name} is not where the table of contents says")
    return entry.offset + _LOCAL_SIZE + name + extra


def _stored(source: ByteSource, entry: Entry) -> Iterator[bytes]:
    start = _data_offset(source, entry)
    for position in range(0, entry.packed, _PIECE):
        yield source.at(start + position, min(_PIECE, entry.packed - position))


def _inflated(source: ByteSource, entry: Entry) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for packed in _stored(source, entry):
            pending = packed
            while pending and not inflate.eof:
                yield inflate.decompress(pending, _PIECE)
                pending = inflate.unconsumed_tail
        while not inflate.eof and (rest := inflate.decompress(b"", _PIECE)):
            yield rest
    except zlib.error as error:
        raise ApkUnreadableError(f"{entry.name} is damaged: {error}") from error
    if not inflate.eof:
        raise ApkUnreadableError(f"{entry.name} is cut off")
