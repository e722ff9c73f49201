"""`validator history migrate`."""

from __future__ import annotations

import click

from validator.cli.history_open import store_address, store_option
from validator.model.decision import ExitCode


@click.command(name="migrate")
@click.option(
    "--to", "target", default=None, metavar="REVISION", help="Another revision than the newest; may be older."
)
@store_option
def command(target: str | None, address: str | None) -> ExitCode:
    """Bring the store to the shape that this program needs.

    A SQLite file is copied first. On PostgreSQL the login must own the database and may make roles.
    """
    from validator.history.revision import NEWEST
    from validator.history.store import migrate_store

    wanted = target or NEWEST
    before = migrate_store(store_address(address), wanted)
    click.echo(f"The store is at revision {wanted}." if before == wanted else f"{before or 'nothing'} -> {wanted}")
    return ExitCode.OPEN
