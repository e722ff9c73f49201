"""Long payloads in files: one per payload, named by its digest."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from validator.history.chain import digest as digest_of
from validator.history.errors import HistoryError
from validator.support.files import slug, write_atomic

if TYPE_CHECKING:
    from sqlalchemy import Connection


class FileBlobs:
    """A folder per tenant, a file per payload, named by digest, compressed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, connection: Connection, tenant: str, payload: str) -> str:
        """Write the file, unless it is there: one that is there is whole, because files are written atomically."""
        del connection
        digest = digest_of(payload)
        file = self._file(tenant, digest)
        try:
            if not file.exists():
                _make(file.parent)
                write_atomic(file, zlib.compress(payload.encode("ascii")))
        except OSError as error:
            message = f"a long event cannot be kept: {error.strerror}"
            raise HistoryError(message, where=str(file), remedy="free space or mend the permissions") from error
        return digest

    def read(self, connection: Connection, tenant: str, digest: str) -> str:
        """Read the file and hold it against its name."""
        del connection
        return self.load(tenant, digest)

    def load(self, tenant: str, digest: str) -> str:
        """The payload behind a digest, without a database.

        Raises:
            HistoryError: It is missing or was changed.
        """
        file = self._file(tenant, digest)
        try:
            data = file.read_bytes()
        except OSError as error:
            raise broken(str(file), error.strerror or str(error)) from error
        return unpacked(data, digest, str(file))

    def _file(self, tenant: str, digest: str) -> Path:
        return self._folder / slug(tenant) / digest[:2] / f"{digest}.json.z"


def _make(folder: Path) -> None:
    """Make a folder whose name survives a loss of power, as the file's name in it will."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        descriptor = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def unpacked(data: bytes, digest: str, where: str) -> str:
    """The payload in compressed bytes, held against its digest.

    Raises:
        HistoryError: They are no such payload.
    """
    try:
        payload = zlib.decompress(data).decode("ascii")
    except (zlib.error, UnicodeDecodeError) as error:
        raise broken(where, str(error)) from error
    if digest_of(payload) != digest:
        raise broken(where, "its content is not what its name says")
    return payload


def broken(where: str, why: str) -> HistoryError:
    """The error that a long payload cannot be read."""
    remedy = "restore it from a backup or an export; `validator history verify` names the event that needs it"
    return HistoryError(f"a long event's payload is missing or broken: {why}", where=where, remedy=remedy)
