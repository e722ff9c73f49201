"""`validator gate lint`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.model.decision import ExitCode

if TYPE_CHECKING:
    from validator.config.errors import Problem


@click.command(name="lint", epilog="Exit codes: 0 no mistake; 2 mistakes, each with its place.")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
def command(files: tuple[Path, ...]) -> ExitCode:
    """Find every mistake in gate files: wrong keys, expired quarantines, rules that do nothing."""
    found = [(file, _problems(file)) for file in files]
    for file, problems in found:
        for problem in problems:
            click.echo(str(problem))
        if not problems:
            click.echo(f"{file}: no mistakes")
    return ExitCode.USAGE if any(problems for _, problems in found) else ExitCode.OPEN


def _problems(file: Path) -> tuple[Problem, ...]:
    from validator.config.errors import ConfigError
    from validator.gates.file import load_gate
    from validator.gates.lint import lint

    try:
        return lint(load_gate(file), datetime.now(UTC).date())
    except ConfigError as error:
        return error.problems
