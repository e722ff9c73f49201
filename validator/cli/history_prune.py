"""`validator history prune`."""

from __future__ import annotations

from pathlib import Path

import click

from validator.cli.history_open import moment, opened_history, store_options
from validator.model.decision import ExitCode


@click.command(name="prune")
@click.option("--before", required=True, metavar="WHEN", help="Runs whose last event is older: 2026-01-01, 180d.")
@click.option(
    "--export",
    "file",
    default=None,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the chain is kept as it was, checked before anything is removed.  [default: history-before-DAY.jsonl]",
)
@store_options
def command(before: str, file: Path | None, address: str | None, tenant: str | None) -> ExitCode:
    """Remove old runs. The whole chain is exported first; the new one names the old one's head.

    On PostgreSQL the login must own the database.
    """
    oldest = moment(before)
    with opened_history(address, tenant) as history:
        pruned = history.prune(oldest, file or Path(f"history-before-{oldest[:10]}.jsonl"))
    if pruned.export is None:
        click.echo("Nothing is that old.")
    else:
        click.echo(f"Removed {pruned.runs} runs ({pruned.events} events); {pruned.kept} events stay.")
        click.echo(f"Everything as it was: {pruned.export}")
    return ExitCode.OPEN
