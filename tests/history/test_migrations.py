"""Up and down from every revision with data in it; too new is refused, too old is migrated with a backup."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from tests.fakes.runs import blocked
from tests.history.postgres import PostgresServer
from tests.history.samples import a_run, acted
from validator.history import schema
from validator.history.address import parse_address
from validator.history.database import Database
from validator.history.errors import HistoryError, StoreOutdatedError, StoreTooNewError
from validator.history.guards import POSTGRESQL_FUNCTIONS, POSTGRESQL_TRIGGERS, SQLITE_TRIGGERS
from validator.history.revision import NEWEST, REVISIONS
from validator.history.store import migrate_store, open_store
from validator.history.tables import METADATA


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any table."""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        return server.new_database()
    return f"sqlite:///{tmp_path}/history.db"


def test_the_program_knows_every_committed_revision():
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert tuple(script.revision for script in reversed(scripts)) == REVISIONS


def test_a_migrated_database_is_what_the_program_expects_triggers_included(empty: str):
    migrate_store(empty)
    database = Database(parse_address(empty, Path()))
    with database.looking() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
        assert defaults(connection) == {
            (table.name, column.name): column.server_default is not None
            for table in METADATA.tables.values()
            for column in table.columns
        }
        assert guards(connection) == expected_guards(connection)
    database.close()


@pytest.mark.parametrize("revision", [*REVISIONS[:-1]])
def test_down_to_a_revision_and_up_again_keeps_every_event_and_makes_the_rest_anew(empty: str, revision: str):
    migrate_store(empty)
    fill(empty)
    before = everything(empty)
    migrate_store(empty, revision)
    assert revision_of(empty) == revision
    database = Database(parse_address(empty, Path()))
    with database.looking() as connection:
        assert connection.execute(text("SELECT count(*) FROM event")).scalar() == before[0]
        assert guards(connection) == expected_guards(connection)
    database.close()
    assert migrate_store(empty) == revision
    assert everything(empty) == before
    with open_store(empty) as store:
        assert store.tenant("default").verify().ok
        assert store.tenant("other").verify().ok


def test_one_step_after_another_is_the_same_as_all_at_once(empty: str):
    for revision in REVISIONS:
        migrate_store(empty, revision)
        assert revision_of(empty) == revision
    fill(empty)
    for revision in reversed(REVISIONS[:-1]):
        migrate_store(empty, revision)
    migrate_store(empty, "base")
    assert revision_of(empty) == ""
    migrate_store(empty)
    fill(empty)
    with open_store(empty) as store:
        assert store.tenant("default").verify().ok


def test_a_newer_store_is_refused_with_advice(empty: str):
    migrate_store(empty)
    database = Database(parse_address(empty, Path()))
    with database.owning() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    for opening in (open_store, migrate_store):
        with pytest.raises(StoreTooNewError, match="newer than this program") as error:
            opening(empty)
        assert "upgrade validator" in error.value.diagnostics()


def test_an_unknown_revision_is_refused(empty: str):
    with pytest.raises(HistoryError, match="no revision '0815'"):
        migrate_store(empty, "0815")


@pytest.mark.slow
def test_postgresql_is_migrated_on_command_only(postgres: PostgresServer):
    """Slow: starts PostgreSQL."""
    address = postgres.new_database()
    with pytest.raises(StoreOutdatedError, match="revision none"):
        open_store(address)
    migrate_store(address, "0002")
    with pytest.raises(StoreOutdatedError, match="revision 0002") as error:
        open_store(address)
    assert "validator history migrate" in error.value.diagnostics()


def test_sqlite_is_backed_up_before_it_is_migrated(tmp_path: Path):
    address = f"sqlite:///{tmp_path}/history.db"
    migrate_store(address)
    fill(address)
    migrate_store(address, "0001")
    with open_store(address) as store:
        assert len(store.tenant("default").runs.page().runs) == 2
    backup = tmp_path / f"history.db.before-{NEWEST}.bak"
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert connection.execute("SELECT count(*) FROM event").fetchone()[0] > 50


def test_a_migration_that_fails_changes_nothing(tmp_path: Path):
    address = f"sqlite:///{tmp_path}/history.db"
    migrate_store(address, "0001")
    with closing(sqlite3.connect(tmp_path / "history.db")) as connection:
        connection.execute("CREATE TABLE attempt (in_the_way)")
        connection.commit()
        before = list(connection.iterdump())
        with pytest.raises(HistoryError):
            migrate_store(address)
        assert list(connection.iterdump()) == before


def test_a_migration_that_cannot_fill_its_tables_is_undone_as_a_whole(tmp_path: Path):
    address = f"sqlite:///{tmp_path}/history.db"
    migrate_store(address)
    fill(address)
    migrate_store(address, "0001")
    with closing(sqlite3.connect(tmp_path / "history.db")) as connection:
        connection.execute("DROP TRIGGER event_no_update")
        connection.execute("UPDATE event SET payload = '{}' WHERE position = 2")
        connection.commit()
    for _ in range(2):
        with pytest.raises(HistoryError, match="the payload is no"):
            open_store(address)
        assert revision_of(address) == "0001"


@pytest.mark.slow
def test_two_databases_of_one_cluster_can_both_be_migrated_and_unmigrated(postgres: PostgresServer):
    """Slow: starts PostgreSQL. Roles belong to the cluster, not to the database."""
    first, second = postgres.new_database(), postgres.new_database()
    migrate_store(first)
    migrate_store(second)
    migrate_store(first, "base")
    fill(second)
    with psycopg.connect(second) as connection:
        row = connection.execute("SELECT count(*) FROM pg_policies WHERE schemaname = 'public'").fetchone()
    assert row == (len(METADATA.tables),)


def fill(address: str) -> None:
    with open_store(address) as store:
        for tenant in ("default", "other"):
            history = store.tenant(tenant)
            history.log.append([*a_run("one", tenant=tenant), *a_run("two", blocked, tenant=tenant, days=1)])
            history.decisions.record("two", acted())


def everything(address: str) -> tuple[int, str]:
    """The number of events, and what the projections of all tenants answer."""
    with open_store(address) as store:
        answers = [
            repr((store.tenant(name).runs.page(), store.tenant(name).decisions.acts("two"))) for name in store.tenants()
        ]
        return sum(store.tenant(name).counting.stats().events for name in store.tenants()), json.dumps(answers)


def revision_of(address: str) -> str:
    database = Database(parse_address(address, Path()))
    with database.looking() as connection:
        found = schema.revision_of(connection)
    database.close()
    return found


def defaults(connection: Connection) -> dict[tuple[str, str], bool]:
    """Which columns have a default; alembic compares their texts differently on each database."""
    return {
        (table, column["name"]): column["default"] is not None
        for table in METADATA.tables
        for column in inspect(connection).get_columns(table)
    }


def guards(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        return set(connection.execute(text("SELECT sql FROM sqlite_master WHERE type = 'trigger'")).scalars())
    names = connection.execute(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")).scalars()
    functions = connection.execute(
        text("SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace")
    ).scalars()
    return {*names, *functions}


def expected_guards(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        return set(SQLITE_TRIGGERS.values())
    return {*POSTGRESQL_TRIGGERS, *POSTGRESQL_FUNCTIONS}
