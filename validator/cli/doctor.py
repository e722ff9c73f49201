"""`validator doctor`."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from validator.model.decision import ExitCode


@click.command()
@click.option("-c", "--config", default="", metavar="FILE", help="A configuration whose needs are checked too.")
@click.option("--json", "as_json", is_flag=True, help="A list of checks as JSON.")
def command(config: str, as_json: bool) -> ExitCode:
    """Is everything a run needs here? Each problem with its remedy.

    Exits with 0 when a run could start, with 2 when it could not.
    """
    from validator.wiring.doctor import examine
    from validator.wiring.doctor_check import Health

    checks = list(examine(config))
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks], indent=2))
    else:
        for check in checks:
            mark = {Health.OK: "ok     ", Health.WARNING: "warning", Health.PROBLEM: "PROBLEM"}[check.health]
            click.echo(f"{mark}  {check.name:<13}  {check.found}")
            if check.remedy:
                click.echo(f"{'':>24}-> {check.remedy}")
    sick = any(check.health is Health.PROBLEM for check in checks)
    return ExitCode.USAGE if sick else ExitCode.OPEN
