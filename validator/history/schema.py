"""Which shape a database has, and how it gets the one that this program needs.

SQLite is made on first use and migrated by whoever opens it, after a backup. PostgreSQL belongs to a team, so it is
migrated on command only. A database of a newer program is refused by both.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Connection, inspect

from validator.history.database import Database, make_folder
from validator.history.errors import HistoryError, StoreOutdatedError, StoreTooNewError, StoreUnreachableError
from validator.history.revision import NEWEST, REVISIONS

MIGRATION_SECONDS = 300.0
"""How long opening waits for another process that makes or migrates the file."""
_SCRIPTS = Path(__file__).parent / "migrations"

Fill = Callable[[Connection], None]
"""Makes the projections of all tenants from their events."""


def revision_of(connection: Connection) -> str:
    """The revision of the database; empty when it has none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")


def make_ready(database: Database, fill: Fill) -> str:
    """See that the database has today's shape; returns the revision that it had before.

    Args:
        database: The database.
        fill: Called in the migrating transaction, so that no crash leaves tables of today without what is in them.

    Raises:
        StoreTooNewError: A newer program made it.
        StoreOutdatedError: It is a PostgreSQL database that was not migrated yet.
        StoreUnreachableError: It cannot be reached.
    """
    if database.address.file is not None:
        make_folder(database.address.file)
    with _alone(database):
        found = _checked(database)
        if found == NEWEST:
            return found
        if not database.is_postgresql:
            return _move(database, found, NEWEST, fill)
    raise StoreOutdatedError(
        f"the store is at revision {found or 'none'}, this program needs {NEWEST}",
        where=database.address.shown,
        remedy="run `validator history migrate` once, as a user who owns the database",
    )


def migrate(database: Database, target: str, fill: Fill) -> str:
    """Bring the database to a revision, up or down; returns the revision that it had before.

    A file that holds data is copied to `<name>.before-<revision>.bak` first. Down to `base` removes everything; up to
    the newest, `fill` is called in the same transaction.

    Raises:
        HistoryError: There is no such revision, or the step failed; nothing was changed.
    """
    if target not in (*REVISIONS, "base"):
        remedy = f"name one of {', '.join(REVISIONS)}, or base"
        raise HistoryError(f"there is no revision {target!r}", where=database.address.shown, remedy=remedy)
    with _alone(database):
        return _move(database, _checked(database), target, fill)


def _move(database: Database, found: str, target: str, fill: Fill) -> str:
    if found == target:
        return found
    if found and database.address.file is not None:
        _back_up(database.address.file, target)
    with database.owning() as connection:
        if database.is_postgresql:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('validator.history'))")
            found = revision_of(connection)
        if found != target:
            _step(connection, found, target)
            if target == NEWEST and found:
                fill(connection)
    return found


def _checked(database: Database) -> str:
    with database.looking() as connection:
        found = revision_of(connection)
    if found and found not in REVISIONS:
        raise StoreTooNewError(
            f"the store is at revision {found}, which is newer than this program ({NEWEST})",
            where=database.address.shown,
            remedy="upgrade validator on this machine; an older one must not write into it",
        )
    return found


def _step(connection: Connection, found: str, target: str) -> None:
    from alembic import command  # noqa: PLC0415 - only the rare migration pays for loading it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    up = target != "base" and (not found or REVISIONS.index(target) > REVISIONS.index(found))
    (command.upgrade if up else command.downgrade)(config, target)


@contextlib.contextmanager
def _alone(database: Database) -> Iterator[None]:
    """One process at a time makes, checks or migrates a file; on PostgreSQL an advisory lock sees to that."""
    file = database.address.file
    if file is None:
        yield
        return
    lock = file.with_name(f"{file.name}.lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        message = f"the store cannot be opened: {error.strerror}"
        raise HistoryError(message, where=str(lock), remedy="mend the permissions of this folder") from error
    try:
        _take(descriptor, lock)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, lock: Path) -> None:
    until = time.monotonic() + MIGRATION_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise StoreUnreachableError(
                    f"another process has been migrating the store for {MIGRATION_SECONDS:.0f} s",
                    after=10.0,
                    where=str(lock),
                    remedy="wait for it, or end it; the lock goes with its process",
                ) from None
            time.sleep(0.01)
        else:
            return


def _back_up(file: Path, target: str) -> None:
    """Copy the database with SQLite's own backup, which also sees what stands in the write-ahead log."""
    copy = file.with_name(f"{file.name}.before-{target}.bak")
    with contextlib.closing(sqlite3.connect(file)) as source, contextlib.closing(sqlite3.connect(copy)) as backup:
        source.backup(backup)
