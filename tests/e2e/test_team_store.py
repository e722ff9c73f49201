"""Runs that record into a team's PostgreSQL: as a login without rights to change anything, and while it goes away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.commands import Ended, start, validator
from tests.e2e.devices import Lab, lab
from tests.e2e.project import PACKAGE, Project
from tests.history.postgres import PostgresServer
from tests.history.samples import decided
from validator.history.journal import read_journal
from validator.history.store import open_store
from validator.model.events import FlowSettled

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]

PASSING = f"appId: {PACKAGE}\n---\n- launchApp\n- assertVisible: Corner Shop\n"


@pytest.fixture(scope="module")
def one() -> Iterator[Lab]:
    with lab(1) as ready:
        yield ready


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    server = PostgresServer(durable=True)
    yield server
    server.remove()


@pytest.fixture
def store(server: PostgresServer, tmp_path: Path) -> str:
    """The address of a migrated database for a login of the application role."""
    owner = server.new_database()
    name = owner.rpartition("/")[2]
    migrated = validator(tmp_path, "history", "migrate", VALIDATOR_HISTORY=owner)
    assert migrated.exit_code == 0, migrated.errors
    server.execute(f"CREATE ROLE ci_{name} LOGIN IN ROLE validator_app NOSUPERUSER")
    return server.url(name, user=f"ci_{name}")


@pytest.fixture
def project(tmp_path: Path, one: Lab, store: str) -> Project:
    project = Project(tmp_path)
    for number in range(4):
        project.write(f"flows/flow-{number}.yaml", PASSING)
    project.apk(api_url=one.api_url)
    project.config(
        build={"file": "app.apk"},
        devices=[{"serial": serial} for serial in one.fleet.serials],
        adb={"path": str(one.fleet.adb.path), "server_port": one.fleet.adb.server_port},
        history=store,
        deadline="25s",
    )
    return project


def test_a_run_of_ci_is_seen_by_everybody_with_the_store(project: Project, store: str, tmp_path_factory):
    done = project.run()
    assert done.exit_code == 0, done.output + done.errors
    assert not (project.root / ".validator").exists()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for command in (["runs"], ["show", done.reports.name], ["history", "verify"]):
        seen = validator(elsewhere, *command, VALIDATOR_HISTORY=store)
        assert seen.exit_code == 0, seen.errors
        assert "approved" in seen.output.lower() or "as it was stored" in seen.output
    assert list(elsewhere.iterdir()) == []


def test_a_database_that_was_not_migrated_is_refused_before_anything_runs(project: Project, server: PostgresServer):
    done = project.run(VALIDATOR_HISTORY="memory:")
    assert done.exit_code == 0
    project.config(history=server.new_database())
    done = project.run()
    assert done.exit_code == 3
    assert "validator history migrate" in done.errors


def test_a_store_that_goes_away_closes_the_gate_and_gets_everything_once_it_is_back(
    project: Project, server: PostgresServer, store: str
):
    started = start(project.root, "run", "-c", "production")
    assert started.process.stdout is not None
    for line in started.process.stdout:
        if line.startswith("flow "):
            break
    server.stop()
    try:
        done = started.wait(90)
    finally:
        server.start()
    assert done.exit_code == 3, done.output + done.errors
    assert "could not be stored" in done.errors
    assert "the gate stays closed" in done.errors
    assert not (done.reports / "decision.json").exists()
    assert done.orphans == []
    spooled = list(read_journal(done.reports / "events.jsonl"))
    assert len([record for record in spooled if isinstance(record.event, FlowSettled)]) == 4
    again = resumed(project)
    assert again.exit_code == 0, again.output + again.errors
    with open_store(store) as opened:
        history = opened.tenant("default")
        assert history.log.records(spooled[0].run)[: len(spooled)] == spooled
        assert history.verify().ok
        latest = decided(history)
        assert latest is not None
        assert (latest.run, latest.verdict) == (spooled[0].run, "approved_with_warnings")


def resumed(project: Project) -> Ended:
    return validator(project.root, "run", "-c", "production", "--resume", "latest", seconds=90)
