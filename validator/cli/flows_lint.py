"""`validator flows lint`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from validator.model.decision import ExitCode


@click.command(name="lint", epilog="Exit codes: 0 no problem, notes at most; 2 problems, each with its place.")
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@click.option("-c", "--config", default="", metavar="FILE", help="A configuration, or its name in configs/.")
@click.option("-e", "--env", "given", multiple=True, metavar="NAME", help="A variable that is given from outside.")
@click.option("--json", "as_json", is_flag=True, help="The remarks as JSON.")
def command(folder: Path | None, config: str, given: tuple[str, ...], as_json: bool) -> ExitCode:
    """Find every mistake in the flows before a device is touched, each with its place and what to do.

    With a configuration the flows are held against its app, tags, runner and variables; DIR alone is looked at as
    Maestro would.
    """
    from validator.flows.lint import lint
    from validator.flows.remark import Weight
    from validator.support.text import one_line
    from validator.wiring.flows import workspace_of

    looked = workspace_of(config, folder, [name.partition("=")[0] for name in given])
    remarks = lint(looked.workspace, looked.asked)
    problems = sum(remark.weight is Weight.PROBLEM for remark in remarks)
    if as_json:
        found = [{**asdict(remark), "where": remark.where} for remark in remarks]
        document = {"schema": "validator.flows.lint/v1", "workspace": str(looked.workspace), "remarks": found}
        click.echo(json.dumps(document, indent=2))
    else:
        for remark in remarks:
            click.echo(f"{one_line(remark.where)}: {remark.weight}: {one_line(remark.what)}")
            click.echo(f"    -> {one_line(remark.remedy)}")
        click.echo(f"{looked.workspace}: {problems} problems, {len(remarks) - problems} notes")
    return ExitCode.USAGE if problems else ExitCode.OPEN
