"""The second half of `validator gate decide RUN rollback --execute`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from validator.model.decision import ExitCode

if TYPE_CHECKING:
    from validator.gates.policy import Policy
    from validator.history.acts import ActKind
    from validator.history.store import History
    from validator.history.views import GateRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """A rollback command that may be run."""

    command: tuple[str, ...]
    seconds: float

    @classmethod
    def of(cls, kind: ActKind, recorded: Policy, policy: str | None, within: str) -> Self:
        """What is to be run, found wrong before anything is recorded.

        Raises:
            UsageError: Something else was decided, or there is nothing that may be run.
        """
        from validator.history.acts import ActKind
        from validator.model.errors import UsageError
        from validator.support.durations import parse_duration
        from validator.wiring.rollback import rollback_command

        if kind is not ActKind.ROLLBACK:
            raise UsageError("only a rollback has a command", where="--execute", remedy="leave --execute out")
        command = rollback_command(recorded, Path(policy) if policy is not None else None)
        return cls(command=command, seconds=parse_duration(within).total_seconds())

    def run(self, history: History, gate: GateRecord, act: str) -> ExitCode:
        """Run it, show what it prints, and tell how it ended."""
        import shlex

        from validator.cli.signals import stopping
        from validator.model.events import StopReason
        from validator.support.stop import Stop
        from validator.wiring.rollback import Rollback, roll_back

        stop = Stop()
        click.echo(f"rolling back: {shlex.join(self.command)}")
        with stopping(stop):
            rollback = Rollback(gate=gate, act=act, command=self.command, seconds=self.seconds)
            done = roll_back(rollback, history, stop, click.echo)
        how = f"exit code {done.exit_code}" if done.ended == "exited" else done.ended.replace("_", " ")
        click.echo(f"the rollback ended after {done.seconds:.1f} s: {how}; it is recorded with run {gate.run}")
        if stop.is_set:
            interrupted = stop.reason == StopReason.INTERRUPTED
            return ExitCode.INTERRUPTED if interrupted else ExitCode.TERMINATED
        return ExitCode.OPEN if done.exit_code == 0 and done.ended == "exited" else ExitCode.BLOCKED


def validate_after(config: str) -> ExitCode:
    """Validate an environment that was rolled back: everything is run and reported, and nothing is blocked."""
    from validator.cli.session import validate
    from validator.model.decision import Purpose
    from validator.reports.terminal import terminal
    from validator.support.stop import Stop
    from validator.wiring.prepare import prepare
    from validator.wiring.request import RunRequest

    stop = Stop()
    prepared = prepare(RunRequest(config=config, purpose=Purpose.ROLLBACK), stop)
    return validate(prepared, stop, console=terminal())
