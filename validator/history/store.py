"""The record of runs: opened by its address, used through repositories that are each bound to one tenant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, select, text

from validator.history.address import DEFAULT, Address, parse_address
from validator.history.blob_files import FileBlobs
from validator.history.blobs import Blobs, TableBlobs
from validator.history.budget import Budget
from validator.history.chain import Head
from validator.history.counting import Counting
from validator.history.database import BUSY_SECONDS, Database, make_folder
from validator.history.decisions import Decisions
from validator.history.errors import TenantError
from validator.history.exporting import Exported, write_export_file
from validator.history.failures import Failures
from validator.history.flows import Flows
from validator.history.importing import import_file
from validator.history.log import Appended, EventLog, stored_head
from validator.history.outbox import Outbox
from validator.history.prune import Pruned, prune
from validator.history.reading import StoredEvents
from validator.history.rebuild import rebuild
from validator.history.revision import NEWEST
from validator.history.runs import Runs
from validator.history.schema import make_ready, migrate
from validator.history.tables import TENANT
from validator.history.tenant_name import require_tenant_name
from validator.history.testimony import Row, Subject, Testimony, testify
from validator.history.verify import Verification, verify
from validator.support.clock import Clock, SystemClock


class Store:
    """One store, ready for use. Close it, or use it as a context manager."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        folder = database.address.blobs
        self._blobs: Blobs = FileBlobs(folder) if folder is not None else TableBlobs()

    def tenant(self, name: str) -> History:
        """One tenant's record; nothing reached from it can see another's.

        Raises:
            TenantError: This cannot be the name of a tenant.
        """
        require_tenant_name(name)
        return History(self._database, self._blobs, name, self._clock)

    def tenants(self) -> tuple[str, ...]:
        """Whose records are here; on PostgreSQL only the database's owner sees them."""
        with self._database.looking() as connection:
            return tuple(connection.execute(select(TENANT.c.name).order_by(TENANT.c.name)).scalars())

    def fill(self, connection: Connection) -> None:
        """Make every tenant's projections anew, in a transaction with the owner's rights; a migration ends with it."""
        for name in connection.execute(select(TENANT.c.name)).scalars().all():
            rebuild(StoredEvents(connection=connection, blobs=self._blobs, tenant=name))

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class History:
    """One tenant's record of runs."""

    def __init__(self, database: Database, blobs: Blobs, tenant: str, clock: Clock) -> None:
        self.tenant = tenant
        self._database = database
        self._blobs = blobs
        self.log = EventLog(database, blobs, tenant, clock)
        self.runs = Runs(database, tenant)
        self.flows = Flows(database, tenant)
        self.failures = Failures(database, tenant)
        self.decisions = Decisions(database, blobs, self.log)
        self.budget = Budget(database, self.log, clock)
        self.outbox = Outbox(database, self.log)
        self.counting = Counting(database, tenant)

    def testimony(self, subject: Subject) -> Testimony:
        """What the record says about a subject, with the proof that it was stored so.

        Raises:
            StoreUnreachableError: The database is away or busy: whoever asks must take the gate for closed.
            HistoryError: An event is not what was stored, or is missing.
            TenantError: The subject belongs to another tenant.
        """
        if subject.tenant != self.tenant:
            raise TenantError(f"the subject belongs to tenant {subject.tenant!r}, this record to {self.tenant!r}")
        with self._database.reading(self.tenant) as connection:

            def ask(statement: str, values: Mapping[str, str]) -> Sequence[Row]:
                found = connection.execute(text(statement), dict(values))
                return [dict(zip(found.keys(), row, strict=True)) for row in found]

            return testify(ask, lambda digest: self._blobs.read(connection, self.tenant, digest), subject)

    def verify(self, *, anchor: Head | None = None, projections: bool = True) -> Verification:
        """Check every event, guard and projection; see `verify.verify`."""
        return verify(self._database, self._blobs, self.tenant, anchor=anchor, projections=projections)

    def rebuild(self) -> int:
        """Make the projections again from the events; how many runs there are."""
        with self._database.writing(self.tenant, long=True) as connection:
            if stored_head(connection, self.tenant, lock=True) is None:
                return 0
            return rebuild(StoredEvents(connection=connection, blobs=self._blobs, tenant=self.tenant))

    def export(self, file: Path) -> Exported:
        """Write the chain to a file; see `exporting`."""
        with self._database.reading(self.tenant) as connection:
            stored = StoredEvents(connection=connection, blobs=self._blobs, tenant=self.tenant)
            return write_export_file(stored, file)

    def import_file(self, file: Path) -> Appended:
        """Store what an export or a run's `events.jsonl` holds; see `importing`."""
        return import_file(self.log, file)

    def prune(self, before: str, export: Path) -> Pruned:
        """Remove runs whose last event is older than a moment, after exporting the chain; see `prune`."""
        return prune(self._database, self._blobs, self.log, before=before, export=export)


def open_store(
    address: str = DEFAULT, *, folder: Path | None = None, clock: Clock | None = None, busy: float = BUSY_SECONDS
) -> Store:
    """Open a store; a SQLite file is made on first use, and migrated (after a backup) when it is older.

    Args:
        address: `sqlite:///…`, `postgresql://…` or `memory:`.
        folder: Relative paths are taken from here; the working directory unless given.
        clock: What acts are dated by.
        busy: Seconds that a writer waits for its turn.

    Raises:
        AddressError: The address cannot be understood.
        StoreTooNewError: A newer program made it.
        StoreOutdatedError: It is a PostgreSQL database that was not migrated yet.
        StoreUnreachableError: It cannot be reached.
        HistoryError: It cannot be used; the text says why.
    """
    database = Database(parse_address(address, folder or Path()), busy=busy)
    store = Store(database, clock or SystemClock())
    try:
        make_ready(database, store.fill)
    except BaseException:
        store.close()
        raise
    return store


def migrate_store(address: str, target: str = NEWEST, *, folder: Path | None = None) -> str:
    """Bring a store to a revision, up or down, and its projections with it; the revision that it had before.

    Raises as `open_store`; on PostgreSQL the login must own the database.
    """
    place: Address = parse_address(address, folder or Path())
    if place.file is not None:
        make_folder(place.file)
    database = Database(place)
    with Store(database, SystemClock()) as store:
        return migrate(database, target, store.fill)
