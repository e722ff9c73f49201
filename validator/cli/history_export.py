"""`validator history export`."""

from __future__ import annotations

from pathlib import Path

import click

from validator.cli.history_open import opened_history, store_options
from validator.model.decision import ExitCode


@click.command(name="export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@store_options
def command(file: Path, address: str | None, tenant: str | None) -> ExitCode:
    """Write the chain of events to FILE: JSON Lines that can be checked without a database."""
    with opened_history(address, tenant) as history:
        exported = history.export(file)
    click.echo(f"{file}: {exported.events} events, sha256 {exported.sha256}")
    click.echo(f"head {exported.head.position}:{exported.head.hash}")
    return ExitCode.OPEN
