"""The string pool of Android's binary resources. Pure.

Layout: `ResStringPool_header` in `ResourceTypes.h` of the Android Open Source Project. Strings are decoded one by one
when they are asked for, and within a budget: a pool whose entries all point at one long string would otherwise fill the
memory (a manifest of 260 KB made apkInspector 1.3.7 take 1.4 GB).
"""

from __future__ import annotations

from typing import Final

from validator.builds.apk.bytesource import ApkUnreadableError, ByteSource, numbers

_HEADER: Final = 8
_UTF8: Final = 0x100
_STRING_BUDGET: Final = 8 * 1024 * 1024
"""Bytes of all strings that are decoded; real manifests have some hundred kilobytes."""


class StringPool:
    """A string pool, read where it is asked."""

    def __init__(self, chunk: ByteSource) -> None:
        self._chunk = chunk
        self._budget = _STRING_BUDGET
        self._known: dict[int, str] = {}
        self._count, _, flags, self._start, _ = numbers(chunk, "IIIII", _HEADER) if chunk.size else (0, 0, 0, 0, 0)
        self._utf8 = bool(flags & _UTF8)
        self._offsets = numbers(chunk, "H", 2)[0] if chunk.size else 0

    def text(self, index: int) -> str:
        """The string of this index."""
        if index not in self._known:
            if index >= self._count:
                raise ApkUnreadableError(f"it asks for string {index} of {self._count}")
            (offset,) = numbers(self._chunk, "I", self._offsets + 4 * index)
            self._known[index] = self._decode(self._start + offset)
        return self._known[index]

    def _decode(self, place: int) -> str:
        if self._utf8:
            _, place = self._length(place, "B")  # in UTF-16 units: of no interest
            length, place = self._length(place, "B")
        else:
            length, place = self._length(place, "H")
            length *= 2
        self._budget -= length
        if self._budget < 0:
            raise ApkUnreadableError("its strings are larger than any manifest's")
        raw = self._chunk.at(place, length)
        return raw.decode("utf-8" if self._utf8 else "utf-16-le", "replace")

    def _length(self, place: int, unit: str) -> tuple[int, int]:
        """A length in one unit, or in two when the highest bit of the first is set; and the place after it."""
        width, bits = (1, 8) if unit == "B" else (2, 16)
        (first,) = numbers(self._chunk, unit, place)
        high = 1 << (bits - 1)
        if not first & high:
            return first, place + width
        (second,) = numbers(self._chunk, unit, place + width)
        return (first & (high - 1)) << bits | second, place + 2 * width
