"""Whatever one tenant asks, another's record answers with nothing or refuses."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.fakes.runs import approved, blocked
from tests.history.postgres import PostgresServer
from tests.history.samples import a_run, acted, decided
from validator.history.acts import AccountsUsed, AlertQueued
from validator.history.errors import CursorError, HistoryError, TenantError
from validator.history.store import History, Store, open_store
from validator.history.tables import METADATA
from validator.history.views import RunFilter
from validator.model.budget import AccountLimit
from validator.model.causes import Cause

HOUR = timedelta(hours=1)
ACCOUNTS = AccountsUsed(environment="production", address="", accounts=3)
WHEN = "2099-01-01T00:00:00.000Z"


@pytest.fixture
def ours(store: Store) -> History:
    """A tenant that has everything that can be had."""
    ours = store.tenant("ours")
    for number in range(6):
        ours.log.append(a_run(f"run-{number}", blocked, tenant="ours", days=number))
    ours.decisions.record("run-0", acted())
    ours.budget.spend("run-0", ACCOUNTS, limits=(AccountLimit(most=9, within=HOUR.total_seconds()),))
    ours.outbox.queue("run-0", AlertQueued(key="k", channel="c", body="secret"))
    return ours


@pytest.fixture
def theirs(ours: History, store: Store) -> History:
    """Another tenant of the same store, with a run of its own, named like one of ours."""
    theirs = store.tenant("theirs")
    theirs.log.append(a_run("run-5", approved, tenant="theirs"))
    return theirs


def test_every_question_about_another_tenants_records_is_answered_with_nothing(ours: History, theirs: History):
    assert theirs.log.records("run-0") == []
    assert theirs.log.acts("run-0") == []
    assert not theirs.log.contains("run-0-0000")
    assert theirs.runs.get("run-0") is None
    assert [run.verdict for run in theirs.runs.page().runs] == ["approved"]
    assert theirs.runs.page(RunFilter(cause=Cause.APP_CRASH)).runs == ()
    assert theirs.runs.newest("production", "another") is None
    assert theirs.decisions.acts("run-0") == ()
    latest = decided(theirs)
    assert latest is not None
    assert (latest.run, latest.verdict) == ("run-5", "approved")
    assert theirs.failures.similar(Cause.APP_CRASH, "Element not found", flow="Checkout") == ()
    assert theirs.flows.outcomes("production", "Profile") == ()
    assert [stats.runs for stats in theirs.flows.stats("production", ["Profile"])] == [0]
    assert theirs.budget.used("production", "", HOUR) == 0
    assert theirs.outbox.due(WHEN) == ()
    assert [count.name for count in theirs.counting.over("2000", WHEN).verdicts] == ["approved"]
    assert theirs.counting.over("2000", WHEN).causes == ()
    assert theirs.counting.stats().runs == 1
    assert ours.verify().ok
    assert theirs.verify().ok


def test_nothing_can_be_written_into_another_tenants_records(ours: History, theirs: History, tmp_path: Path):
    before = ours.log.head()
    with pytest.raises(TenantError):
        theirs.log.append(a_run("run-9", tenant="ours"))
    with pytest.raises(HistoryError, match="no decision"):
        theirs.decisions.record("run-0", acted())
    ours.export(tmp_path / "ours.jsonl")
    with pytest.raises(TenantError, match="belong to tenant 'ours'"):
        theirs.import_file(tmp_path / "ours.jsonl")
    theirs.rebuild()
    theirs.prune(WHEN, tmp_path / "theirs.jsonl")
    assert ours.log.head() == before
    assert len(ours.runs.page().runs) == 6
    assert ours.verify().ok


def test_a_cursor_of_another_tenant_or_another_list_is_refused(ours: History, theirs: History):
    cursor = ours.runs.page(limit=2).cursor
    assert len(ours.runs.page(limit=2, cursor=cursor).runs) == 2
    with pytest.raises(CursorError):
        theirs.runs.page(limit=2, cursor=cursor)
    with pytest.raises(CursorError):
        ours.runs.page(RunFilter(environment="production"), cursor=cursor)
    for nonsense in ("x", "e30=", "W10=", cursor[:-4], "\N{SNOWMAN}"):
        with pytest.raises(CursorError):
            ours.runs.page(cursor=nonsense)


@pytest.mark.parametrize("name", ["", "a b", "../etc", "ü", "x" * 64, "a\0", "'; --"])
def test_what_cannot_be_a_tenants_name_is_refused(store: Store, name: str):
    with pytest.raises(TenantError):
        store.tenant(name)


@pytest.fixture
def role(postgres: PostgresServer, postgres_template: str) -> str:
    """A database with two tenants' runs; its address for a login that is a member of the application role only."""
    address = postgres.new_database(postgres_template)
    with open_store(address) as store:
        for tenant in ("ours", "theirs"):
            store.tenant(tenant).log.append(a_run("run", tenant=tenant))
    name = address.rpartition("/")[2]
    postgres.execute(f"CREATE ROLE ci_{name} LOGIN IN ROLE validator_app NOSUPERUSER")
    return postgres.url(name, user=f"ci_{name}")


@pytest.mark.slow
def test_a_login_with_the_application_role_can_do_all_that_a_run_needs(role: str):
    """Slow: starts PostgreSQL."""
    with open_store(role) as store:
        history = store.tenant("ours")
        history.log.append(a_run("another", tenant="ours"))
        history.decisions.record("another", acted())
        assert len(history.runs.page().runs) == 2
        history.rebuild()
        assert store.tenants() == ()


@pytest.mark.slow
@pytest.mark.parametrize("table", METADATA.tables)
def test_sql_as_the_application_role_sees_its_tenant_only(role: str, table: str):
    """Slow: starts PostgreSQL."""
    column = "name" if table == "tenant" else "tenant"
    with psycopg.connect(role) as connection:
        everything = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        assert connection.execute(everything).fetchone() == (0,)
        connection.execute("SET validator.tenant = 'ours'")
        foreign = sql.SQL("SELECT count(*) FROM {} WHERE {} <> 'ours'")
        assert connection.execute(foreign.format(sql.Identifier(table), sql.Identifier(column))).fetchone() == (0,)


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET payload = ''",
        "DELETE FROM event",
        "TRUNCATE event",
        "DELETE FROM tenant",
        "DELETE FROM blob",
        "ALTER TABLE event DISABLE TRIGGER ALL",
        "ALTER TABLE event DISABLE ROW LEVEL SECURITY",
        "DROP TABLE event",
        "DROP TRIGGER event_link ON event",
        "CREATE OR REPLACE FUNCTION validator_link() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET ROLE postgres",
        "SET session_replication_role = replica",
        "INSERT INTO run (tenant, id) VALUES ('theirs', 'x')",
        "UPDATE run SET tenant = 'theirs'",
        "INSERT INTO event SELECT 'theirs', 99, 'x', 'x', 'run', 0, at, type, 1, '', '', prev, hash FROM event LIMIT 1",
    ],
)
def test_sql_as_the_application_role_is_refused(role: str, statement: str):
    """Slow: starts PostgreSQL."""
    with psycopg.connect(role) as connection:
        connection.execute("SET validator.tenant = 'ours'")
        with pytest.raises(psycopg.Error) as error:
            connection.execute(statement)
        assert isinstance(error.value, psycopg.errors.InsufficientPrivilege | psycopg.errors.RestrictViolation)


@pytest.mark.slow
def test_only_the_owner_can_prune(role: str, tmp_path: Path):
    """Slow: starts PostgreSQL."""
    with open_store(role) as store:
        history = store.tenant("ours")
        with pytest.raises(HistoryError, match="owns the database"):
            history.prune(WHEN, tmp_path / "export.jsonl")
        assert history.log.records("run")
