"""`validator history import`."""

from __future__ import annotations

from pathlib import Path

import click

from validator.cli.history_open import opened_history, store_options
from validator.model.decision import ExitCode


@click.command(name="import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path, dir_okay=False))
@store_options
def command(files: tuple[Path, ...], address: str | None, tenant: str | None) -> ExitCode:
    """Store the events of an export, or of a run's events.jsonl. What is there already stays as it is."""
    with opened_history(address, tenant, make=True) as history:
        for file in files:
            appended = history.import_file(file)
            click.echo(f"{file}: {appended.stored} events stored, {appended.known} were there already")
    return ExitCode.OPEN
