"""Where the readers get bytes from, and the one error that they raise. Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Protocol


class ApkUnreadableError(ValueError):
    """The file is not an APK that Android would read; the text says where it stops being one."""


class ByteSource(Protocol):
    """Random access to the bytes of one file."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def at(self, offset: int, length: int) -> bytes:
        """The bytes from the offset on, exactly so many.

        Raises:
            ApkUnreadableError: The file ends before.
        """
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of memory whose readers cannot leave it."""

    data: bytes

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return len(self.data)

    def at(self, offset: int, length: int) -> bytes:
        """The bytes from the offset on, exactly so many.

        Raises:
            ApkUnreadableError: The window ends before.
        """
        if offset < 0 or length < 0 or offset + length > len(self.data):
            raise ApkUnreadableError(f"it points to bytes {offset} to {offset + length} of {len(self.data)}")
        return self.data[offset : offset + length]

    def numbers(self, layout: str, offset: int) -> tuple[int, ...]:
        """Unsigned numbers from the offset on; the layout is `struct`'s, little-endian.

        Raises:
            ApkUnreadableError: The window ends before.
        """
        form = struct.Struct(f"<{layout}")
        return form.unpack(self.at(offset, form.size))


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a larger source whose readers cannot leave it; nothing is held in memory."""

    source: ByteSource
    start: int
    size: int

    def at(self, offset: int, length: int) -> bytes:
        """The bytes from the offset on, exactly so many.

        Raises:
            ApkUnreadableError: The section ends before.
        """
        if offset < 0 or length < 0 or offset + length > self.size:
            raise ApkUnreadableError(f"it points to bytes {offset} to {offset + length} of {self.size}")
        return self.source.at(self.start + offset, length)


def numbers(source: ByteSource, layout: str, offset: int) -> tuple[int, ...]:
    """Unsigned numbers from the offset on; the layout is `struct`'s, little-endian.

    Raises:
        ApkUnreadableError: The source ends before.
    """
    form = struct.Struct(f"<{layout}")
    return form.unpack(source.at(offset, form.size))
