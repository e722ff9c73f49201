"""`validator history stats`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from validator.cli.history_open import columns, moment, opened_history, store_options
from validator.model.decision import ExitCode

if TYPE_CHECKING:
    from validator.history.views import Alarms, Counts, Stats


@click.command(name="stats")
@click.option(
    "--since", default="30d", show_default=True, metavar="WHEN", help="Count decisions and causes since then."
)
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@store_options
def command(since: str, as_json: bool, address: str | None, tenant: str | None) -> ExitCode:
    """Show how much is stored, and what was decided and why."""
    with opened_history(address, tenant) as history:
        stats, counts = history.counting.stats(), history.counting.over(moment(since), "9999")
    if as_json:
        click.echo(json.dumps({"stats": asdict(stats), "since": moment(since), "counts": asdict(counts)}, indent=2))
    else:
        click.echo(_text(stats, counts, since))
    return ExitCode.OPEN


def _text(stats: Stats, counts: Counts, since: str) -> str:
    from validator.reports.words import day_and_time

    facts = [
        f"store    {stats.address}, revision {stats.schema}, tenant {stats.tenant}",
        f"events   {stats.events} ({stats.long_payloads} with a long payload, {stats.waiting_events} wait for others)",
        f"runs     {stats.runs} ({stats.undecided_runs} without a decision)",
        f"first    {day_and_time(stats.first_at) or '-'}",
        f"last     {day_and_time(stats.last_at) or '-'}",
        f"head     {stats.position}:{stats.head}",
    ]
    rows = [(count.environment, count.name or "no decision", str(count.number)) for count in counts.verdicts]
    rows += [(count.environment, count.name, str(count.number)) for count in counts.causes]
    table = columns(("ENVIRONMENT", f"SINCE {since}", "RUNS"), rows) if rows else f"No runs since {since}."
    told = "".join(f"\n{_alarms(alarms)}" for alarms in counts.alarms)
    return "\n".join(facts) + f"\n\n{table}" + (f"\n{told}" if told else "")


def _alarms(alarms: Alarms) -> str:
    rate = alarms.false_rate
    if rate is None:
        remedy = "`validator feedback RUN --true-positive` or `--false-positive` judges one"
        return f"{alarms.environment}: the gate was closed {alarms.closed} times, and nobody judged it; {remedy}"
    judged = alarms.true + alarms.false
    return (
        f"{alarms.environment}: the gate was closed {alarms.closed} times; "
        f"false alarms: {alarms.false} of {judged} judged ({rate:.0%})"
    )
