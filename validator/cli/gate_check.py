"""`validator gate check`: the frontend pipeline's one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.cli.gate_question import question, question_options, tell
from validator.cli.history_open import opened_history, store_address, store_options
from validator.model.verdict import ExitCode

if TYPE_CHECKING:
    from datetime import datetime

    from validator.gates.check import Question
    from validator.history.store import History
    from validator.support.stop import Stop
    from validator.wiring.gate import Known, Source


@click.command(name="check", epilog="Exit codes: validator --help")
@question_options
@click.option("--from", "source", default=None, metavar="FILE|URL", help="A decision, instead of the record of runs.")
@click.option("--key", default=None, metavar="PUB", help="The decision must be signed by this public key.")
@click.option("--wait", default="", metavar="DURATION", help="Wait for a run in progress, at most so long: 15m.")
@click.option(
    "--dotenv", default=None, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="For GitLab."
)
@store_options
def command(
    environment: str,
    deployment_id: str,
    revision: str,
    deployed_at: str | None,
    policy: str | None,
    purpose: str,
    as_json: bool,
    source: str | None,
    key: str | None,
    wait: str,
    dotenv: Path | None,
    address: str | None,
    tenant: str | None,
) -> ExitCode:
    """Is the gate open for what is about to be deployed? Anything but a clear yes is closed.

    A decision counts for its own environment, deployment and revision, while it is valid and nothing newer is known.
    """
    from validator.support.clock import SystemClock
    from validator.support.stop import Stop
    from validator.wiring.gate import ask

    whose = tenant or os.environ.get("VALIDATOR_TENANT", "") or "default"
    asked = question(environment, deployment_id, revision, policy, purpose, whose, deployed_at)
    seconds, stop = _seconds(wait), Stop()
    with _patient(stop, seconds), _source(source, key, address, tenant) as known:
        answer = ask(asked, known, SystemClock(), wait=seconds, stop=stop)
    return tell(answer, as_json=as_json, dotenv=dotenv)


def _seconds(wait: str) -> float:
    if not wait:
        return 0.0
    from validator.support.durations import parse_duration

    return parse_duration(wait).total_seconds()


def _patient(stop: Stop, seconds: float) -> AbstractContextManager[None]:
    """Signals end the waiting in good order, where there is any."""
    if not seconds:
        return nullcontext()
    from validator.cli.signals import stopping

    return stopping(stop)


@contextmanager
def _source(place: str | None, key: str | None, address: str | None, tenant: str | None) -> Iterator[Source]:
    if place is not None:
        from validator.wiring.gate_document import elsewhere

        yield elsewhere(place, Path(key) if key is not None else None)
        return
    if key is not None:
        from validator.model.errors import UsageError

        remedy = "name the signed decision with --from, or leave --key out"
        raise UsageError("the record of runs is not signed by a key", where="--key", remedy=remedy)
    with ExitStack() as stack:
        yield _recorded(stack, address, tenant)


def _recorded(stack: ExitStack, address: str | None, tenant: str | None) -> Source:
    """The record of runs: read as a SQLite file where it is one, else by the full store, which is slow to load."""
    from validator.history.address import parse_address
    from validator.history.sqlite_file import SqliteFile, UnusualError
    from validator.wiring.gate import from_record

    stores: list[History] = []

    def source(question: Question, now: datetime) -> Known:
        try:
            return from_record(SqliteFile(parse_address(store_address(address), Path())))(question, now)
        except UnusualError:
            if not stores:
                stores.append(stack.enter_context(opened_history(address, tenant)))
            return from_record(stores[0])(question, now)

    return source
