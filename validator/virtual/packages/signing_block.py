"""Where an APK's signature schemes 2 and 3 keep their data, and the bytes that they cover.

Source: source.android.com/docs/security/features/apksigning/v2 ("APK Signing Block", "Integrity-protected contents").
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_END_RECORD = b"PK\x05\x06"
_END_RECORD_BYTES = 22
_LONGEST_COMMENT = 0xFFFF
_MAGIC = b"APK Sig Block 42"


class SigningProblemError(Exception):
    """The signature is missing, damaged or wrong; the text says which."""


class Cursor:
    """Reads little-endian fields out of a piece of the block; running over its end is a problem of the signature."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def u32(self) -> int:
        """An unsigned 32 bit number."""
        (number,) = struct.unpack("<I", self.take(4))
        return int(number)

    def u64(self) -> int:
        """An unsigned 64 bit number."""
        (number,) = struct.unpack("<Q", self.take(8))
        return int(number)

    def take(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            SigningProblemError: fewer are left.
        """
        piece = self._data[self._at : self._at + size]
        if len(piece) != size:
            raise SigningProblemError("the APK Signing Block is damaged")
        self._at += size
        return piece

    def rest(self) -> bytes:
        """Everything up to the end."""
        return self.take(len(self._data) - self._at)

    def piece(self) -> bytes:
        """Bytes preceded by their length."""
        return self.take(self.u32())

    def pieces(self) -> list[bytes]:
        """A sequence of such pieces that itself is preceded by its length."""
        inner = Cursor(self.piece())
        found = []
        while inner:
            found.append(inner.piece())
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedApk:
    """An APK cut at its seams: offsets in bytes, and the pairs of its signing block by id (none when unsigned)."""

    data: bytes
    block: int
    directory: int
    end: int
    pairs: dict[int, bytes]

    def sections(self) -> tuple[memoryview, memoryview, bytes]:
        """The three covered pieces: entries, central directory, and the end record pointing at the signing block."""
        view = memoryview(self.data)
        end = bytearray(self.data[self.end :])
        struct.pack_into("<I", end, 16, self.block)
        return view[: self.block], view[self.directory : self.end], bytes(end)


def split(data: bytes) -> SignedApk:
    """Find the seams of an APK.

    Raises:
        SigningProblemError: no end record, or a damaged signing block.
    """
    end = _end_record(data)
    (directory,) = struct.unpack_from("<I", data, end + 16)
    if directory > end:
        raise SigningProblemError("the central directory lies beyond the end record")
    if directory < 32 or data[directory - 16 : directory] != _MAGIC:
        return SignedApk(data=data, block=directory, directory=directory, end=end, pairs={})
    (size,) = struct.unpack_from("<Q", data, directory - 24)
    block = directory - size - 8
    if block < 0 or size < 24 or struct.unpack_from("<Q", data, block) != (size,):
        raise SigningProblemError("the APK Signing Block is damaged")
    pairs = _pairs(data[block + 8 : directory - 24])
    return SignedApk(data=data, block=block, directory=directory, end=end, pairs=pairs)


def _end_record(data: bytes) -> int:
    at = data.rfind(_END_RECORD, max(0, len(data) - _END_RECORD_BYTES - _LONGEST_COMMENT))
    if at < 0 or at + _END_RECORD_BYTES > len(data):
        raise SigningProblemError("no end of central directory record")
    return at


def _pairs(block: bytes) -> dict[int, bytes]:
    cursor = Cursor(block)
    found: dict[int, bytes] = {}
    while cursor:
        inner = Cursor(cursor.take(cursor.u64()))
        number = inner.u32()
        found.setdefault(number, inner.rest())
    return found
