"""One database, SQLite or PostgreSQL: connections, transactions, and its errors in our words.

SQLite: write-ahead log, every commit synced (`synchronous=FULL`), writers take their turn with BEGIN IMMEDIATE.
PostgreSQL: every transaction works as the role `validator_app`, for one tenant; only `owning` keeps the login's rights.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, IntegrityError, InterfaceError, InternalError, OperationalError
from sqlalchemy.pool import QueuePool, StaticPool

from validator.history.address import Address, Kind
from validator.history.errors import ConflictError, DamagedStoreError, HistoryError, StoreUnreachableError
from validator.model.errors import ValidatorError

BUSY_SECONDS = 30.0
"""How long a writer waits for its turn before it says that the store is busy."""

_DAMAGED = ("malformed", "not a database", "disk image", "invalid page", "could not read block")
_FULL = ("disk is full", "disk i/o error", "no space left")


class Database:
    """Hands out transactions. Safe to share between threads; not over a fork."""

    def __init__(self, address: Address, *, busy: float = BUSY_SECONDS) -> None:
        self.address = address
        self._engine = _engine(address, busy)
        self._one = threading.RLock() if address.kind is Kind.MEMORY else contextlib.nullcontext()

    @property
    def is_postgresql(self) -> bool:
        """Whether the role, its policies and its locks are there."""
        return self.address.kind is Kind.POSTGRESQL

    @contextlib.contextmanager
    def reading(self, tenant: str) -> Iterator[Connection]:
        """A transaction that reads one consistent state of one tenant.

        Raises:
            StoreUnreachableError: The database is away or busy.
            HistoryError: It refuses, or is damaged.
        """
        with self._transaction(tenant=tenant, writes=False) as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self, tenant: str, *, busy: float | None = None, long: bool = False) -> Iterator[Connection]:
        """A transaction that may write; committed at its end, undone by any error. Raises as `reading`.

        Args:
            tenant: Whose record.
            busy: Seconds to wait for the turn; the database's own unless given.
            long: It may take as long as it needs, on the server and between two statements.
        """
        with self._transaction(tenant=tenant, writes=True, busy=busy, long=long) as connection:
            yield connection

    @contextlib.contextmanager
    def looking(self) -> Iterator[Connection]:
        """A reading transaction with the rights of the login itself: before there is a role or a tenant."""
        with self._transaction(tenant=None, writes=False) as connection:
            yield connection

    @contextlib.contextmanager
    def owning(self) -> Iterator[Connection]:
        """A writing transaction with the rights of the login itself: for migrations and pruning."""
        with self._transaction(tenant=None, writes=True, long=True) as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextlib.contextmanager
    def _transaction(
        self, *, tenant: str | None, writes: bool, busy: float | None = None, long: bool = False
    ) -> Iterator[Connection]:
        with self._one, self._translated(), self._engine.connect() as plain:
            connection = plain.execution_options(writes=writes, tenant=tenant, busy=busy, long=long)
            if self.is_postgresql and not writes:  # its default would show each statement another state
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except ValidatorError:
            raise
        except DatabaseError as error:
            raise self._in_our_words(error) from error
        except InterfaceError as error:
            raise _away(self.address, str(error.orig)) from error

    def _in_our_words(self, error: DatabaseError) -> ValidatorError:
        text, shown = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "", self.address.shown
        lower = text.lower()
        if isinstance(error, IntegrityError):
            return ConflictError(f"the store refused: {text}", where=shown, remedy="run `validator history verify`")
        if any(sign in lower for sign in _DAMAGED):
            remedy = "restore the newest backup or export, then import the runs' events.jsonl files again"
            return DamagedStoreError(f"the database is damaged: {text}", where=shown, remedy=remedy)
        if any(sign in lower for sign in _FULL):
            return HistoryError(f"the store cannot be written: {text}", where=shown, remedy="free space on its disk")
        if isinstance(error, OperationalError | InternalError) and _comes_back(lower, self.is_postgresql):
            return _away(self.address, text)
        return HistoryError(f"the store refused: {text}", where=shown, remedy="run `validator history migrate`")


def _comes_back(text: str, postgresql: bool) -> bool:
    """Whether this error is of the kind that passes: all of PostgreSQL's operational ones do, of SQLite's the locks."""
    return postgresql or "locked" in text or "busy" in text


def _away(address: Address, text: str) -> StoreUnreachableError:
    return StoreUnreachableError(
        f"the store does not answer: {text}",
        after=1.0,
        where=address.shown,
        remedy="see that the database runs and can be reached; what was not stored waits in the run's events.jsonl",
    )


def _engine(address: Address, busy: float) -> Engine:
    match address.kind:
        case Kind.POSTGRESQL:
            return _postgresql(address, busy)
        case Kind.SQLITE | Kind.MEMORY:
            return _sqlite(address, busy)


def _sqlite(address: Address, busy: float) -> Engine:
    target = str(address.file) if address.file is not None else ":memory:"

    def connect() -> sqlite3.Connection:
        # autocommit by the driver is off the table: SQLAlchemy's begin event below says when a transaction begins
        made = sqlite3.connect(target, timeout=busy, check_same_thread=False, isolation_level=None)
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("PRAGMA synchronous=FULL")
        made.execute("PRAGMA recursive_triggers=ON")
        return made

    pool = QueuePool if address.file is not None else StaticPool
    engine = create_engine("sqlite://", creator=connect, poolclass=pool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(f"PRAGMA busy_timeout={(options.get('busy') or busy) * 1000:.0f}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")

    return engine


def _postgresql(address: Address, busy: float) -> Engine:
    try:
        # an extra: imported only where PostgreSQL is configured
        from validator.history.database_postgresql import postgresql_engine  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise HistoryError(
            "PostgreSQL needs the package psycopg, which is not installed",
            where=address.shown,
            remedy="pip install 'validator[postgres]'",
        ) from error
    return postgresql_engine(address, busy)


def make_folder(file: Path) -> None:
    """Make the folder of a database file; a new one tells git to leave its content alone.

    Raises:
        HistoryError: It cannot be made.
    """
    try:
        if file.parent.is_dir():
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        (file.parent / ".gitignore").write_text("*\n", encoding="ascii")
    except OSError as error:
        remedy = "mend the permissions, or name another place under `history:`"
        message = f"the store's folder cannot be made: {error.strerror}"
        raise HistoryError(message, where=str(file.parent), remedy=remedy) from error
