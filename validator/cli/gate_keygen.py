"""`validator gate keygen`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from validator.model.decision import ExitCode


@click.command(name="keygen")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def command(file: Path) -> ExitCode:
    """Make a pair of keys for signing decisions: FILE, which nobody may see, and FILE.pub."""
    from validator.gates.envelope import key_id, new_key, read_public_key

    private, public = new_key()
    partner = file.with_name(f"{file.name}.pub")
    _write(file, private, 0o600)
    _write(partner, public, 0o644)
    click.echo(f"{file}: the private key; give it to the pipeline as a secret (signing_key: ${{env:…}})")
    click.echo(f"{partner}: the public key {key_id(read_public_key(public, str(partner)))}")
    return ExitCode.OPEN


def _write(file: Path, content: bytes, mode: int) -> None:
    """Write a file that must not be there yet: a key that is in use is never overwritten."""
    from validator.model.errors import UsageError

    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        remedy = "name a new file in a folder that exists"
        raise UsageError(f"the key cannot be written: {error.strerror}", where=str(file), remedy=remedy) from error
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
