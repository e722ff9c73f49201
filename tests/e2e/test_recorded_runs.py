"""The record of runs as its users see it: listed, shown, checked, exported, pruned; and nothing of it opens a gate."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.commands import Ended, validator
from tests.e2e.project import Project
from tests.fakes.runs import approved, blocked, undecided
from tests.history.samples import a_run
from validator.history.store import open_store
from validator.model.causes import Cause

STORE = ".validator/history.db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose record holds three runs, a day apart, and one of another tenant."""
    with open_store(folder=tmp_path) as store:
        for days, (name, make) in enumerate({"first": approved, "second": blocked, "third": undecided}.items()):
            store.tenant("default").log.append(a_run(name, make, days=days, deployment=f"dep-{days}"))
        store.tenant("web").log.append(a_run("elsewhere", tenant="web"))
    return tmp_path


def say(folder: Path, *arguments: str) -> str:
    done = validator(folder, *arguments)
    assert done.exit_code == 0, done.errors
    return done.output


def refuse(folder: Path, code: int, *arguments: str) -> Ended:
    done = validator(folder, *arguments)
    assert done.exit_code == code, done.output + done.errors
    assert "Traceback" not in done.errors
    return done


def test_runs_are_listed_newest_first(folder: Path):
    lines = say(folder, "runs").splitlines()
    assert [line.split()[0] for line in lines] == ["RUN", "third", "second", "first"]
    assert "blocked" in lines[2]
    assert "app_crash" in lines[2]
    assert "dep-1" in lines[2]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--decision", "blocked"], ["second"]),
        (["--cause", "device_lost"], ["third", "second"]),
        (["--flow", "Checkout"], ["second", "first"]),
        (["--flow", "Checkout", "--cause", "app_crash"], ["second"]),
        (["--environment", "staging"], []),
        (["--since", "2026-11-22T00:00Z"], ["third", "second"]),
        (["--limit", "1"], ["third"]),
        (["--tenant", "web"], ["elsewhere"]),
    ],
)
def test_runs_are_filtered(folder: Path, options: list[str], expected: list[str]):
    page = json.loads(say(folder, "runs", "--json", *options))
    assert [run["id"] for run in page["runs"]] == expected


def test_the_list_goes_on_where_a_page_ended(folder: Path):
    first = json.loads(say(folder, "runs", "--json", "--limit", "2"))
    second = json.loads(say(folder, "runs", "--json", "--limit", "2", "--after", first["cursor"]))
    assert [run["id"] for page in (first, second) for run in page["runs"]] == ["third", "second", "first"]
    assert second["cursor"] == ""
    refuse(folder, 2, "runs", "--tenant", "web", "--after", first["cursor"])


def test_a_run_whose_folder_is_not_here_is_shown_from_the_record(folder: Path):
    shown = say(folder, "show", "second")
    assert "BLOCKED" in shown
    assert "Checkout" in shown
    assert json.loads(say(folder, "show", "second", "--json"))["decision"]["decision"] == "blocked"
    assert "UNDECIDED" in say(folder, "show", "latest")
    assert "no run 'elsewhere'" in refuse(folder, 2, "show", "elsewhere").errors


def test_the_record_is_verified_exported_and_imported(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    verified = say(folder, "history", "verify")
    assert "is as it was stored" in verified
    exported = say(folder, "history", "export", "all.jsonl")
    assert verified.splitlines()[-1] == exported.splitlines()[-1]
    other = tmp_path_factory.mktemp("other")
    events = len((folder / "all.jsonl").read_text().splitlines()) - 2
    assert f"{events} events stored, 0 were there" in say(other, "history", "import", str(folder / "all.jsonl"))
    assert f"0 events stored, {events} were there" in say(other, "history", "import", str(folder / "all.jsonl"))
    assert say(other, "runs") == say(folder, "runs")
    head = verified.split()[-1]
    assert "is as it was stored" in say(other, "history", "verify", "--head", head)


def test_a_change_behind_the_guards_is_found_and_named(folder: Path):
    with closing(sqlite3.connect(folder / STORE)) as connection:
        connection.execute("DROP TRIGGER event_no_update")
        connection.execute("UPDATE event SET payload = replace(payload, 'blocked', 'approved') WHERE run = 'second'")
        connection.commit()
    done = refuse(folder, 1, "history", "verify")
    assert "BROKEN at position" in done.output
    assert "(run second, event " in done.output
    assert json.loads(refuse(folder, 1, "history", "verify", "--json").output)["ok"] is False
    assert "not the next link" in refuse(folder, 3, "history", "export", "all.jsonl").errors
    assert not (folder / "all.jsonl").exists()


def test_old_runs_are_removed_after_an_export(folder: Path):
    said = say(folder, "history", "prune", "--before", "2026-11-22T12:00Z", "--export", "old.jsonl")
    assert said.startswith("Removed 2 runs")
    assert (folder / "old.jsonl").is_file()
    assert [line.split()[0] for line in say(folder, "runs").splitlines()] == ["RUN", "third"]
    assert "is as it was stored" in say(folder, "history", "verify")
    assert say(folder, "history", "prune", "--before", "2020-01-01") == "Nothing is that old.\n"
    again = refuse(folder, 3, "history", "prune", "--before", "2099-01-01", "--export", "old.jsonl")
    assert "exists already" in again.errors


def test_tables_are_made_anew_from_the_events(folder: Path):
    with closing(sqlite3.connect(folder / STORE)) as connection:
        connection.execute("DELETE FROM run")
        connection.commit()
    assert "the table run is not what the events say" in refuse(folder, 1, "history", "verify").output
    assert say(folder, "history", "rebuild").startswith("Rebuilt 3 runs in ")
    assert "is as it was stored" in say(folder, "history", "verify")


def test_the_numbers_of_a_period_are_shown(folder: Path):
    numbers = json.loads(say(folder, "history", "stats", "--since", "2026-11-01", "--json"))
    assert numbers["stats"]["runs"] == 3
    counted = {count["name"]: count["number"] for count in numbers["counts"]["causes"]}
    assert counted[Cause.APP_CRASH] == 1
    assert "revision" in say(folder, "history", "stats")


def test_a_store_of_a_newer_program_is_refused_with_advice(folder: Path):
    with closing(sqlite3.connect(folder / STORE)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    done = refuse(folder, 3, "runs")
    assert "newer than this program" in done.errors
    assert "upgrade validator" in done.errors


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["runs", "--history", "mysql://x/y"], "not the address of a store"),
        (["runs", "--history", "postgresql://u:hunter2@h/d"], "a password must not be given on a command line"),
        (["runs", "--tenant", "../etc"], "cannot be the name of a tenant"),
        (["runs", "--since", "yesterday"], "neither a moment nor an age"),
        (["runs", "--decision", "maybe"], "maybe"),
        (["history", "import", "missing.jsonl"], "cannot be read"),
        (["history", "verify", "--head", "x"], "is no head"),
        (["history", "migrate", "--to", "0815"], "no revision '0815'"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_a_remedy(folder: Path, options: list[str], said: str):
    done = validator(folder, *options)
    assert done.exit_code in (2, 3), done.output
    assert said in done.errors
    assert "hunter2" not in done.errors + done.output


def test_where_nothing_was_run_nothing_is_made(tmp_path: Path):
    done = refuse(tmp_path, 2, "runs")
    assert "nothing is recorded here yet" in done.errors
    assert list(tmp_path.iterdir()) == []


def test_a_run_whose_record_cannot_be_kept_is_not_begun(tmp_path: Path):
    project = Project(tmp_path)
    project.write_defaults()
    project.apk()
    project.write(STORE, "this is no database, and long enough to be told so" * 100)
    done = project.run()
    assert done.exit_code == 3
    assert "not a database" in done.errors
    assert not (tmp_path / "reports").exists()
    project.config(history="postgresql://nobody@127.0.0.1:9/nothing")
    done = project.run()
    assert done.exit_code == 3
    assert "does not answer" in done.errors


def test_a_throw_away_run_leaves_no_record(tmp_path: Path):
    project = Project(tmp_path)
    project.write_defaults()
    project.apk()
    project.config(history="memory:")
    done = project.run()
    assert done.exit_code == 3, done.output + done.errors
    assert not (tmp_path / ".validator").exists()
    assert (done.reports / "events.jsonl").is_file()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://u:hunter2@h/d", "a password stands in the file"),
        ("mysql://h/d", "this is not the address of a store"),
    ],
)
def test_a_wrong_address_is_pointed_at(tmp_path: Path, address: str, said: str):
    project = Project(tmp_path)
    project.write_defaults()
    project.config(history=address)
    done = project.run()
    assert done.exit_code == 2
    assert said in done.errors
    assert "production.yaml:1:" in done.errors
    assert "hunter2" not in done.errors + done.output


@pytest.mark.slow
@pytest.mark.timeout(150)
def test_two_demos_are_recorded_without_any_configuration(tmp_path: Path):
    """Slow: plays two whole demos."""
    assert validator(tmp_path, "demo", seconds=90).exit_code == 0
    assert validator(tmp_path, "demo", "--fault", "missing-flow", seconds=90).exit_code == 4
    lines = say(tmp_path, "runs").splitlines()
    assert len(lines) == 3
    assert "undecided" in lines[1] or "blocked" in lines[1]
    assert "approved" in lines[2]
    assert "is as it was stored" in say(tmp_path, "history", "verify")
    run = lines[2].split()[0]
    from_folder = say(tmp_path, "show", run)
    (tmp_path / "reports").rename(tmp_path / "elsewhere")
    from_store = say(tmp_path, "show", run)
    assert "APPROVED" in from_store
    assert from_store.splitlines()[:20] == from_folder.splitlines()[:20]
