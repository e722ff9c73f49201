"""Long payloads, kept by their SHA-256 outside the rows of events: in files, or in a table that all machines share.

SQLite keeps them in files beside the database. A team's PostgreSQL is reached from machines that share no disk, so
there they stand in the table `blob` (PostgreSQL moves long values out of the row and compresses them itself), unless
the address names a shared folder with `?blobs=`.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, insert, select

from validator.history.chain import digest as digest_of
from validator.history.errors import HistoryError
from validator.history.tables import BLOB
from validator.support.files import slug, write_atomic

THRESHOLD = 16 * 1024
"""Characters from which a payload is long. PostgreSQL reads rows in pages of 8 KiB, SQLite of 4 KiB: a longer payload
would make every scan over events read what hardly any question asks for."""


class Blobs(Protocol):
    """Keeps and returns long payloads of one tenant."""

    def keep(self, connection: Connection, tenant: str, payload: str) -> str:
        """Keep a payload and return its digest; durable at the latest when the transaction is committed."""
        ...

    def read(self, connection: Connection, tenant: str, digest: str) -> str:
        """The payload behind a digest.

        Raises:
            HistoryError: It is missing or was changed.
        """
        ...


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
        file = self._file(tenant, digest)
        try:
            data = file.read_bytes()
        except OSError as error:
            raise _broken(str(file), error.strerror or str(error)) from error
        return _unpacked(data, digest, str(file))

    def _file(self, tenant: str, digest: str) -> Path:
        return self._folder / slug(tenant) / digest[:2] / f"{digest}.json.z"


class TableBlobs:
    """The table `blob`."""

    def keep(self, connection: Connection, tenant: str, payload: str) -> str:
        """Insert the payload, unless it is there."""
        digest = digest_of(payload)
        if self._data(connection, tenant, digest) is None:
            data = zlib.compress(payload.encode("ascii"))
            connection.execute(insert(BLOB).values(tenant=tenant, digest=digest, data=data))
        return digest

    def read(self, connection: Connection, tenant: str, digest: str) -> str:
        """Read the row and hold it against its digest."""
        data = self._data(connection, tenant, digest)
        if data is None:
            raise _broken(f"blob {digest}", "no such row")
        return _unpacked(data, digest, f"blob {digest}")

    def _data(self, connection: Connection, tenant: str, digest: str) -> bytes | None:
        query = select(BLOB.c.data).where(BLOB.c.tenant == tenant, BLOB.c.digest == digest)
        return connection.execute(query).scalar()


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


def _unpacked(data: bytes, digest: str, where: str) -> str:
    try:
        payload = zlib.decompress(data).decode("ascii")
    except (zlib.error, UnicodeDecodeError) as error:
        raise _broken(where, str(error)) from error
    if digest_of(payload) != digest:
        raise _broken(where, "its content is not what its name says")
    return payload


def _broken(where: str, why: str) -> HistoryError:
    remedy = "restore it from a backup or an export; `validator history verify` names the event that needs it"
    return HistoryError(f"a long event's payload is missing or broken: {why}", where=where, remedy=remedy)
