"""Every way of changing what is stored is refused by the database, or found afterwards."""

import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.history.postgres import PostgresServer
from tests.history.samples import a_run
from validator.history.chain import Head
from validator.history.errors import DamagedStoreError, HistoryError
from validator.history.store import open_store
from validator.model.errors import ValidatorError
from validator.model.events import Record, RunFinished, StopReason

SQLITE_BREAKINS = {
    "update": "UPDATE event SET payload = '{}' WHERE position = 3",
    "update or replace": "UPDATE OR REPLACE event SET id = 'run-0001' WHERE position = 3",
    "delete": "DELETE FROM event WHERE position = 3",
    "delete everything": "DELETE FROM event",
    "replace by id": "INSERT OR REPLACE INTO event SELECT tenant, 99, id, run, stream, 99, at, type, version, "
    "'{}', blob, prev, hash FROM event WHERE position = 3",
    "replace by position": "REPLACE INTO event SELECT tenant, position, 'new', run, stream, 99, at, type, version, "
    "'{}', blob, prev, hash FROM event WHERE position = 3",
    "replace by place in the run": "INSERT OR REPLACE INTO event SELECT tenant, 99, 'new', run, stream, seq, at, type, "
    "version, '{}', blob, prev, hash FROM event WHERE position = 3",
    "replace by rowid": "INSERT OR REPLACE INTO event (rowid, tenant, position, id, run, stream, seq, at, type, "
    "version, payload, prev, hash) SELECT 3, tenant, position + 1, 'new', run, stream, 99, at, type, version, '{}', "
    "hash, 'x' FROM event ORDER BY position DESC LIMIT 1",
    "upsert": "INSERT INTO event SELECT * FROM event WHERE position = 3 ON CONFLICT DO UPDATE SET payload = '{}'",
    "a second successor": "INSERT INTO event SELECT tenant, position, 'fork', 'fork', stream, 0, at, type, version, "
    "payload, blob, prev, 'x' FROM event WHERE position = 3",
    "a gap": "INSERT INTO event SELECT tenant, position + 2, 'gap', 'gap', stream, 0, at, type, version, payload, "
    "blob, hash, 'x' FROM event ORDER BY position DESC LIMIT 1",
    "not linked": "INSERT INTO event SELECT tenant, position + 1, 'loose', 'loose', stream, 0, at, type, version, "
    "payload, blob, prev, 'x' FROM event ORDER BY position DESC LIMIT 1",
    "blob": "INSERT OR REPLACE INTO blob SELECT tenant, digest, x'00' FROM blob",
}
POSTGRES_BREAKINS = {
    "update": "UPDATE event SET payload = '{}' WHERE position = 3",
    "update of nothing": "UPDATE event SET payload = '{}' WHERE false",
    "delete": "DELETE FROM event WHERE position = 3",
    "truncate": "TRUNCATE event",
    "truncate cascade": "TRUNCATE event, tenant CASCADE",
    "upsert": "INSERT INTO event SELECT * FROM event WHERE position = 3 ON CONFLICT (tenant, position) "
    "DO UPDATE SET payload = '{}'",
    "merge": "MERGE INTO event USING (SELECT 3 AS p) AS s ON event.position = s.p "
    "WHEN MATCHED THEN UPDATE SET payload = '{}'",
    "gap": "INSERT INTO event SELECT tenant, 99, 'gap', 'gap', stream, 0, at, type, version, payload, blob, hash, 'x' "
    "FROM event WHERE position = 3",
    "fork": "INSERT INTO event SELECT tenant, position, 'fork', 'fork', stream, 0, at, type, version, payload, blob, "
    "prev, 'x' FROM event WHERE position = 3",
    "blob": "DELETE FROM blob",
}


@pytest.fixture
def full_file(sqlite_file: Path) -> Path:
    """A SQLite store with one run in it, as a file that nobody has open."""
    with open_store(f"sqlite:///{sqlite_file}") as store:
        store.tenant("default").log.append(a_run("run"))
    with closing(sqlite3.connect(sqlite_file)) as connection:
        connection.execute("INSERT INTO blob VALUES ('default', 'ab', x'ff')")
        connection.commit()
        connection.execute("PRAGMA journal_mode=DELETE")
    return sqlite_file


@pytest.mark.parametrize("name", SQLITE_BREAKINS)
def test_sqlite_refuses(full_file: Path, name: str):
    with closing(sqlite3.connect(full_file)) as connection:
        with pytest.raises(sqlite3.IntegrityError, match=r"append-only|chain"):
            connection.execute(SQLITE_BREAKINS[name])
        connection.rollback()
    assert stored(full_file) == a_run("run")


@pytest.fixture
def postgres_address(postgres: PostgresServer, postgres_template: str) -> str:
    address = postgres.new_database(postgres_template)
    with open_store(address) as store:
        store.tenant("default").log.append(a_run("run"))
    return address


@pytest.mark.slow
@pytest.mark.parametrize("name", POSTGRES_BREAKINS)
def test_postgresql_refuses_its_own_superuser(postgres_address: str, name: str):
    """Slow: starts PostgreSQL."""
    with psycopg.connect(postgres_address) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute(POSTGRES_BREAKINS[name])
    with open_store(postgres_address) as store:
        assert store.tenant("default").log.records("run") == a_run("run")
        assert store.tenant("default").verify().ok


@pytest.mark.slow
def test_a_temporary_table_cannot_stand_in_for_the_chain(postgres_address: str):
    """Slow: starts PostgreSQL. Temporary tables are looked up first, unless the trigger's path is fixed."""
    with psycopg.connect(postgres_address) as connection:
        connection.execute("SET validator.tenant = 'default'; SET ROLE validator_app")
        connection.execute("CREATE TEMPORARY TABLE event AS SELECT * FROM public.event LIMIT 0")
        with pytest.raises(psycopg.errors.RestrictViolation, match="not the next link"):
            connection.execute(POSTGRES_BREAKINS["gap"].replace(" event ", " public.event "))


SABOTAGE = {
    "changed payload": ("UPDATE event SET payload = replace(payload, 'production', 'staging') WHERE position = 1", 1),
    "changed time": ("UPDATE event SET at = '2020' WHERE position = 4", 4),
    "changed hash": ("UPDATE event SET hash = 'x' WHERE position = 4", 4),
    "removed": ("DELETE FROM event WHERE position = 5", 6),
    "swapped": ("UPDATE event SET position = CASE position WHEN 2 THEN -3 ELSE -2 END WHERE position IN (2, 3)", 4),
    "not text": ("UPDATE event SET stream = 'nonsense' WHERE position = 7", 7),
    "not ASCII": ("UPDATE event SET payload = '{\"ü\":1}' WHERE position = 8", 8),
}


@pytest.mark.parametrize("name", SABOTAGE)
def test_verify_names_the_first_event_that_was_changed_behind_the_triggers(full_file: Path, name: str):
    statement, position = SABOTAGE[name]
    with closing(sqlite3.connect(full_file)) as connection:
        for trigger in ("event_no_update", "event_no_delete"):
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(statement)
        connection.commit()
    with open_store(f"sqlite:///{full_file}") as store:
        broken = store.tenant("default").verify().broken
    assert broken is not None
    assert broken.position == position if name != "swapped" else -3
    assert broken.event == f"run-{position - 1:04d}" or name == "swapped"


def test_verify_misses_the_end_that_was_cut_off_and_the_guards_that_are_gone(full_file: Path):
    with closing(sqlite3.connect(full_file)) as connection:
        connection.execute("DROP TRIGGER event_no_delete")
        connection.execute("DELETE FROM event WHERE position > 10")
        connection.commit()
    with open_store(f"sqlite:///{full_file}") as store:
        found = store.tenant("default").verify()
    assert found.broken is None
    assert "its end is missing" in found.problems[0]
    assert "the trigger event_no_delete is missing or changed" in found.problems


def test_a_chain_that_was_made_anew_does_not_contain_the_head_that_was_noted(tmp_path: Path):
    records = a_run("run")
    with open_store("sqlite:///first.db", folder=tmp_path) as store:
        store.tenant("default").log.append(records)
        noted = store.tenant("default").log.head()
        store.tenant("default").log.append(a_run("later"))
        assert store.tenant("default").verify(anchor=noted).ok
    records[-1] = replace(records[-1], event=RunFinished(stop=StopReason.DEADLINE, seconds=1.0))
    with open_store("sqlite:///second.db", folder=tmp_path) as store:
        store.tenant("default").log.append(records)
        assert store.tenant("default").verify().ok
        found = store.tenant("default").verify(anchor=noted)
    assert found.problems == ("the head that was noted is no link of this chain: it was made anew",)
    assert noted == Head(position=len(records), hash=noted.hash)


def test_a_projection_that_was_changed_is_found_and_mended(full_file: Path):
    with closing(sqlite3.connect(full_file)) as connection:
        connection.execute("UPDATE decision SET verdict = 'approved', expires_at = ''")
        connection.commit()
    with open_store(f"sqlite:///{full_file}") as store:
        history = store.tenant("default")
        assert history.verify().problems == ("the table decision is not what the events say",)
        history.rebuild()
        assert history.verify().ok


@pytest.mark.parametrize("seed", range(60))
def test_a_flipped_byte_is_refused_or_found_or_changes_nothing(full_file: Path, seed: int):
    chance = random.Random(seed)  # noqa: S311 - a place that can be found again
    before = dump(full_file)
    content = bytearray(full_file.read_bytes())
    place = chance.randrange(len(content))
    content[place] ^= 1 << chance.randrange(8)
    full_file.write_bytes(content)
    try:
        with open_store(f"sqlite:///{full_file}") as store:
            found = store.tenant("default").verify()
    except ValidatorError:
        return
    assert not found.ok or dump(full_file) == before, f"byte {place} was changed, and nobody noticed"


def test_a_file_that_is_no_database_is_refused_with_advice(tmp_path: Path):
    (tmp_path / "history.db").write_bytes(b"these are not the bytes that you look for" * 100)
    with pytest.raises((DamagedStoreError, HistoryError)) as error:
        open_store("sqlite:///history.db", folder=tmp_path)
    assert "not a database" in error.value.diagnostics()
    assert "->" in error.value.diagnostics()


def stored(file: Path) -> list[Record]:
    with open_store(f"sqlite:///{file}") as store:
        return store.tenant("default").log.records("run")


def dump(file: Path) -> list[str]:
    """Everything that the file says, in its tables' order."""
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())
