"""`validator gate decide`."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from validator.cli.history_open import opened_history, store_options
from validator.cli.words import recordable
from validator.model.decision import ExitCode

if TYPE_CHECKING:
    from validator.gates.policy import Policy
    from validator.history.acts import ActKind, DecisionActed
    from validator.history.views import GateRecord

_KINDS = ("override", "rollback", "fix-forward")


@click.command(name="decide", epilog="Exit codes: validator --help; 1 when the rollback command failed.")
@click.argument("run")
@click.argument("kind", type=click.Choice(_KINDS))
@click.option("--reason", callback=recordable, required=True, metavar="TEXT", help="Why.")
@click.option(
    "--by",
    callback=recordable,
    default="",
    metavar="NAME",
    help="Who decides.  [default: the CI system's actor, else git's user]",
)
@click.option("--expires", default=None, metavar="DURATION", help="How long an override holds: 2h.")
@click.option("--replaces", default="", metavar="ACT", help="The earlier answer that this one replaces.")
@click.option("--policy", default=None, metavar="FILE", help="The gate's policy, for a run that did not record it.")
@click.option("--execute", is_flag=True, help="Run the rollback command of --policy now, and record its result.")
@click.option(
    "--within", default="30m", show_default=True, metavar="DURATION", help="How long the rollback command may take."
)
@click.option(
    "--then-validate", default="", metavar="CONFIG", help="Then validate this environment, with --purpose rollback."
)
@click.option(
    "--tell", default="", metavar="CONFIG", help="Tell of it those whom this environment's `approvals` asked."
)
@store_options
def command(
    run: str,
    kind: str,
    reason: str,
    by: str,
    expires: str | None,
    replaces: str,
    policy: str | None,
    execute: bool,
    within: str,
    then_validate: str,
    tell: str,
    address: str | None,
    tenant: str | None,
) -> ExitCode:
    """Record what a person decides about RUN: override the gate, roll back, or fix forward.

    An override opens the gate for the deployment of that run and for nothing else. The first answer stands; a second
    one must name it with --replaces.
    """
    from validator.cli.gate_answer import decided, git_user, spoken
    from validator.cli.gate_rollback import Execution, validate_after
    from validator.gates.people import require_allowed, who
    from validator.history.acts import ActKind
    from validator.support.text import one_line

    chosen = ActKind(kind.replace("-", "_"))
    person = who(by, os.environ, git_user())
    with opened_history(address, tenant) as history:
        gate, rules = decided(history, run, policy)
        execution = Execution.of(chosen, rules, policy, within) if execute else None
        if chosen is ActKind.OVERRIDE:
            require_allowed(person, rules.override)
        until = _until(chosen, expires, rules)
        act = _act(chosen, person, spoken(reason), gate, until=until, replaces=replaces)
        entry = history.decisions.record(run, act)
        deployment = gate.deployment or "(unknown)"
        click.echo(one_line(f"recorded: {person} decided {kind} for deployment {deployment}, act {entry.id}"))
        if until:
            click.echo(f"the override holds until {until}")
        if tell:
            _told(tell, run, entry.id, act, entry.at)
        code = execution.run(history, gate, entry.id) if execution is not None else ExitCode.OPEN
    return validate_after(then_validate) if then_validate and code is ExitCode.OPEN else code


def _told(config: str, run: str, act: str, acted: DecisionActed, at: str) -> None:
    """Tell of the answer and say whom; the answer stands whatever comes of it."""
    from validator.model.errors import ValidatorError
    from validator.wiring.approvals import tell_answer

    try:
        for line in tell_answer(config, run, act, acted, at):
            click.echo(line)
    except ValidatorError as error:
        what = ValidatorError(error.what, where="the answer is recorded, but not told", remedy=error.remedy)
        click.echo(what.diagnostics(), err=True)


def _act(kind: ActKind, person: str, reason: str, gate: GateRecord, *, until: str, replaces: str) -> DecisionActed:
    from validator.history.acts import DecisionActed

    return DecisionActed(
        kind=kind,
        by=person,
        reason=reason,
        environment=gate.environment,
        deployment=gate.deployment,
        revision=gate.revision,
        expires_at=until,
        after=replaces,
        evidence=(f"run {gate.run}",),
    )


def _until(kind: ActKind, expires: str | None, policy: Policy) -> str:
    """The end of an override; empty for other answers, which have none."""
    from validator.gates.people import lifetime
    from validator.history.acts import ActKind
    from validator.support.clock import iso

    if kind is not ActKind.OVERRIDE:
        return ""
    return iso(datetime.now(UTC) + lifetime(_duration(expires), policy.override))


def _duration(text: str | None) -> timedelta | None:
    from validator.support.durations import parse_duration

    return parse_duration(text) if text is not None else None
