"""SIGKILL at any moment, of a writer or of the server: what was acknowledged is there, and the rest is whole."""

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.history.postgres import PostgresServer
from tests.history.writers import OPEN, Writer, events_of, write_for_ever
from validator.history.store import History, migrate_store, open_store

LONGEST = 0.15
"""Seconds that a writer lives at most after it opened the store, or, one in five, after it began to open it."""


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("kind", "kills"), [("sqlite", 140), ("postgresql", 60)])
def test_a_killed_writer_leaves_everything_it_was_told_is_stored(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, kills: int
):
    """Slow: 200 processes live a tenth of a second each. There are always two, so that one dies in another's turn."""
    address = an_address(request, tmp_path, kind)
    chance = random.Random(f"{kind} {kills}")  # noqa: S311 - moments that can be repeated
    acknowledged: list[str] = []
    before = Writer(write_for_ever, address, "writer", 0)
    for number in range(1, kills + 1):
        writer = Writer(write_for_ever, address, f"writer{number}", number)
        if number % 5:
            assert writer.next() == OPEN
        time.sleep(chance.uniform(0, LONGEST))  # the moment is what is tested, and any is right
        acknowledged += before.kill()
        before = writer
        if number % 50 == 0:
            with open_store(address) as store:
                assert store.tenant("default").verify().ok
    acknowledged += before.kill()
    with open_store(address) as store:
        assert len(acknowledged) > kills
        check(store.tenant("default"), acknowledged)
        resume(store.tenant("default"), acknowledged)


@pytest.fixture(scope="module")
def durable() -> Iterator[PostgresServer]:
    server = PostgresServer(durable=True)
    yield server
    server.remove()


@pytest.mark.slow
def test_a_server_that_crashes_has_everything_it_acknowledged(durable: PostgresServer):
    """Slow: PostgreSQL is crashed and recovers four times under two writers."""
    address = durable.new_database()
    migrate_store(address)
    acknowledged: list[str] = []
    writers = [Writer(write_for_ever, address, f"writer{number}", number) for number in range(2)]
    for _ in range(4):
        acknowledged += [writer.next() for writer in writers for _ in range(40)]
        durable.stop("immediate")
        durable.start()
    acknowledged += [line for writer in writers for line in writer.kill()]
    with open_store(address) as store:
        check(store.tenant("default"), acknowledged)


def an_address(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> str:
    if kind == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        return server.new_database(request.getfixturevalue("postgres_template"))
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "history.db")
    return f"sqlite:///{tmp_path}/history.db"


def check(history: History, acknowledged: list[str]) -> None:
    """Everything acknowledged is there, the chain is whole, and the projections are those of a rebuild."""
    found = history.verify()
    assert (found.broken, found.problems) == (None, ())
    missing = [event for event in acknowledged if event != OPEN and not history.log.contains(event)]
    assert missing == []


def resume(history: History, acknowledged: list[str]) -> None:
    """Whoever replays the runs that were cut off completes them, without doubles."""
    runs = {event.rpartition("-")[0] for event in acknowledged if event.startswith("writer")}
    for run in runs:
        name, _, number = run.rpartition("-")
        records = events_of(name, int(number))
        history.log.append(records)
        assert history.log.records(run) == records
    found = history.verify()
    assert (found.ok, [run for run in found.gaps if run in runs]) == (True, [])
