"""`validator gate check`: the frontend pipeline's one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.cli.gate_question import question, question_options, tell
from validator.cli.history_open import opened_history, store_options
from validator.model.decision import ExitCode

if TYPE_CHECKING:
    from validator.wiring.gate import Source


@click.command(name="check", epilog="Exit codes: validator --help")
@question_options
@click.option("--from", "source", default=None, metavar="FILE|URL", help="A decision, instead of the record of runs.")
@click.option("--key", default=None, metavar="PUB", help="The decision must be signed by this public key.")
@click.option("--wait", default="0s", metavar="DURATION", help="Wait for a run in progress, at most so long: 15m.")
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
    from validator.cli.signals import stopping
    from validator.support.clock import SystemClock
    from validator.support.durations import parse_duration
    from validator.support.stop import Stop
    from validator.wiring.gate import ask

    whose = tenant or os.environ.get("VALIDATOR_TENANT", "") or "default"
    asked = question(environment, deployment_id, revision, policy, purpose, whose, deployed_at)
    seconds, stop = parse_duration(wait).total_seconds(), Stop()
    with stopping(stop), _source(source, key, address, tenant) as known:
        answer = ask(asked, known, SystemClock(), wait=seconds, stop=stop)
    return tell(answer, as_json=as_json, dotenv=dotenv)


@contextmanager
def _source(place: str | None, key: str | None, address: str | None, tenant: str | None) -> Iterator[Source]:
    from validator.model.errors import UsageError, ValidatorError
    from validator.wiring.gate import from_history, unavailable

    if place is not None:
        from validator.wiring.gate_document import elsewhere

        yield elsewhere(place, Path(key) if key is not None else None)
        return
    if key is not None:
        remedy = "name the signed decision with --from, or leave --key out"
        raise UsageError("the record of runs is not signed by a key", where="--key", remedy=remedy)
    with ExitStack() as stack:
        try:
            source = from_history(stack.enter_context(opened_history(address, tenant)))
        except ValidatorError as error:
            source = unavailable(error)
        yield source
