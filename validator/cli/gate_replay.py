"""`validator gate replay`."""

from __future__ import annotations

from pathlib import Path

import click

from validator.cli.history_open import store_options
from validator.model.decision import ExitCode

_DIFFERENT = ExitCode.BLOCKED


@click.command(epilog="Exit codes: 0 the same decision, byte for byte; 1 something differs; 2 usage.")
@click.argument("run")
@click.option("--policy", metavar="FILE", type=click.Path(path_type=Path), help="Decide by this gate file instead.")
@click.option(
    "--rules",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Judge by this file of rules instead of the built-in ones; the team's own rules stay.",
)
@click.option("--reports", default="reports", show_default=True, metavar="DIR", help="The folder that runs write to.")
@click.option("--json", "as_json", is_flag=True, help="Both results in full, as JSON.")
@store_options
def command(
    run: str,
    policy: Path | None,
    rules: Path | None,
    reports: str,
    as_json: bool,
    address: str | None,
    tenant: str | None,
) -> int:
    """Derive causes and decision again from a run's record, and show what differs. RUN is its id, or `latest`.

    Nothing is run and no device is asked: the recorded evidence is judged again, by the rules and the policy that the
    run was judged by, or by others in their place.
    """
    from validator.cli.recorded import recorded_run
    from validator.failures.rules import load_rules
    from validator.gates.file import load_gate, policy_of
    from validator.pipeline.replay import replay, started_of
    from validator.pipeline.terms import recorded_basis
    from validator.reports.replay import replay_json, replay_text
    from validator.reports.terminal import terminal

    found = recorded_run(run, reports, address, tenant)
    basis = recorded_basis(
        started_of([record.event for record in found.records]),
        policy=policy_of(load_gate(policy).value) if policy is not None else None,
        rules=load_rules(rules) if rules is not None else None,
    )
    again = replay(found.records, basis)
    if as_json:
        click.echo(replay_json(again), nl=False)
    else:
        console = terminal()
        color = console.color_system is not None and not console.no_color
        click.echo(replay_text(again, width=max(80, console.width), color=color), nl=False)
    return ExitCode.OPEN if again.same else _DIFFERENT
