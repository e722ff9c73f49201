"""`validator gate decide`."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.cli.history_open import opened_history, store_options
from validator.model.decision import ExitCode

if TYPE_CHECKING:
    from validator.gates.policy import OverrideRules
    from validator.history.store import History
    from validator.history.views import GateRecord

_KINDS = ("override", "rollback", "fix-forward")


@click.command(name="decide", epilog="Exit codes: validator --help")
@click.argument("run")
@click.argument("kind", type=click.Choice(_KINDS))
@click.option("--reason", required=True, metavar="TEXT", help="Why.")
@click.option(
    "--by", default="", metavar="NAME", help="Who decides.  [default: the CI system's actor, else git's user]"
)
@click.option("--expires", default=None, metavar="DURATION", help="How long an override holds: 2h.")
@click.option("--replaces", default="", metavar="ACT", help="The earlier answer that this one replaces.")
@click.option("--policy", default=None, metavar="FILE", help="The gate's policy, for a run that did not record it.")
@store_options
def command(
    run: str,
    kind: str,
    reason: str,
    by: str,
    expires: str | None,
    replaces: str,
    policy: str | None,
    address: str | None,
    tenant: str | None,
) -> ExitCode:
    """Record what a person decides about RUN: override the gate, roll back, or fix forward.

    An override opens the gate for the deployment of that run and for nothing else. The first answer stands; a second
    one must name it with --replaces.
    """
    from validator.gates.people import lifetime, require_allowed, who
    from validator.history.acts import ActKind, DecisionActed
    from validator.support.clock import iso

    person = who(by, os.environ, _git_user())
    chosen = ActKind(kind.replace("-", "_"))
    with opened_history(address, tenant) as history:
        gate, rules = _decided(history, run, policy)
        until = ""
        if chosen is ActKind.OVERRIDE:
            require_allowed(person, rules)
            until = iso(datetime.now(UTC) + lifetime(_duration(expires), rules))
        act = DecisionActed(
            kind=chosen,
            by=person,
            reason=reason,
            environment=gate.environment,
            deployment=gate.deployment,
            revision=gate.revision,
            expires_at=until,
            after=replaces,
            evidence=(f"run {run}",),
        )
        entry = history.decisions.record(run, act)
    click.echo(f"recorded: {person} decided {kind} for deployment {gate.deployment or '(unknown)'}, act {entry.id}")
    if until:
        click.echo(f"the override holds until {until}")
    return ExitCode.OPEN


def _decided(history: History, run: str, policy: str | None) -> tuple[GateRecord, OverrideRules]:
    """The run's decision, and what its policy says about overrides. A recorded policy cannot be replaced."""
    from validator.gates.file import load_policy
    from validator.model.errors import UsageError
    from validator.model.events import RunStarted
    from validator.pipeline.terms import recorded_basis

    gate = history.decisions.of_run(run)
    events = [record.event for record in history.log.records(run)] if gate is not None else []
    started = next((event for event in events if isinstance(event, RunStarted)), None)
    if gate is None or started is None:
        remedy = "name a run of `validator runs` that has decided"
        raise UsageError("this run has no decision that anybody could answer", where=run, remedy=remedy)
    given = load_policy(Path(policy)) if policy is not None and started.terms is None else None
    return gate, recorded_basis(started, policy=given).policy.override


def _duration(text: str | None) -> timedelta | None:
    from validator.support.durations import parse_duration

    return parse_duration(text) if text is not None else None


def _git_user() -> str:
    try:
        asked = subprocess.run(["git", "config", "user.email"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""
