"""`validator parity`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from validator.model.decision import ExitCode

if TYPE_CHECKING:
    from validator.model.parity import Parity


@click.command(epilog="Exit codes: validator --help")
@click.option(
    "-c",
    "--config",
    "configs",
    multiple=True,
    required=True,
    metavar="FILE",
    help="A configuration, or its name in configs/; given twice: -c staging -c production.",
)
@click.option("--all", "everything", is_flag=True, help="Show what matches, too.")
@click.option("--json", "as_json", is_flag=True, help="Every comparison as JSON.")
def command(configs: tuple[str, ...], everything: bool, as_json: bool) -> ExitCode:
    """Compare two environments: outputs, endpoints, build, flows and gates.

    Differences that are meant to be are declared under `parity.allow` in either configuration. Exits with 1 when
    something critical differs that nobody declared.
    """
    if len(configs) != 2:
        raise click.UsageError("name two configurations: validator parity -c staging -c production")
    from validator.model.parity import Importance

    parity = _compared(*configs)
    if as_json:
        click.echo(_as_json(parity))
    else:
        _print(parity, everything=everything)
    return ExitCode.BLOCKED if parity.undeclared(Importance.CRITICAL) else ExitCode.OPEN


def _compared(left: str, right: str) -> Parity:
    from validator.cli.signals import stopping
    from validator.support.codec import map_text
    from validator.support.stop import Stop
    from validator.wiring.parity import Side, compare_environments

    stop = Stop()
    with stopping(stop):
        ours, theirs = Side(left, stop), Side(right, stop)
        found = compare_environments(ours, theirs)
    return map_text(map_text(found, ours.redactor.redact), theirs.redactor.redact)


def _as_json(parity: Parity) -> str:
    from validator.model.parity import Importance

    return json.dumps(
        {
            "schema": "validator.parity/v1",
            **asdict(parity),
            "undeclared": {importance.value: len(parity.undeclared(importance)) for importance in Importance},
        },
        indent=2,
        ensure_ascii=False,
    )


def _print(parity: Parity, *, everything: bool) -> None:
    from validator.reports.parity import closing_lines, comparison_table
    from validator.reports.terminal import terminal

    console = terminal()
    console.print(comparison_table(parity, everything=everything))
    for line in closing_lines(parity):
        console.print(line, markup=False, highlight=False)
