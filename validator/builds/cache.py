"""APKs that were fetched before, by their content: what has the wanted digest is not fetched again."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.files import sha256_file

_KEPT: Final = 8
"""The newest APKs that stay."""
_ABANDONED_SECONDS: Final = 24 * 3600.0
"""After which an unfinished file belongs to a process that is no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """A folder of APKs named by their SHA-256."""

    folder: Path
    """Made when it is needed."""

    def find(self, sha256: str) -> Path | None:
        """The APK of this digest, if it is there and still what it was."""
        path = self._path(sha256)
        try:
            if sha256_file(path) == sha256:
                os.utime(path)
                return path
        except OSError:
            return None
        path.unlink(missing_ok=True)
        return None

    @contextmanager
    def receiving(self) -> Iterator[BinaryIO]:
        """An empty file to fetch into; what is not kept is gone at the end of the block.

        Raises:
            StageError: `apk_missing`: the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._tidy()
            path = self.folder / f".part-{secrets.token_hex(8)}"
            file = path.open("x+b")
        except OSError as error:
            raise StageError(
                Cause.APK_MISSING,
                f"the folder for fetched APKs cannot be written: {error.strerror}",
                where=str(self.folder),
                remedy="check its permissions and the free space",
            ) from error
        try:
            with file:
                yield file
        finally:
            path.unlink(missing_ok=True)

    def keep(self, file: BinaryIO, sha256: str) -> Path:
        """Take what was fetched, whole and of this digest, into the cache."""
        file.flush()
        return Path(file.name).replace(self._path(sha256))

    def _path(self, sha256: str) -> Path:
        return self.folder / f"{sha256}.apk"

    def _tidy(self) -> None:
        """Other processes may be tidying, too: what is gone is gone."""
        with suppress(FileNotFoundError):
            for part in self.folder.glob(".part-*"):
                if time.time() - part.stat().st_mtime > _ABANDONED_SECONDS:
                    part.unlink(missing_ok=True)
            for old in sorted(self.folder.glob("*.apk"), key=lambda path: path.stat().st_mtime)[: 1 - _KEPT]:
                old.unlink(missing_ok=True)
