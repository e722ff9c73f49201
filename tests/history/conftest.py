"""A store on each database; PostgreSQL runs in the slow suite only, because starting and migrating it takes seconds."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.history.postgres import PostgresServer
from validator.history.store import History, Store, migrate_store, open_store

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """The name of a database that is migrated already: copying it is quicker than migrating."""
    address = postgres.new_database()
    migrate_store(address)
    return address.rpartition("/")[2]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    open_store("sqlite:///history.db", folder=folder).close()
    return folder / "history.db"


@pytest.fixture(params=BOTH)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty, migrated store of one kind."""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        return server.new_database(request.getfixturevalue("postgres_template"))
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "history.db")
    return f"sqlite:///{tmp_path}/history.db"


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with open_store(address) as opened:
        yield opened


@pytest.fixture
def history(store: Store) -> History:
    return store.tenant("default")


@pytest.fixture
def sqlite_file(sqlite_template: Path, tmp_path: Path) -> Path:
    """The file of an empty, migrated SQLite store."""
    return Path(shutil.copy(sqlite_template, tmp_path / "history.db"))
