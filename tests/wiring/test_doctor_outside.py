"""What the doctor finds outside of this machine: clocks, credentials, the record of runs."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.config.documents import MINIMAL
from tests.fakes.site import Page, site
from tests.fakes.tcp import closed_port
from validator.config.environment import load_environment
from validator.config.resolvers import Resolvers
from validator.history.store import open_store
from validator.support.clock import SystemClock
from validator.support.http import get
from validator.support.redact import Redactor
from validator.wiring.doctor_check import Health
from validator.wiring.doctor_production import clock_skew, credentials
from validator.wiring.doctor_record import record

NOW = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)


class FixedClock(SystemClock):
    def now(self) -> datetime:
        return NOW


@pytest.mark.parametrize(
    ("ahead", "health", "words"),
    [
        (0, Health.OK, "agrees with"),
        (-20, Health.OK, "agrees with"),
        (-90, Health.WARNING, "90 s behind"),
        (90, Health.WARNING, "90 s ahead of"),
        (3600, Health.PROBLEM, "3600 s ahead of"),
    ],
)
def test_a_clock_is_held_beside_that_of_production(ahead, health, words):
    date = format_datetime(NOW - timedelta(seconds=ahead), usegmt=True)
    with site({"/": Page()}) as server:
        check = clock_skew(f"{server.url}/", _dated(date), FixedClock())
    assert (check.health, words in check.found) == (health, True), check
    assert bool(check.remedy) is (health is not Health.OK)


def _dated(date):
    """Asks over HTTP; `http.server` writes a date of its own, which the test's one takes the place of."""
    return lambda url, *, deadline: replace(
        answer := get(url, deadline=deadline), headers={**answer.headers, "date": date}
    )


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 99 Nov 2026"])
def test_a_server_without_a_date_is_no_problem(date):
    with site({"/": Page()}) as server:
        assert clock_skew(f"{server.url}/", _dated(date), FixedClock()).health is Health.OK


def test_a_server_that_is_away_is_told_and_no_reason_not_to_start():
    check = clock_skew(f"http://127.0.0.1:{closed_port()}/", get, FixedClock())
    assert check.health is Health.WARNING
    assert "connection refused" in check.found


def test_credentials_are_there_or_not_and_never_shown(tmp_path: Path):
    alerts = 'alerts: [{slack: {channel: "#c", token: "${env:SLACK_TOKEN}"}}]\n'
    flows = 'flows: {workspace: w, environment: {P: "${file:secrets/password.txt}", Q: "${env:API_KEY:-none}"}}\n'
    (tmp_path / "x.yaml").write_text(MINIMAL.replace("flows: {workspace: .maestro}\n", flows) + alerts)
    config = load_environment(str(tmp_path / "x.yaml")).value
    resolvers = Resolvers.before_deployment(tmp_path, {"SLACK_TOKEN": "xoxb-very-secret"}, Redactor())
    found = list(credentials(config, resolvers))
    assert [(check.health, check.found.split()[0].rstrip(":")) for check in found] == [
        (Health.PROBLEM, "file:secrets/password.txt"),
        (Health.OK, "env:SLACK_TOKEN"),
    ]
    assert "xoxb" not in repr(found)


def test_the_record_is_looked_at_and_never_made(tmp_path):
    check = record("sqlite:///sub/history.db", tmp_path)
    assert check.health is Health.OK
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_is_there_is_opened(tmp_path):
    open_store("sqlite:///history.db", folder=tmp_path).close()
    check = record("sqlite:///history.db", tmp_path)
    assert (check.health, "revision" in check.found) == (Health.OK, True)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda file: file.write_bytes(b"no database at all, though long enough to have a header" * 30), "damaged"),
        (lambda file: _revised(file, "9999"), "made by a newer program"),
    ],
)
def test_a_record_that_cannot_be_used_is_a_problem(tmp_path, spoil, words):
    open_store("sqlite:///history.db", folder=tmp_path).close()
    spoil(tmp_path / "history.db")
    check = record("sqlite:///history.db", tmp_path)
    assert (check.health, words in check.found) == (Health.PROBLEM, True), check
    assert check.remedy


def _revised(file: Path, revision: str) -> None:
    connection = sqlite3.connect(file)
    connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.commit()
    connection.close()


@pytest.mark.parametrize("address", ["mysql://x", "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"])
def test_a_record_that_cannot_be_reached_is_a_problem(tmp_path, address):
    check = record(address, tmp_path)
    assert check.health is Health.PROBLEM
    assert check.remedy
