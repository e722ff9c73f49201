"""Processes of their own that write into one store, and say what they were told is stored."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Concatenate, ParamSpec, TypeVar

from tests.history.samples import KINDS, a_run, acted
from validator.history.acts import AccountsUsed, ActKind, AlertQueued
from validator.history.blobs import THRESHOLD
from validator.history.budget import BudgetSpentError
from validator.history.errors import ConflictError, StoreUnreachableError
from validator.history.store import History, Store, open_store
from validator.model.budget import AccountLimit
from validator.model.events import Record, Warned

P = ParamSpec("P")
T = TypeVar("T")
STARTED = multiprocessing.get_context("forkserver")
STARTED.set_forkserver_preload(
    [
        __name__,
        "sqlalchemy.dialects.sqlite.pysqlite",
        "sqlalchemy.dialects.postgresql.psycopg",
        "validator.history.database_postgresql",
    ]
)
OPEN = "open"
SPAN = timedelta(hours=1)
LONG = 5
"""The event of every third run that is long enough to be kept apart."""


class Writer:
    """One process. What it sends arrives even when it was killed right after."""

    def __init__(
        self, work: Callable[Concatenate[Connection, str, P], None], address: str, *args: P.args, **kwargs: P.kwargs
    ) -> None:
        self._ours, theirs = STARTED.Pipe(duplex=False)
        self._process = STARTED.Process(target=work, args=(theirs, address, *args), kwargs=kwargs, daemon=True)
        self._process.start()
        theirs.close()

    def kill(self) -> list[str]:
        """SIGKILL; everything it had said before."""
        self._process.kill()
        return self.rest()

    def next(self, seconds: float = 30.0) -> str:
        """What it says next."""
        assert self._ours.poll(seconds), "the writer says nothing"
        return str(self._ours.recv())

    def rest(self, seconds: float = 50.0) -> list[str]:
        """Everything that it says until its end."""
        said: list[str] = []
        try:
            while True:
                said.append(self.next(seconds))
        except EOFError:
            self._process.join(seconds)
            self._process.close()
            self._ours.close()
        return said


def events_of(name: str, number: int) -> list[Record]:
    """A run of this writer; every third one has a long event."""
    records = a_run(f"{name}-{number}", KINDS[number % len(KINDS)], days=number % 50)
    if number % 3 == 0:
        records[LONG] = replace(records[LONG], event=Warned(message=f"{name} {number} " + "x" * THRESHOLD))
    return records


def write_for_ever(said: Connection, address: str, name: str, seed: int) -> None:
    """Say that the store is open, append runs in cuts of random lengths, acknowledge each event; until killed."""
    chance = random.Random(seed)  # noqa: S311 - cuts that can be repeated
    with patiently_opened(address) as store:
        said.send(OPEN)
        history = store.tenant("default")
        number = 0
        while True:
            records = events_of(name, number)
            while records:
                cut = chance.randint(1, 9)
                batch, records = records[:cut], records[cut:]
                patiently(partial(history.log.append, batch))
                for record in batch:
                    said.send(record.id)
            said.send(spend(history, f"{name}-{number}"))
            number += 1


def spend(history: History, run: str) -> str:
    """Take an account, and tell nobody but the outbox; the id of the last act."""
    use = AccountsUsed(environment="production", address="", accounts=1)
    patiently(lambda: history.budget.spend(run, use, limits=(AccountLimit(most=10**6, within=SPAN.total_seconds()),)))
    patiently(lambda: history.outbox.queue(run, AlertQueued(key=run, channel="slack", body="it broke")))
    return history.log.acts(run)[-1].id


def write_runs(said: Connection, address: str, name: str, runs: int) -> None:
    """Append so many runs, each in three cuts, the last one first; say each run when all of it is stored."""
    with open_store(address) as store:
        log = store.tenant("default").log
        for number in range(runs):
            records = events_of(name, number)
            log.append(records[20:])
            log.append(records[:10])
            log.append(records[8:])
            said.send(records[0].run)


def take_accounts(said: Connection, address: str, limit: int, together: Barrier) -> None:
    """Take accounts, three at a time, until there are none left; say each taking."""
    use = AccountsUsed(environment="production", address="", accounts=3)
    with open_store(address) as store:
        budget = store.tenant("default").budget
        together.wait(30)
        while True:
            try:
                said.send(
                    str(budget.spend("run", use, limits=(AccountLimit(most=limit, within=SPAN.total_seconds()),)))
                )
            except BudgetSpentError:
                return


def answer(said: Connection, address: str, by: str, after: str, together: Barrier) -> None:
    """Override at the same moment as others; say the id of the act, or that somebody was quicker."""
    with open_store(address) as store:
        decisions = store.tenant("default").decisions
        decisions.acts("run")
        together.wait(30)
        try:
            said.send(decisions.record("run", acted(ActKind.OVERRIDE, by, after)).id)
        except ConflictError:
            said.send("too late")


def patiently_opened(address: str) -> Store:
    """The store, however long it takes to come back."""
    return patiently(lambda: open_store(address))


def patiently(call: Callable[[], T]) -> T:
    """What the call returns once the store answers."""
    while True:
        try:
            return call()
        except StoreUnreachableError:
            continue
