"""The testimony of a SQLite file, by Python's own driver and for reading only.

To load the full store takes ten times as long as the answer. Whatever is unusual is left to it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from validator.history.address import Address, Kind
from validator.history.errors import HistoryError
from validator.history.revision import NEWEST
from validator.history.tenant_name import require_tenant_name
from validator.history.testimony import Row, Subject, Testimony, testify

BUSY_SECONDS = 5.0
"""How long a lock is waited for before the full store is asked, which waits longer."""


class UnusualError(HistoryError):
    """The file cannot be read in this way; nothing is said about what is in it."""


class SqliteFile:
    """One SQLite file of today's shape."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def testimony(self, subject: Subject) -> Testimony:
        """What it says about a subject, in one transaction.

        Raises:
            UnusualError: It is no SQLite file, not there, locked, of another shape, or damaged.
            HistoryError: An event is not what was stored, or is missing.
            TenantError: Nobody can have this tenant's name.
        """
        require_tenant_name(subject.tenant)
        file = self._address.file
        if self._address.kind is not Kind.SQLITE or file is None or not file.is_file():
            raise UnusualError("this is no SQLite file", where=self._address.shown)
        try:
            with closing(_opened(file)) as connection:
                return self._read(connection, subject)
        except sqlite3.Error as error:
            raise UnusualError(str(error), where=self._address.shown) from error

    def _read(self, connection: sqlite3.Connection, subject: Subject) -> Testimony:
        connection.execute("BEGIN")
        if connection.execute("SELECT version_num FROM alembic_version").fetchall() != [(NEWEST,)]:
            raise UnusualError("it has another shape", where=self._address.shown)

        def ask(sql: str, values: Mapping[str, str]) -> Sequence[Row]:
            cursor = connection.execute(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

        return testify(ask, lambda digest: self._long(subject.tenant, digest), subject)

    def _long(self, tenant: str, digest: str) -> str:
        from validator.history.blob_files import FileBlobs  # noqa: PLC0415 - few records need it, and all would pay

        folder = self._address.blobs
        if folder is None:
            raise UnusualError("it has no folder of long events", where=self._address.shown)
        return FileBlobs(folder).load(tenant, digest)


def _opened(file: Path) -> sqlite3.Connection:
    address = f"file:{quote(str(file))}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
