"""The ZIP side of an APK, with limits, so that a damaged or hostile file cannot hurt the device."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    UnicodeError,
    ValueError,
)
"""What `zipfile` raises for damaged archives: unknown methods, passwords, impossible offsets, broken streams."""
_LARGEST_ENTRY = 64 * 1024 * 1024
_LARGEST_ASSETS = 256 * 1024 * 1024


class ArchiveError(Exception):
    """The file is not a ZIP archive, or an entry of it cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where an entry lies: whether it is stored uncompressed, and the offset of its data in the file."""

    name: str
    stored: bool
    offset: int


class Archive:
    """Reads entries of an APK held in memory."""

    def __init__(self, data: bytes) -> None:
        """Read the directory.

        Raises:
            ArchiveError: not a ZIP archive.
        """
        self._data = data
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self.names: tuple[str, ...] = tuple(self._zip.namelist())
        except _DAMAGE as problem:
            raise ArchiveError(str(problem) or type(problem).__name__) from None

    def read(self, name: str) -> bytes:
        """The content of an entry.

        Raises:
            ArchiveError: absent, damaged or unreasonably large.
        """
        try:
            info = self._zip.getinfo(name)
            if info.file_size > _LARGEST_ENTRY:
                raise ArchiveError(f"{name} is larger than {_LARGEST_ENTRY} bytes")
            with self._zip.open(info) as file:
                return file.read(_LARGEST_ENTRY)
        except KeyError:
            raise ArchiveError(f"no entry {name}") from None
        except _DAMAGE as problem:
            raise ArchiveError(f"{name}: {str(problem) or type(problem).__name__}") from None

    def entry(self, name: str) -> Entry | None:
        """Where an entry lies, None when there is none.

        Raises:
            ArchiveError: its local header is damaged.
        """
        if name not in self.names:
            return None
        info = self._zip.getinfo(name)
        try:
            name_length, extra_length = struct.unpack_from("<HH", self._data, info.header_offset + 26)
        except struct.error as problem:
            raise ArchiveError(f"{name}: {problem}") from None
        offset = info.header_offset + 30 + name_length + extra_length
        return Entry(name=name, stored=info.compress_type == zipfile.ZIP_STORED, offset=offset)

    def native_abis(self) -> frozenset[str]:
        """The ABIs for which there are native libraries (`lib/ABI/*.so`)."""
        parts = [name.split("/") for name in self.names]
        return frozenset(part[1] for part in parts if len(part) == 3 and part[0] == "lib" and part[2].endswith(".so"))

    def assets(self) -> dict[str, bytes]:
        """Every file under `assets/`, by its full name.

        Raises:
            ArchiveError: one is damaged, or together they are unreasonably large.
        """
        found: dict[str, bytes] = {}
        total = 0
        for name in self.names:
            if name.startswith("assets/") and not name.endswith("/"):
                found[name] = self.read(name)
                total += len(found[name])
                if total > _LARGEST_ASSETS:
                    raise ArchiveError(f"assets are larger than {_LARGEST_ASSETS} bytes")
        return found
