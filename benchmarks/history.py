"""The record of runs with a million events in it, on SQLite and on PostgreSQL: how fast it takes and answers.

python -m benchmarks history                   a million events in 20,000 runs; about a quarter of an hour
VALIDATOR_BENCH_EVENTS=50000 python -m benchmarks history
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice

from tests.fakes.builders import PIXEL, attempt, settled
from tests.fakes.runs import approved, blocked, interrupted, not_production, undecided
from tests.history.postgres import PostgresServer
from tests.history.samples import a_run, decided
from validator.history.store import History, migrate_store, open_store
from validator.history.views import RunFilter
from validator.model.attempt import RunnerReport
from validator.model.causes import Cause
from validator.model.decision import Verdict
from validator.model.events import AttemptFinished, Event, FlowSettled, Record, RunStarted
from validator.model.flow import FlowOutcome

EVENTS = int(os.environ.get("VALIDATOR_BENCH_EVENTS", "1000000"))
PER_RUN = 50
ASKED = 200
"""Questions of a kind; their 95th percentile counts."""
ENVIRONMENTS = ("production", "staging", "preview", "load-test")
KINDS = (approved, approved, approved, blocked, undecided, approved, not_production, interrupted)
WORDS = ("Pay", "Search", "Profile", "Cart", "Sign in", "12 results", "Order placed", "Settings", "Help", "Sold out")
DEPLOYMENTS_EACH = 3
"""Runs of one deployment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One kind of question."""

    name: str
    goal: float
    """Milliseconds."""
    ask: Callable[[History, random.Random], object]


def main() -> None:
    """Fill and ask both databases."""
    print(f"the record of runs: {EVENTS:,} events in {EVENTS // PER_RUN:,} runs")
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", f"sqlite:///{folder}/history.db")
    server = PostgresServer(durable=True)
    try:
        address = server.new_database()
        migrate_store(address)
        _measure("PostgreSQL", address, settle=lambda: server.execute("VACUUM ANALYZE", address.rpartition("/")[2]))
    finally:
        server.remove()


def _measure(name: str, address: str, settle: Callable[[], None] = lambda: None) -> None:
    with open_store(address) as store:
        history = store.tenant("default")
        for number in range(20):
            store.tenant("small").log.append(_run(number, random.Random(number), tenant="small"))  # noqa: S311
        _tell(name, "append", _append(history), 3000, "events/s", more=True)
        settle()
        for question in QUESTIONS:
            _tell(name, f"{question.name}, p95", _p95(history, question), question.goal, "ms")
        _tell(name, "rebuild", _timed(history.rebuild), 60, "s")
        _tell(name, "verify the chain", _timed(lambda: history.verify(projections=False)), None, "s")


def _append(history: History) -> float:
    """Events per second that one process stores, a run at a time; making the runs does not count."""
    chance, spent, stored = random.Random(1), 0.0, 0  # noqa: S311 - the same runs every time
    for number in range(EVENTS // PER_RUN):
        records = _run(number, chance)
        began = time.perf_counter()
        stored += history.log.append(records).stored
        spent += time.perf_counter() - began
    return stored / spent


def _run(number: int, chance: random.Random, tenant: str = "default") -> list[Record]:
    """One of the runs that other tests know, with words, flows and times of its own, filled up to `PER_RUN` events."""
    made = a_run(
        f"run-{number:06d}",
        chance.choice(KINDS),
        tenant=tenant,
        days=number / 60 + chance.random() / 100,
        deployment=f"dep-{number // DEPLOYMENTS_EACH}",
    )
    words = chance.choice(WORDS)
    records = [_varied(record, number, words) for record in made]
    pattern, missing = records[-2], PER_RUN - len(records)
    filling = [
        replace(pattern, id=f"run-{number:06d}-x{extra:03d}", event=event)
        for extra, event in enumerate(islice(_more_flows(chance), missing))
    ]
    return [replace(record, seq=seq) for seq, record in enumerate([*records[:-1], *filling, records[-1]])]


def _more_flows(chance: random.Random) -> Iterator[Event]:
    """Flow after flow that passes: begun, ended, settled."""
    for number in count():
        name = f"Screen {number}"
        for _, event in attempt(name, 1, PIXEL.serial, 0.0, round(chance.uniform(5, 60), 3)):
            yield event
        yield FlowSettled(flow=settled(name, FlowOutcome.PASSED))


def _varied(record: Record, number: int, words: str) -> Record:
    event = record.event
    if isinstance(event, RunStarted):
        return replace(record, event=replace(event, environment=ENVIRONMENTS[number % len(ENVIRONMENTS)]))
    if isinstance(event, AttemptFinished) and event.evidence.runner.message:
        message = f"Element with text {words!r} not found within {17000 + number % 900} ms"
        runner: RunnerReport = replace(event.evidence.runner, message=message)
        return replace(record, event=replace(event, evidence=replace(event.evidence, runner=runner)))
    return record


def _any_run(chance: random.Random) -> int:
    return chance.randrange(EVENTS // PER_RUN)


def _environment(chance: random.Random) -> str:
    return chance.choice(ENVIRONMENTS)


def _since(chance: random.Random) -> str:
    days = EVENTS // PER_RUN // 60
    return f"{2026 + chance.randrange(max(days // 365, 1))}-{chance.randrange(1, 13):02d}-01T00:00:00.000Z"


def _filters(chance: random.Random) -> RunFilter:
    verdict, cause = chance.choice(list(Verdict)), chance.choice([Cause.APP_CRASH, Cause.DEVICE_LOST])
    return chance.choice(
        [
            RunFilter(environment=_environment(chance)),
            RunFilter(verdict=verdict),
            RunFilter(cause=cause),
            RunFilter(flow="Checkout"),
            RunFilter(since=_since(chance)),
            RunFilter(environment=_environment(chance), verdict=verdict),
            RunFilter(environment=_environment(chance), cause=cause, since=_since(chance)),
            RunFilter(flow="Checkout", cause=Cause.APP_CRASH),
        ]
    )


def _deep(history: History, chance: random.Random) -> object:
    """The third page of a list."""
    wanted, cursor = RunFilter(environment=_environment(chance)), ""
    for _ in range(3):
        page = history.runs.page(wanted, cursor=cursor)
        cursor = page.cursor or cursor
    return page


QUESTIONS: Sequence[Question] = (
    Question(
        name="latest decision for a deployment",
        goal=5,
        ask=lambda history, chance: decided(
            history, _environment(chance), deployment=f"dep-{_any_run(chance) // DEPLOYMENTS_EACH}"
        ),
    ),
    Question(
        name="latest decision of an environment",
        goal=5,
        ask=lambda history, chance: decided(history, _environment(chance)),
    ),
    Question(
        name="timeline of a run",
        goal=20,
        ask=lambda history, chance: history.log.records(f"run-{_any_run(chance):06d}"),
    ),
    Question(name="filtered list", goal=40, ask=lambda history, chance: history.runs.page(_filters(chance))),
    Question(name="three pages of a filtered list", goal=120, ask=_deep),
    Question(
        name="similar failures",
        goal=60,
        ask=lambda history, chance: history.failures.similar(
            Cause.APP_CRASH, f"Element with text {chance.choice(WORDS)!r} not found", flow="Checkout"
        ),
    ),
    Question(
        name="outcomes and times of the flows",
        goal=60,
        ask=lambda history, chance: history.flows.stats(_environment(chance)),
    ),
    Question(
        name="counts over a month",
        goal=60,
        ask=lambda history, chance: history.counting.over(*_month(chance)),
    ),
)


def _month(chance: random.Random) -> tuple[str, str]:
    since = _since(chance)
    return since, since[:8] + "31T23:59:59.999Z"


def _p95(history: History, question: Question) -> float:
    chance = random.Random(2)  # noqa: S311 - the same questions every time
    question.ask(history, chance)
    spent = sorted(_timed(lambda: question.ask(history, chance)) for _ in range(ASKED))
    return spent[int(len(spent) * 0.95)] * 1000


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _tell(  # noqa: PLR0913 - the cells of one row
    name: str, what: str, measured: float, goal: float | None, unit: str, *, more: bool = False
) -> None:
    shown = f"{name:<11}{what:<40} {measured:10,.1f} {unit}"
    if goal is None:
        print(shown, flush=True)
        return
    met = measured >= goal if more else measured <= goal
    print(f"{shown:<72} goal {'>=' if more else '<='} {goal:g}: {'met' if met else 'MISSED'}", flush=True)
