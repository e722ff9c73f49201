"""The string pool shared by binary XML and resource tables (`ResStringPool_header` in AOSP's ResourceTypes.h)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_POOL_TYPE = 0x0001
_HEADER_SIZE = 28
_MAX_LENGTH = 0x7FFF
"""In UTF-16 units; longer strings need a second length word, which nothing here has."""


def string_pool(strings: Sequence[str]) -> bytes:
    """The chunk that holds the strings in this order, as UTF-16.

    Raises:
        ValueError: A string is longer than 32,767 units.
    """
    encoded = [_encoded(text) for text in strings]
    offsets, position = [], 0
    for item in encoded:
        offsets.append(position)
        position += len(item)
    data = b"".join(encoded)
    data += bytes(-len(data) % 4)
    start = _HEADER_SIZE + 4 * len(offsets)
    header = struct.pack(
        "<HHIIIIII", _POOL_TYPE, _HEADER_SIZE, start + len(data), len(offsets), 0, 0, start if offsets else 0, 0
    )
    return header + struct.pack(f"<{len(offsets)}I", *offsets) + data


def _encoded(text: str) -> bytes:
    units = text.encode("utf-16-le")
    if len(units) // 2 > _MAX_LENGTH:
        raise ValueError(f"a string in an APK has at most {_MAX_LENGTH} characters, not {len(units) // 2}")
    return struct.pack("<H", len(units) // 2) + units + b"\0\0"
