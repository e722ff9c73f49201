"""While the store is away a run goes on, and its events wait in the journal; a decision waits for the store."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from tests.history.postgres import PostgresServer
from tests.history.proxy import Fate, Proxy
from tests.history.samples import a_run, decided
from tests.history.writers import STARTED, Writer
from validator.history.address import parse_address
from validator.history.database import Database
from validator.history.database_postgresql import IDLE_SECONDS
from validator.history.errors import ConflictError, StoreUnreachableError
from validator.history.journal import FILE_NAME, Journal, read_journal
from validator.history.log import EventLog
from validator.history.observer import HistoryObserver, UnrecordedError
from validator.history.recover import recover
from validator.history.store import History, Store, open_store
from validator.model.events import Decided, Record
from validator.model.timing import Usual
from validator.support.clock import SystemClock
from validator.support.stop import Stop
from validator.wiring.baselines import baselines

RUN = a_run("run")
DECIDED = next(record.seq for record in RUN if isinstance(record.event, Decided))
COMMIT = b"COMMIT\0"
"""The message of that name; `BEGIN ISOLATION LEVEL READ COMMITTED` is another."""
LONGEST_BLOCK = 14.0
"""Seconds that one event may hold up a run: 5 until a server is taken for dead, 5 for a new connection, and slack."""

Observed = Callable[..., HistoryObserver]


@pytest.fixture
def observed(tmp_path: Path) -> Iterator[Observed]:
    made: list[HistoryObserver] = []

    def observe(log: EventLog, *, patience: float = 30.0, stop: Stop | None = None) -> HistoryObserver:
        journal = Journal(tmp_path / FILE_NAME)
        made.append(HistoryObserver(journal, log, SystemClock(), patience=patience, stop=stop))
        return made[-1]

    yield observe
    for observer in made:
        observer.close()


def journal_of(tmp_path: Path) -> list[Record]:
    return list(read_journal(tmp_path / FILE_NAME))


def test_a_run_is_in_the_journal_and_in_the_store(history: History, observed: Observed, tmp_path: Path):
    observer = observed(history.log)
    for record in RUN:
        observer.handle(record)
        assert history.log.records("run")[-1] == journal_of(tmp_path)[-1] == record
    assert observer.unstored == 0


def test_a_decision_that_the_store_refuses_is_not_in_the_journal(history: History, observed: Observed, tmp_path: Path):
    observer = observed(history.log)
    history.log.append(a_run("run")[: DECIDED + 1])
    for record in RUN[:DECIDED]:
        observer.handle(record)
    with pytest.raises(ConflictError):
        observer.handle(replace(RUN[DECIDED], id="another"))
    assert journal_of(tmp_path) == RUN[:DECIDED]


def test_a_run_that_died_between_store_and_journal_is_made_whole(history: History, tmp_path: Path):
    history.log.append(RUN[: DECIDED + 1])
    with Journal(tmp_path / FILE_NAME) as journal:
        for record in RUN[:DECIDED]:
            journal.handle(record)
    assert recover(tmp_path / FILE_NAME, "run", history.log) == RUN[: DECIDED + 1]
    assert journal_of(tmp_path) == RUN[: DECIDED + 1]


def hold(said: Connection, address: str, until: Event) -> None:
    """Hold the only turn to write until told otherwise."""
    database = Database(parse_address(address, Path()))
    with database.owning():
        said.send("held")
        until.wait(30)
    database.close()


@pytest.fixture
def holding(sqlite_file: Path) -> Iterator[Event]:
    """Another process holds the SQLite file; set the event to end that."""
    until = STARTED.Event()
    holder = Writer(hold, f"sqlite:///{sqlite_file}", until)
    assert holder.next() == "held"
    yield until
    until.set()
    holder.rest()


def test_a_file_that_another_process_holds_keeps_no_run_from_going_on(
    holding: Event, sqlite_file: Path, observed: Observed, tmp_path: Path
):
    with open_store(f"sqlite:///{sqlite_file}") as store:
        log = store.tenant("default").log
        observer = observed(log, patience=0.1)
        begun = time.monotonic()
        for record in RUN[:DECIDED]:
            observer.handle(record)
        assert time.monotonic() - begun < 4
        assert observer.unstored == DECIDED
        with pytest.raises(UnrecordedError, match=f"{DECIDED} events of this run and its decision"):
            observer.handle(RUN[DECIDED])
        assert journal_of(tmp_path) == RUN[:DECIDED]
        holding.set()
        imported = store.tenant("default").import_file(tmp_path / FILE_NAME)
        assert (imported.stored, imported.known) == (DECIDED, 0)
        assert decided(store.tenant("default")) is None
        assert store.tenant("default").verify().ok


def test_a_decision_waits_until_the_file_is_free(holding: Event, sqlite_file: Path, observed: Observed):
    with open_store(f"sqlite:///{sqlite_file}") as store:
        observer = observed(store.tenant("default").log)
        for record in RUN[:DECIDED]:
            observer.handle(record)
        holding.set()
        observer.handle(RUN[DECIDED])
        assert observer.unstored == 0
        assert store.tenant("default").log.records("run") == RUN[: DECIDED + 1]


def test_a_stop_ends_the_waiting_at_once(holding: Event, sqlite_file: Path, observed: Observed):
    stop = Stop()
    stop.set("interrupted")
    with open_store(f"sqlite:///{sqlite_file}") as store:
        observer = observed(store.tenant("default").log, patience=600.0, stop=stop)
        begun = time.monotonic()
        with pytest.raises(UnrecordedError):
            observer.handle(RUN[DECIDED])
        assert time.monotonic() - begun < 4


@pytest.fixture
def direct(postgres: PostgresServer, postgres_template: str) -> Iterator[Store]:
    with open_store(postgres.new_database(postgres_template)) as store:
        yield store


@pytest.fixture
def proxy(postgres: PostgresServer) -> Iterator[Proxy]:
    proxy = Proxy(postgres.port)
    yield proxy
    proxy.close()


@pytest.fixture
def far(direct: Store, proxy: Proxy, postgres: PostgresServer) -> Iterator[Store]:
    """The same store as `direct`, behind the proxy."""
    name = direct.tenant("default").counting.stats().address.rpartition("/")[2]
    with open_store(f"postgresql://postgres@127.0.0.1:{proxy.port}/{name}") as store:
        yield store


@pytest.mark.slow
def test_events_wait_in_the_journal_while_the_network_is_gone(
    direct: Store, far: Store, proxy: Proxy, observed: Observed
):
    """Slow: starts PostgreSQL."""
    observer = observed(far.tenant("default").log)
    for record in RUN[:DECIDED]:
        if record.seq == 4:
            proxy.refuse()
        observer.handle(record)
    assert observer.unstored == DECIDED - 4
    assert direct.tenant("default").log.records("run") == RUN[:4]
    proxy.mend()
    for record in RUN[DECIDED:]:
        observer.handle(record)
    assert observer.unstored == 0
    assert direct.tenant("default").log.records("run") == RUN


def test_what_flows_usually_take_is_said_to_be_unknown_while_the_store_is_away(far: Store, proxy: Proxy):
    usual = baselines(far.tenant("default"), "production")
    assert usual(["Checkout"]) == Usual()
    proxy.refuse()
    away = usual(["Checkout"])
    assert away.baselines == ()
    assert "does not answer" in away.unknown
    proxy.mend()
    assert usual(["Checkout"]) == Usual()


@pytest.mark.slow
@pytest.mark.parametrize("fate", [Fate.LOST, Fate.DELIVERED])
def test_a_connection_lost_while_committing_stores_nothing_twice(
    direct: Store, far: Store, proxy: Proxy, observed: Observed, fate: Fate
):
    """Slow: starts PostgreSQL. Whether the commit arrived is what the client cannot know."""
    observer = observed(far.tenant("default").log)
    for record in RUN:
        if record.seq in (3, DECIDED):
            proxy.trap(COMMIT, fate)
        observer.handle(record)
        assert proxy.trapped or record.seq < 3
    assert direct.tenant("default").log.records("run") == RUN
    assert direct.tenant("default").verify().events == len(RUN)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["refuse", "hang"])
def test_a_store_that_stays_away_has_no_decision_and_takes_the_rest_later(
    direct: Store, far: Store, proxy: Proxy, observed: Observed, tmp_path: Path, *, way: str
):
    """Slow: starts PostgreSQL, and waits for a server that never answers."""
    observer = observed(far.tenant("default").log, patience=2.0)
    took = []
    for record in RUN[:DECIDED]:
        if record.seq == 4:
            getattr(proxy, way)()
        begun = time.monotonic()
        observer.handle(record)
        took.append(time.monotonic() - begun)
    begun = time.monotonic()
    with pytest.raises(UnrecordedError, match="the gate stays closed"):
        observer.handle(RUN[DECIDED])
    took.append(time.monotonic() - begun)
    assert max(took) < LONGEST_BLOCK
    ours = direct.tenant("default")
    assert ours.log.records("run") == RUN[:4]
    assert journal_of(tmp_path) == RUN[:DECIDED]
    proxy.mend()
    imported = ours.import_file(tmp_path / FILE_NAME)
    assert (imported.stored, imported.known) == (DECIDED - 4, 4)
    assert decided(ours) is None
    assert ours.verify().ok


@pytest.mark.slow
def test_a_transaction_that_falls_silent_is_given_up_by_both_sides(direct: Store, far: Store, proxy: Proxy):
    """Slow: waits until the client takes the server for dead, and the server the client, which holds the lock."""
    far.tenant("default").log.append(RUN[:3])
    proxy.trap(COMMIT, Fate.SWALLOWED)
    begun = time.monotonic()
    with pytest.raises(StoreUnreachableError, match="no answer within 10 s"):
        far.tenant("default").log.append(RUN[3:4], busy=0.3)
    assert time.monotonic() - begun < LONGEST_BLOCK
    direct.tenant("default").log.append(RUN[4:5])
    assert time.monotonic() - begun < IDLE_SECONDS + 5
    assert direct.tenant("default").log.records("run") == [*RUN[:3], RUN[4]]
