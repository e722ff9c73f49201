"""`validator show`."""

from __future__ import annotations

import click

from validator.cli.history_open import store_options
from validator.model.decision import ExitCode


@click.command()
@click.argument("run")
@click.option("--reports", default="reports", show_default=True, metavar="DIR", help="The folder that runs write to.")
@click.option("--json", "as_json", is_flag=True, help="The content of run.json.")
@store_options
def command(run: str, reports: str, as_json: bool, address: str | None, tenant: str | None) -> ExitCode:
    """Show a run again, from its record. RUN is its id, or `latest`.

    Exits with 0 when it could be shown, whatever it decided.
    """
    from validator.cli.recorded import recorded_run
    from validator.cli.said import what_was_said
    from validator.reports.show import show_json, show_text
    from validator.reports.terminal import terminal

    found = recorded_run(run, reports, address, tenant)
    if as_json:
        click.echo(show_json(found.records), nl=False)
        return ExitCode.OPEN
    console = terminal()
    color = console.color_system is not None and not console.no_color
    click.echo(show_text(found.records, width=max(80, console.width), color=color, folder=found.folder), nl=False)
    for line in what_was_said(found.run, address, tenant):
        click.echo(line)
    return ExitCode.OPEN
