"""`validator runs`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from validator.cli.history_open import columns, moment, opened_history, store_options
from validator.model.causes import Cause
from validator.model.decision import ExitCode, Verdict

if TYPE_CHECKING:
    from validator.history.views import RunPage, RunSummary


@click.command(epilog="Exits with 0 when the list could be read, whatever the runs decided.")
@click.option("-e", "--environment", default="", metavar="NAME", help="Only runs of this environment.")
@click.option(
    "--decision", type=click.Choice([verdict.value for verdict in Verdict]), help="Only runs that decided so."
)
@click.option("--cause", type=click.Choice([cause.value for cause in Cause]), help="Only runs in which this happened.")
@click.option("--flow", default="", metavar="NAME", help="Only runs that settled this flow (with --cause: so).")
@click.option("--since", default="", metavar="WHEN", help="Only runs since a day, a moment or an age: 2026-11-21, 7d.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500), help="How many at most.")
@click.option("--after", default="", metavar="CURSOR", help="The next page: the cursor that the last one named.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@store_options
def command(
    environment: str,
    decision: str | None,
    cause: str | None,
    flow: str,
    since: str,
    limit: int,
    after: str,
    as_json: bool,
    address: str | None,
    tenant: str | None,
) -> ExitCode:
    """List past runs, newest first."""
    from validator.history.views import RunFilter

    wanted = RunFilter(
        environment=environment,
        verdict=Verdict(decision) if decision is not None else None,
        cause=Cause(cause) if cause is not None else None,
        flow=flow,
        since=moment(since) if since else "",
    )
    with opened_history(address, tenant) as history:
        page = history.runs.page(wanted, limit=limit, cursor=after)
    click.echo(json.dumps(asdict(page), indent=2) if as_json else _text(page))
    return ExitCode.OPEN


def _text(page: RunPage) -> str:
    if not page.runs:
        return "No runs are recorded that match."
    head = ("RUN", "STARTED", "ENVIRONMENT", "DECISION", "CAUSE", "DEPLOYMENT", "TOOK")
    table = columns(head, [_row(run) for run in page.runs])
    return f"{table}\n\nMore: --after {page.cursor}" if page.cursor else table


def _row(run: RunSummary) -> tuple[str, ...]:
    from validator.reports.words import day_and_time, duration

    return (
        run.id,
        day_and_time(run.started_at),
        run.environment,
        run.verdict.value if run.verdict is not None else _without_decision(run),
        run.cause.value if run.cause is not None else "-",
        run.deployment or run.revision[:12] or "-",
        duration(run.seconds) if run.finished_at else "-",
    )


def _without_decision(run: RunSummary) -> str:
    return f"none ({run.stop})" if run.finished_at else "none yet"
