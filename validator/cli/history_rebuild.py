"""`validator history rebuild`."""

from __future__ import annotations

import time

import click

from validator.cli.history_open import opened_history, store_options
from validator.model.decision import ExitCode


@click.command(name="rebuild")
@store_options
def command(address: str | None, tenant: str | None) -> ExitCode:
    """Make all tables again from the events. The events themselves are not touched."""
    began = time.monotonic()
    with opened_history(address, tenant) as history:
        runs = history.rebuild()
    click.echo(f"Rebuilt {runs} runs in {time.monotonic() - began:.1f} s.")
    return ExitCode.OPEN
