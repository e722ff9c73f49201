"""Whatever happens in whatever order: the chain is whole, tenants are apart, and only a decision opens the gate."""

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.history.interleavings import Interleavings
from tests.history.postgres import PostgresServer

SETTINGS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], stateful_step_count=20)


@pytest.fixture
def sqlite_machine(sqlite_template: Path, tmp_path: Path) -> type[Interleavings]:
    numbers = count()

    def address() -> str:
        file = tmp_path / f"{next(numbers)}.db"
        shutil.copy(sqlite_template, file)
        return f"sqlite:///{file}"

    return machine(address)


def machine(address: Callable[[], str]) -> type[Interleavings]:
    class Here(Interleavings):
        new_address = staticmethod(address)

    return Here


def test_any_interleaving_on_sqlite_keeps_the_invariants(sqlite_machine: type[Interleavings]):
    run_state_machine_as_test(sqlite_machine, settings=settings(SETTINGS, max_examples=12))


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_many_interleavings_on_sqlite_keep_the_invariants(sqlite_machine: type[Interleavings]):
    """Slow: three times as many."""
    run_state_machine_as_test(sqlite_machine, settings=settings(SETTINGS, max_examples=40))


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_any_interleaving_on_postgresql_keeps_the_invariants(postgres: PostgresServer, postgres_template: str):
    """Slow: a database for each example."""
    here = machine(lambda: postgres.new_database(postgres_template))
    run_state_machine_as_test(here, settings=settings(SETTINGS, max_examples=6))
