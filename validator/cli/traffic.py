"""`validator traffic`."""

from __future__ import annotations

from pathlib import Path

import click

from validator.cli.history_open import store_options
from validator.model.decision import ExitCode

_NOT_SEPARATED = ExitCode.BLOCKED


@click.command(
    epilog="Exit codes: 0 told, and separated where a log was read; 1 a leak or a forged mark; 2 usage; 3 the log "
    "proves nothing."
)
@click.argument("run")
@click.option(
    "--access-log",
    "logs",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="What production logged while the run's flows ran, plain or gzip; may be repeated.",
)
@click.option(
    "--log-format",
    type=click.Choice(["auto", "json", "combined"]),
    help="How the log writes its lines; as the run's configuration says unless given, else `auto`.",
)
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="ROLE=NAME",
    help="What a field is called, where the run's configuration does not say so: user=uid.",
)
@click.option("--user", "users", multiple=True, metavar="ID", help="A user that the run signed in.")
@click.option("--address", "addresses", multiple=True, metavar="IP", help="An address or network that it came from.")
@click.option("--margin", default=15.0, show_default=True, metavar="SECONDS", type=click.FloatRange(0, 3600))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--reports", default="reports", show_default=True, metavar="DIR", help="The folder that runs write to.")
@store_options
def command(
    run: str,
    logs: tuple[Path, ...],
    log_format: str | None,
    fields: tuple[str, ...],
    users: tuple[str, ...],
    addresses: tuple[str, ...],
    margin: float,
    form: str,
    reports: str,
    address: str | None,
    tenant: str | None,
) -> int:
    """Which requests to production were a run's own, how to filter them, and whether all were marked.

    RUN is its id, or `latest`. Without a log the proof that the run itself recorded is shown, if it did.
    """
    from datetime import timedelta

    from validator.cli.recorded import recorded_run
    from validator.support.codec import encode_pretty
    from validator.support.redact import Redactor
    from validator.traffic.account import form_of, proof_of, recorded_account
    from validator.traffic.fields import named_fields
    from validator.traffic.filters import filters
    from validator.traffic.log_entry import reader
    from validator.traffic.manifest import manifest_of
    from validator.traffic.page import TrafficReport, lines_of

    found = recorded_run(run, reports, address, tenant)
    account = recorded_account(found.records)
    names = named_fields(fields, account.fields)
    manifest = manifest_of(found.records, users=users, addresses=addresses, margin=timedelta(seconds=margin))
    read = reader(form_of(log_format, account), names)
    proof = proof_of(manifest, logs, read, Redactor().redact) if logs else account.proof
    report = TrafficReport(manifest=manifest, filters=filters(manifest, names), proof=proof)
    if form == "json":
        click.echo(encode_pretty(report), nl=False)
    else:
        click.echo("\n".join(lines_of(report)))
    if proof is None or (proof.separated and not proof.foreign):
        return ExitCode.OPEN
    return _NOT_SEPARATED if proof.unmarked or proof.foreign else ExitCode.UNDECIDED
