"""A file that keeps the end of what is written to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

_PIECE = 65_536


class RollingFile:
    """Keeps at least the last half of `limit` bytes and never more than all of it, on disk, under no name."""

    def __init__(self, limit: int) -> None:
        self._half = limit // 2
        self._older: IO[bytes] | None = None
        self._newer = _unnamed()
        self._size = 0
        self.dropped = False
        """Whether the beginning is gone."""

    def write(self, data: bytes) -> None:
        """Add to the end."""
        if self._size + len(data) > self._half and self._size:
            if self._older is not None:
                self._older.close()
                self.dropped = True
            self._older, self._newer, self._size = self._newer, _unnamed(), 0
        self._newer.write(data)
        self._size += len(data)

    def copy_to(self, path: Path, change: Callable[[str], str]) -> None:
        """Write what is kept to a file with a name, each piece of whole lines changed on its way.

        Raises:
            OSError: The file cannot be written.
        """
        with path.open("wb") as file:
            for part in (self._older, self._newer):
                if part is not None:
                    part.seek(0)
                    while lines := part.readlines(_PIECE):
                        file.write(change(b"".join(lines).decode("utf-8", "replace")).encode("utf-8", "replace"))

    def close(self) -> None:
        """Forget everything."""
        for part in (self._older, self._newer):
            if part is not None:
                part.close()


def _unnamed() -> IO[bytes]:
    return TemporaryFile(prefix="validator-log-")
