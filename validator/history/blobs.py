"""Long payloads, kept by their SHA-256 outside the rows of events: in files, or in a table that all machines share.

SQLite keeps them in files beside the database. A team's PostgreSQL is reached from machines that share no disk, so
there they stand in the table `blob` (PostgreSQL moves long values out of the row and compresses them itself), unless
the address names a shared folder with `?blobs=`.
"""

from __future__ import annotations

import zlib
from typing import Protocol

from sqlalchemy import Connection, insert, select

from validator.history.blob_files import broken, unpacked
from validator.history.chain import digest as digest_of
from validator.history.tables import BLOB

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
            raise broken(f"blob {digest}", "no such row")
        return unpacked(data, digest, f"blob {digest}")

    def _data(self, connection: Connection, tenant: str, digest: str) -> bytes | None:
        query = select(BLOB.c.data).where(BLOB.c.tenant == tenant, BLOB.c.digest == digest)
        return connection.execute(query).scalar()
