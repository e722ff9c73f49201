"""The zip of an APK: entries in a fixed order, no timestamps, stored entries aligned as `zipalign -p 4` wants them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

_ALIGNMENT_EXTRA = 0xD935
"""The extra field in which Android's own signer stores padding (apksig, ApkSigner.java)."""

_DOS_EPOCH = (1981, 1, 1, 1, 1, 2)
"""The timestamp that Android's build tools give every entry."""

_UNIX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of the package."""

    name: str
    data: bytes
    stored: bool = False
    """Not compressed, so that Android can map it into memory."""

    @property
    def alignment(self) -> int:
        """Native libraries lie on memory pages, other stored entries on words."""
        if not self.stored:
            return 1
        return 4096 if self.name.endswith(".so") else 4


def archive(entries: Iterable[Entry]) -> bytes:
    """The zip, byte for byte the same for the same entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for entry in entries:
            target.writestr(_info(entry, at=buffer.tell()), entry.data)
    return buffer.getvalue()


def _info(entry: Entry, *, at: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(entry.name, _DOS_EPOCH)
    info.compress_type = zipfile.ZIP_STORED if entry.stored else zipfile.ZIP_DEFLATED
    info.create_system = _UNIX
    info.external_attr = 0o644 << 16
    info.extra = _padding(at + 30 + len(entry.name.encode()), entry.alignment)
    return info


def _padding(data_at: int, alignment: int) -> bytes:
    """An extra field after which the data begins on a multiple of the alignment."""
    if alignment == 1 or data_at % alignment == 0:
        return b""
    smallest = 6
    zeros = -(data_at + smallest) % alignment
    return struct.pack("<HHH", _ALIGNMENT_EXTRA, 2 + zeros, alignment) + bytes(zeros)
