"""`validator show`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from validator.model.decision import ExitCode


@click.command()
@click.argument("run")
@click.option("--reports", default="reports", show_default=True, metavar="DIR", help="The folder that runs write to.")
@click.option("--json", "as_json", is_flag=True, help="The content of run.json.")
def command(run: str, reports: str, as_json: bool) -> ExitCode:
    """Show a run again, from its record. RUN is its id, or `latest`.

    Exits with 0 when it could be shown, whatever it decided.
    """
    from rich.console import Console

    from validator.history.journal import FILE_NAME, read_journal
    from validator.reports.folder import find_run_folder
    from validator.reports.show import show_json, show_text

    folder = find_run_folder(Path(reports).resolve(), run)
    records = read_journal(folder / FILE_NAME)
    if as_json:
        click.echo(show_json(records), nl=False)
        return ExitCode.OPEN
    console = Console()
    color = console.color_system is not None and not console.no_color
    click.echo(show_text(records, width=max(80, console.width), color=color, folder=os.path.relpath(folder)), nl=False)
    return ExitCode.OPEN
