"""The command that goes back, run because a person decided so, with its result in the record."""

from __future__ import annotations

import os
import shlex
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from validator.gates.file import load_policy
from validator.gates.policy import Policy
from validator.history.acts import RollbackRun
from validator.history.store import History
from validator.history.views import GateRecord
from validator.model.errors import UsageError
from validator.support.process import ProgramMissingError, run
from validator.support.redact import Redactor
from validator.support.redact_patterns import looks_secret
from validator.support.stop import Stop


def rollback_command(recorded: Policy, file: Path | None) -> tuple[str, ...]:
    """The command to run: that of a gate file here, which must be the one that the run recorded and showed.

    A record alone is no reason to run a program: whoever can write to it could have anything run.

    Raises:
        UsageError: There is no file, no command, or another one than the run has shown.
        ConfigError: The gate file has mistakes.
    """
    if file is None:
        remedy = "name the gate file that holds the command: --policy gates/frontend.yaml"
        raise UsageError("a command is run only if it stands in a file here", where="--execute", remedy=remedy)
    command = load_policy(file).rollback
    if not command.strip():
        raise UsageError("there is no command", where=str(file), remedy="write `rollback: COMMAND` into the gate file")
    if command != recorded.rollback:
        remedy = f"compare {command!r} with the run's {recorded.rollback!r}; run by hand what is right"
        raise UsageError("the run was judged with another rollback command", where=str(file), remedy=remedy)
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(
            f"the command cannot be read: {error}", where=str(file), remedy="close what is quoted"
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """A rollback that a person decided on."""

    gate: GateRecord
    """The decision that is answered. The command sees what it is about as `VALIDATOR_RUN`, `VALIDATOR_DEPLOYMENT_ID`
    and `VALIDATOR_REVISION`."""
    act: str
    """The id of the person's decision."""
    command: tuple[str, ...]
    """The program and its arguments; no shell reads them."""
    seconds: float
    """How long it may take."""


def roll_back(rollback: Rollback, history: History, stop: Stop, show: Callable[[str], None]) -> RollbackRun:
    """Run the command to its end, and record how it ended.

    Args:
        rollback: What is run, and why.
        history: The record.
        stop: Ends it.
        show: Takes each line that it prints, without secrets.
    """
    redactor, gate = _redactor(), rollback.gate
    tail: deque[str] = deque(maxlen=40)

    def take(line: str) -> None:
        clean = redactor.redact(line)
        tail.append(clean)
        show(clean)

    subject = {
        "VALIDATOR_RUN": gate.run,
        "VALIDATOR_DEPLOYMENT_ID": gate.deployment,
        "VALIDATOR_REVISION": gate.revision,
    }
    ended, exit_code, seconds = "not_started", None, 0.0
    try:
        done = run(rollback.command, deadline=rollback.seconds, stop=stop, env={**os.environ, **subject}, on_line=take)
        ended, exit_code, seconds = done.ended.value, done.exit_code, done.seconds
    except ProgramMissingError as error:
        take(error.text)
    result = RollbackRun(
        act=rollback.act,
        command=redactor.redact(shlex.join(rollback.command)),
        ended=ended,
        exit_code=exit_code,
        seconds=seconds,
        tail=tuple(tail),
    )
    history.log.act(gate.run, result)
    return result


def _redactor() -> Redactor:
    """One that knows every secret of the environment, which is all that the command gets from us."""
    redactor = Redactor()
    for name, value in os.environ.items():
        if looks_secret(name):
            redactor.register(value, name)
    return redactor
