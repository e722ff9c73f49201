"""`validator explain`."""

from __future__ import annotations

import click

from validator.cli.history_open import store_options
from validator.model.decision import ExitCode


@click.command()
@click.argument("run")
@click.argument("flow", required=False)
@click.option("--reports", default="reports", show_default=True, metavar="DIR", help="The folder that runs write to.")
@click.option("--json", "as_json", is_flag=True, help="The same, as JSON.")
@store_options
def command(
    run: str, flow: str | None, reports: str, as_json: bool, address: str | None, tenant: str | None
) -> ExitCode:
    """Why did it come to that? What was seen, which rule spoke, and what would have changed it.

    RUN is its id, or `latest`; FLOW is the name of a flow, or its beginning. Exits with 0 when it could be explained,
    whatever was decided.
    """
    from dataclasses import replace

    from validator.cli.recorded import recorded_run
    from validator.pipeline.explain import explain
    from validator.reports.explain import explain_text, only
    from validator.reports.terminal import terminal
    from validator.support.codec import encode_pretty

    found = recorded_run(run, reports, address, tenant)
    explanation = explain(found.records)
    if flow is not None:
        explanation = replace(explanation, flows=only(explanation.flows, flow))
    if as_json:
        click.echo(encode_pretty(explanation), nl=False)
        return ExitCode.OPEN
    console = terminal()
    color = console.color_system is not None and not console.no_color
    width, whole = max(80, console.width), flow is not None
    click.echo(explain_text(explanation, width=width, color=color, folder=found.folder, whole=whole), nl=False)
    return ExitCode.OPEN
