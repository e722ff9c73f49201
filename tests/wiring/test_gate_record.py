"""The gate's two ways to the record tell the same: what the run decided, and nothing that was changed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.runs import approved, blocked, interrupted
from tests.history.samples import KINDS, a_run, acted
from tests.history.scripts import BEGAN, FixedClock
from validator.gates.check import Answer, Question
from validator.gates.document import read_decision
from validator.history.acts import ActKind
from validator.history.address import parse_address
from validator.history.blobs import THRESHOLD
from validator.history.chain import Head, genesis, link
from validator.history.errors import NewerPayloadError, TenantError
from validator.history.guards import SQLITE_TRIGGERS
from validator.history.log import EventLog
from validator.history.reading import StoredEvents
from validator.history.sqlite_file import SqliteFile, UnusualError
from validator.history.store import Store, open_store
from validator.history.testimony import Subject
from validator.model.events import Decided, Record, Warned
from validator.reports.decision_json import render_decision
from validator.reports.state import fold
from validator.support.clock import iso
from validator.support.stop import Stop
from validator.wiring.gate import Witness, ask, from_record
from validator.wiring.gate_record import recorded_claim

DEPLOYMENT = "dep-2026-11-21.3"
HOUR = timedelta(hours=1)
QUESTION = Question(environment="production", deployment=DEPLOYMENT)
SUBJECT = Subject(tenant="default", environment="production", deployment=DEPLOYMENT)


def file_of(folder: Path) -> SqliteFile:
    return SqliteFile(parse_address("sqlite:///history.db", folder))


def store_of(folder: Path) -> Store:
    return open_store("sqlite:///history.db", folder=folder)


def asked(witness: Witness, question: Question = QUESTION, now: datetime = BEGAN + HOUR) -> Answer:
    return ask(question, from_record(witness), FixedClock(iso(now)), wait=0, stop=Stop())


Step = tuple[int, int, int, int, ActKind | None]
"""A run: its kind, its deployment, its hour, how many events are missing at its end, and what somebody said."""
STEPS = st.tuples(
    st.integers(0, len(KINDS) - 1),
    st.integers(1, 2),
    st.integers(-2, 30),
    st.sampled_from([0, 0, 0, 1, 2, 5]),
    st.sampled_from([None, None, ActKind.OVERRIDE, ActKind.ROLLBACK, ActKind.FALSE_POSITIVE]),
)


def happen(log: EventLog, number: int, step: Step) -> None:
    kind, deployment, hour, missing, said = step
    name = f"run-{number}"
    records = a_run(name, KINDS[kind], days=hour / 24, deployment=f"dep-{deployment}")
    log.append(records[: len(records) - missing])
    if said is not None:
        log.act(name, acted(said, deployment=f"dep-{deployment}", expires=iso(BEGAN + 20 * HOUR)))


@settings(max_examples=40)
@given(steps=st.lists(STEPS, max_size=6), tenant=st.sampled_from(["default", "other"]), by_revision=st.booleans())
def test_both_ways_give_one_answer_whatever_happened(steps: list[Step], tenant: str, by_revision: bool):
    revision, deployment = ("8f3c2d1b6a7e4f0912345678", "") if by_revision else ("", "dep-1")
    question = Question(environment="production", tenant=tenant, revision=revision, deployment=deployment)
    subject = Subject(environment="production", tenant=tenant, revision=revision, deployment=deployment)
    with tempfile.TemporaryDirectory() as name, store_of(Path(name)) as store:
        history = store.tenant(tenant)
        for number, step in enumerate(steps):
            happen(store.tenant("default").log, number, step)
        assert file_of(Path(name)).testimony(subject) == history.testimony(subject)
        for hours in (0, 1, 19, 21, 60):
            now = BEGAN + hours * HOUR
            assert asked(file_of(Path(name)), question, now) == asked(history, question, now)


@settings(max_examples=25)
@given(
    kind=st.sampled_from([kind for kind in KINDS if kind is not interrupted]),
    days=st.integers(0, 9),
    again=st.booleans(),
)
def test_what_the_events_claim_is_what_the_decision_file_of_the_run_claims(
    kind: Callable[[], list[Record]], days: int, again: bool
):
    records = a_run("run", kind, days=days, deployment=DEPLOYMENT)
    if again:  # it decided once more, as after a resumption
        decided = next(record for record in a_run("run", blocked, days=days) if isinstance(record.event, Decided))
        records = [*records, replace(decided, id="again", seq=len(records), at=records[-1].at)]
    document = render_decision(fold(records))
    assert document is not None
    with tempfile.TemporaryDirectory() as name, store_of(Path(name)) as store:
        store.tenant("default").log.append(records)
        told = file_of(Path(name)).testimony(SUBJECT)
    assert recorded_claim(told) == read_decision(document, "run")


def test_a_decision_too_long_for_its_row_is_read_from_its_file(tmp_path: Path):
    records = [with_long_decision(record) for record in a_run("run", blocked)]
    with store_of(tmp_path) as store:
        store.tenant("default").log.append(records)
        both = (asked(file_of(tmp_path)), asked(store.tenant("default")))
    assert both[0] == both[1]
    assert "x" * 100 in both[0].line
    (long,) = (tmp_path / "history.db.blobs").rglob("*.z")
    long.write_bytes(long.read_bytes()[:-9])
    assert "missing or broken" in asked(file_of(tmp_path)).line


def with_long_decision(record: Record) -> Record:
    if not isinstance(record.event, Decided):
        return record
    decision = record.event.decision
    worst = replace(decision.reasons[0], message="x" * THRESHOLD)
    return replace(record, event=Decided(decision=replace(decision, reasons=(worst, *decision.reasons[1:]))))


def changed(folder: Path, *statements: str) -> None:
    """Somebody who owns the file changes it, past its guards."""
    with closing(sqlite3.connect(folder / "history.db", isolation_level=None)) as connection:
        for name in SQLITE_TRIGGERS:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert connection.execute(statement).rowcount > 0, statement


APPROVE = """UPDATE event SET payload = replace(replace(replace(payload, '"verdict":"blocked"', '"verdict":"approved"'),
 '"exit_code":1', '"exit_code":0'), '"blocks":["frontend"]', '"blocks":[]') WHERE type = 'Decided'"""
FORGED_ROW = "UPDATE decision SET verdict = 'approved', exit_code = 0"
CHANGES = {
    "its hash is another": (APPROVE,),
    "its hash is another: of another event": ("UPDATE event SET at = '2026-11-20T00:00:00.000Z' WHERE seq = 0",),
    "the event before it is not the one": (
        "UPDATE event SET hash = prev WHERE type = 'RunFinished' AND run = 'earlier'",
    ),
    "the event after it was stored after another one": (
        "UPDATE event SET prev = hash WHERE run = 'later' AND seq = 0",
    ),
    "the event after it was stored after another one: between them one was removed": (
        "DELETE FROM event WHERE run = 'run' AND seq = 2",
    ),
    "event 0 of its run is missing before it": (
        "UPDATE event SET run = 'earlier', seq = 900 WHERE seq = 0 AND run = 'run'",
    ),
    "the table of decisions says something else": (FORGED_ROW,),
    "the event of it is not there": ("UPDATE decision SET seq = 3 WHERE run = 'run'",),
}


@pytest.mark.parametrize("why", CHANGES)
def test_whoever_changes_the_record_of_a_run_closes_its_gate(tmp_path: Path, why: str):
    with store_of(tmp_path) as store:
        log = store.tenant("default").log
        for name, kind in (("earlier", approved), ("run", blocked), ("later", approved)):
            log.append(a_run(name, kind, deployment=DEPLOYMENT if name == "run" else "dep-9"))
    changed(tmp_path, *CHANGES[why])
    with store_of(tmp_path) as store:
        for witness in (file_of(tmp_path), store.tenant("default")):
            answer = asked(witness)
            assert not answer.open
            assert why.partition(":")[0] in answer.line


def test_whoever_writes_a_decision_anew_with_its_own_hash_is_betrayed_by_the_next_event(tmp_path: Path):
    with store_of(tmp_path) as store:
        log = store.tenant("default").log
        log.append(a_run("run", blocked))
        with store._database.reading("default") as connection:
            stored = StoredEvents(connection=connection, blobs=store._blobs, tenant="default")
            links = list(stored.chain())
    place = next(index for index, item in enumerate(links) if item.sealed.type == "Decided")
    before: Head = links[place - 1].head if place else genesis("default")
    sealed = links[place].sealed
    payload = sealed.payload.replace('"verdict":"blocked"', '"verdict":"approved"')
    payload = payload.replace('"exit_code":1', '"exit_code":0').replace('"blocks":["frontend"]', '"blocks":[]')
    forged = link("default", before, replace(sealed, payload=payload))
    assert payload != sealed.payload
    forget = f"UPDATE event SET hash = '{forged.hash}' WHERE type = 'Decided'"  # noqa: S608 - a hash of our own
    changed(tmp_path, APPROVE, forget, FORGED_ROW)
    assert "the event after it was stored after another one" in asked(file_of(tmp_path)).line


def test_whoever_cuts_the_end_of_the_record_off_closes_the_gate(tmp_path: Path):
    with store_of(tmp_path) as store:
        store.tenant("default").log.append(a_run("run", approved))
    assert asked(file_of(tmp_path)).open
    changed(tmp_path, "DELETE FROM event WHERE type = 'RunFinished'")
    assert "the event after it was stored after another one" in asked(file_of(tmp_path)).line


def test_a_warning_that_has_not_arrived_yet_keeps_the_gate_closed_until_it_does(tmp_path: Path):
    records = a_run("run", approved)
    last = replace(records[-1], seq=records[-1].seq + 1, id="last", event=Warned(message="and then"))
    with store_of(tmp_path) as store:
        history = store.tenant("default")
        history.log.append([*records[:-1], last])
        assert "of its run is missing before it" in asked(file_of(tmp_path)).line
        history.log.append([records[-1]])
        assert asked(file_of(tmp_path)).open


def make_older(folder: Path) -> None:
    changed(folder, "UPDATE alembic_version SET version_num = '0004'")


def cut(folder: Path) -> None:
    (folder / "history.db").write_bytes(b"SQLite format 3\0" + b"nonsense" * 1000)


def remove(folder: Path) -> None:
    (folder / "history.db").unlink()


@pytest.mark.parametrize("spoil", [make_older, cut, remove])
def test_what_is_unusual_about_the_file_is_left_to_the_full_store(tmp_path: Path, spoil: Callable[[Path], None]):
    with store_of(tmp_path) as store:
        store.tenant("default").log.append(a_run("run", approved))
    spoil(tmp_path)
    with pytest.raises(UnusualError):
        file_of(tmp_path).testimony(SUBJECT)
    assert not asked(file_of(tmp_path)).open


def test_a_file_is_only_read_and_never_made(tmp_path: Path):
    with store_of(tmp_path) as store:
        store.tenant("default").log.append(a_run("run", approved))
    before = (tmp_path / "history.db").read_bytes()
    assert file_of(tmp_path).testimony(SUBJECT).decision is not None
    assert (tmp_path / "history.db").read_bytes() == before
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UnusualError):
        file_of(empty).testimony(SUBJECT)
    assert list(empty.iterdir()) == []


def test_neither_way_tells_about_another_tenant(tmp_path: Path):
    with store_of(tmp_path) as store:
        store.tenant("other").log.append(a_run("run", approved, tenant="other"))
        with pytest.raises(TenantError):
            store.tenant("other").testimony(SUBJECT)
        for witness in (file_of(tmp_path), store.tenant("default")):
            assert asked(witness).line.startswith("closed: nothing was decided")
    with pytest.raises(TenantError):
        file_of(tmp_path).testimony(replace(SUBJECT, tenant="../other"))


def test_an_event_of_a_newer_program_is_not_guessed_at(tmp_path: Path):
    with store_of(tmp_path) as store:
        store.tenant("default").log.append(a_run("run"))
    told = file_of(tmp_path).testimony(SUBJECT)
    newer = replace(told, events=tuple(replace(event, version=2) for event in told.events))
    assert recorded_claim(told).run == "run"
    with pytest.raises(NewerPayloadError):
        recorded_claim(newer)


SLOW_LIBRARIES = ("sqlalchemy", "pydantic", "rich", "httpx", "cryptography", "jinja2", "yaml", "slack_sdk")


def test_an_answer_from_a_sqlite_file_loads_no_slow_library(tmp_path: Path):
    now = datetime.now(UTC)
    with open_store(folder=tmp_path) as store:
        store.tenant("default").log.append(a_run("run", approved, days=(now - HOUR - BEGAN) / timedelta(days=1)))
    code = (
        "import os, sys\nfrom validator.cli.main import main\nos._exit = sys.exit\n"
        f"sys.argv = ['validator', 'gate', 'check', '-e', 'production', '--deployment-id', '{DEPLOYMENT}']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    print(end.code)\n"
        f"print(*[name for name in {SLOW_LIBRARIES!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.splitlines() == ["open: approved by run run", "0", ""]
