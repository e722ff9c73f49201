"""`validator plan`."""

from __future__ import annotations

import click

from validator.model.decision import ExitCode


@click.command(epilog="Exit codes: validator --help")
@click.option("-c", "--config", required=True, metavar="FILE", help="A configuration, or its name in configs/.")
@click.option("--json", "as_json", is_flag=True, help="The plan as JSON.")
def command(config: str, as_json: bool) -> ExitCode:
    """What a run would do and cost: flows, minutes, requests, new accounts. Runs nothing.

    Exits with 0 when it fits into what the backend allows, with 2 when it does not.
    """
    from validator.cli.signals import stopping
    from validator.reports.plan import plan_json, plan_lines
    from validator.support.clock import SystemClock
    from validator.support.stop import Stop
    from validator.wiring.history import open_history
    from validator.wiring.plan import run_plan
    from validator.wiring.prepare import prepare
    from validator.wiring.request import RunRequest

    stop = Stop()
    with stopping(stop):
        prepared = prepare(RunRequest(config=config, alerts=False), stop)
        with open_history(prepared) as store:
            plan = run_plan(prepared, store.tenant(prepared.config.tenant), SystemClock())
    text = plan_json(plan) if as_json else "\n".join(plan_lines(plan))
    click.echo(prepared.redactor.redact(text))
    return ExitCode.OPEN if plan.accounts is None or plan.accounts.fits else ExitCode.USAGE
