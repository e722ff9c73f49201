"""Each question to the record is answered by an index: no scan of a whole table, no sorting of a list.

The statements are those that the repositories send; nothing of them is written down here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from tests.fakes.runs import approved, blocked, undecided
from tests.history.postgres import PostgresServer
from tests.history.samples import a_run, decided
from validator.history.store import History, Store, open_store
from validator.history.views import RunFilter
from validator.model.causes import Cause
from validator.model.decision import Verdict
from validator.model.events import Record, RunStarted
from validator.model.observed import DeploymentObserved

RUNS = 400


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question, and the indexes of which each has to serve a statement of it."""

    ask: Callable[[History], object]
    indexes: tuple[str, ...]


def page(**wanted: object) -> Callable[[History], object]:
    """The second page of a list."""

    def ask(history: History) -> object:
        asked = RunFilter(**wanted)  # type: ignore[arg-type]  # checked when the tests run
        return history.runs.page(asked, limit=2, cursor=history.runs.page(asked, limit=2).cursor)

    return ask


QUESTIONS = {
    "a gate about an environment": Asked(
        ask=decided, indexes=("decision_by_environment", "run_by_environment", "event_run")
    ),
    "a gate about a revision": Asked(
        ask=lambda history: decided(history, revision="8f3c2d1b6a7e4f0912345678"),
        indexes=("decision_by_revision", "run_by_environment", "event_run"),
    ),
    "a gate about a deployment": Asked(
        ask=lambda history: decided(history, deployment="dep-0"),
        indexes=("decision_by_deployment", "run_by_environment", "event_run"),
    ),
    "newest run of a deployment": Asked(
        ask=lambda history: history.runs.newest("production", "dep-7"), indexes=("run_by_subject",)
    ),
    "runs by time": Asked(ask=page(), indexes=("run_by_time",)),
    "runs since a moment": Asked(ask=page(since="2026-11-22"), indexes=("run_by_time",)),
    "runs of an environment": Asked(ask=page(environment="production"), indexes=("run_by_environment",)),
    "runs that decided so": Asked(ask=page(verdict=Verdict.UNDECIDED), indexes=("run_by_verdict",)),
    "runs with a cause": Asked(ask=page(cause=Cause.APP_CRASH), indexes=("run_cause_by_cause",)),
    "runs of a flow": Asked(ask=page(flow="Checkout"), indexes=("flow_outcome_by_flow",)),
    "timeline of a run": Asked(ask=lambda history: history.log.records("run-007"), indexes=("event_run",)),
    "how a flow ended": Asked(
        ask=lambda history: history.flows.outcomes("production", "Checkout"), indexes=("flow_outcome_by_environment",)
    ),
    "how long flows take": Asked(
        ask=lambda history: history.flows.stats("production", ["Checkout"]), indexes=("flow_timing_by_flow",)
    ),
    "similar failures": Asked(
        ask=lambda history: history.failures.similar(Cause.APP_CRASH, "Element not found", flow="Checkout"),
        indexes=("attempt_by_signature", "attempt_by_flow", "attempt_by_cause"),
    ),
    "counts of a period": Asked(
        ask=lambda history: history.counting.over("2026-11-21", "2026-11-23"),
        indexes=("run_counts", "run_cause_counts"),
    ),
    "accounts that were used": Asked(
        ask=lambda history: history.budget.used("production", "", timedelta(hours=1)), indexes=("account_use_by_time",)
    ),
    "alerts that are due": Asked(ask=lambda history: history.outbox.due("2099"), indexes=("alert_outbox_due",)),
    "what a target was told": Asked(
        ask=lambda history: history.outbox.told("slack #prod", "default/production/"),
        indexes=("alert_outbox_told",),
    ),
    "is an event stored": Asked(ask=lambda history: history.log.contains("run-007-0003"), indexes=("event_id",)),
}
SORTED_BY_INDEX = [name for name in QUESTIONS if name.startswith(("newest", "runs", "timeline", "how a", "what a"))]


def fill(store: Store) -> None:
    kinds = (approved, blocked, undecided)
    for tenant in ("default", "other"):
        records = [
            elsewhere(record) if number % 8 else of_a_revision(record, number)
            for number in range(RUNS)
            for record in a_run(
                f"run-{number:03d}", kinds[number % 3], tenant=tenant, days=number / 40, deployment=f"dep-{number // 3}"
            )
        ]
        store.tenant(tenant).log.append(records)


def elsewhere(record: Record) -> Record:
    """Most runs are of another environment than the one that is asked about."""
    if isinstance(record.event, RunStarted):
        return replace(record, event=replace(record.event, environment="staging"))
    return record


def of_a_revision(record: Record, number: int) -> Record:
    """All but the first run are of revisions of their own, so that only one index tells the one that is asked about."""
    if number and isinstance(record.event, DeploymentObserved):
        moved = replace(record.event.deployment, revision=f"{number:040x}")
        return replace(record, event=replace(record.event, deployment=moved))
    return record


Statement = tuple[str, object]


def sent(store: Store, ask: Callable[[History], object]) -> list[Statement]:
    """The questions that the repositories send to the database."""
    statements: list[Statement] = []
    engine = store._database._engine

    def note(_c: object, _k: object, statement: str, parameters: object, _x: object, _m: object) -> None:
        if statement.startswith("SELECT") and "set_config" not in statement:
            statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        ask(store.tenant("default"))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return statements


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(folder=tmp_path_factory.mktemp("plans")) as store:
        fill(store)
        yield store


def sqlite_plans(store: Store, name: str) -> list[str]:
    def plan(connection: Connection, statement: Statement) -> str:
        text, parameters = statement
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters)  # type: ignore[arg-type]
        return "\n".join(str(row.detail) for row in rows)

    statements = sent(store, QUESTIONS[name].ask)
    with store._database.reading("default") as connection:
        return [plan(connection, statement) for statement in statements]


@pytest.mark.parametrize("name", QUESTIONS)
def test_sqlite_answers_by_an_index_and_scans_nothing(sqlite: Store, name: str):
    plans = sqlite_plans(sqlite, name)
    assert plans
    for index in QUESTIONS[name].indexes:
        assert any(re.search(rf"USING (COVERING )?INDEX {index}\b", plan) for plan in plans), plans
    assert not [plan for plan in plans if re.search(r"^SCAN ", plan, re.MULTILINE)], plans


@pytest.mark.parametrize("name", SORTED_BY_INDEX)
def test_sqlite_sorts_no_list(sqlite: Store, name: str):
    assert not [plan for plan in sqlite_plans(sqlite, name) if "TEMP B-TREE FOR ORDER BY" in plan]


def test_an_index_that_is_gone_is_noticed(tmp_path: Path):
    with open_store(folder=tmp_path) as store:
        fill_little(store)
        with store._database.owning() as connection:
            connection.exec_driver_sql("DROP INDEX run_by_verdict")
        plans = sqlite_plans(store, "runs that decided so")
    assert not any("run_by_verdict" in plan for plan in plans)


def fill_little(store: Store) -> None:
    for number in range(8):
        store.tenant("default").log.append(a_run(f"run-{number}", undecided, days=number))


@pytest.fixture(scope="module")
def postgresql(postgres: PostgresServer, postgres_template: str) -> Iterator[Store]:
    address = postgres.new_database(postgres_template)
    with open_store(address) as store:
        fill(store)
        postgres.execute("VACUUM ANALYZE", address.rpartition("/")[2])
        yield store


@pytest.mark.slow
@pytest.mark.parametrize("name", QUESTIONS)
def test_postgresql_answers_by_an_index(postgresql: Store, name: str):
    """Slow: starts PostgreSQL. Tables this small are cheaper to scan, so the planner is asked what it would do."""
    statements = sent(postgresql, QUESTIONS[name].ask)
    with postgresql._database.reading("default") as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        plans = [postgresql_nodes(connection, statement) for statement in statements]
    used = {node.get("Index Name") for plan in plans for node in plan}
    assert set(QUESTIONS[name].indexes) <= used, (name, used)
    assert not [node for plan in plans for node in plan if node["Node Type"] == "Seq Scan"]


def postgresql_nodes(connection: Connection, statement: Statement) -> Sequence[dict[str, object]]:
    """Every node of a plan, in any order."""
    text, parameters = statement
    answer = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}", parameters).scalar()  # type: ignore[arg-type]
    assert answer is not None
    tree = json.loads(answer) if isinstance(answer, str) else answer
    nodes, left = [], [tree[0]["Plan"]]
    while left:
        node = left.pop()
        nodes.append(node)
        left += node.get("Plans", [])
    return nodes
