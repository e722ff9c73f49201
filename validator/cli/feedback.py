"""`validator feedback`."""

from __future__ import annotations

import os

import click

from validator.cli.history_open import opened_history, store_options
from validator.cli.words import recordable
from validator.model.decision import ExitCode


@click.command(epilog="Exit codes: 0 recorded; 2 usage; 3 the record cannot be written.")
@click.argument("run")
@click.option("--false-positive/--true-positive", "false", default=None, help="Nothing was wrong; or something was.")
@click.option("--reason", callback=recordable, default="", metavar="TEXT", help="What was found.")
@click.option(
    "--by",
    callback=recordable,
    default="",
    metavar="NAME",
    help="Who says so.  [default: the CI system's actor, else git's user]",
)
@store_options
def command(run: str, false: bool | None, reason: str, by: str, address: str | None, tenant: str | None) -> ExitCode:
    """Say whether the gate was right to be closed: a false or a true alarm of RUN.

    It changes no decision. The last word about a run counts; `validator history stats` shows how many were false.
    """
    from validator.cli.gate_answer import decision_of, git_user, spoken
    from validator.gates.people import who
    from validator.history.acts import ActKind, DecisionActed
    from validator.model.errors import UsageError
    from validator.support.text import one_line

    if false is None:
        raise UsageError("say which it was", where=run, remedy="give --false-positive or --true-positive")
    person = who(by, os.environ, git_user())
    with opened_history(address, tenant) as history:
        gate = decision_of(history, run)
        if gate.decision.verdict.opens:
            remedy = "name a run that was blocked or undecided: `validator runs --decision blocked`"
            raise UsageError("this run opened the gate, so there was no alarm", where=run, remedy=remedy)
        kind = ActKind.FALSE_POSITIVE if false else ActKind.TRUE_POSITIVE
        act = DecisionActed(
            kind=kind,
            by=person,
            reason=spoken(reason),
            environment=gate.environment,
            deployment=gate.deployment,
            revision=gate.revision,
        )
        history.decisions.record(run, act)
    click.echo(one_line(f"recorded: {person} says that run {run} was a {'false' if false else 'true'} alarm"))
    return ExitCode.OPEN
