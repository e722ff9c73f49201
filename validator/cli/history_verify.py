"""`validator history verify`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from validator.cli.history_open import opened_history, store_options
from validator.model.decision import ExitCode

if TYPE_CHECKING:
    from validator.history.chain import Head
    from validator.history.verify import Verification


@click.command(name="verify", epilog="Exits with 1 when anything was changed.")
@click.option(
    "--head", default="", metavar="POSITION:HASH", help="A head noted earlier, which must still be in the chain."
)
@click.option(
    "--chain-only", is_flag=True, help="Do not compare the tables with a rebuild (other writers wait for that)."
)
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@store_options
def command(head: str, chain_only: bool, as_json: bool, address: str | None, tenant: str | None) -> ExitCode:
    """Check that every event is what was once stored, and that the tables are what the events say."""
    with opened_history(address, tenant) as history:
        found = history.verify(anchor=_head(head) if head else None, projections=not chain_only)
    click.echo(json.dumps({"ok": found.ok, **asdict(found)}, indent=2) if as_json else _text(found))
    return ExitCode.OPEN if found.ok else ExitCode.BLOCKED


def _head(text: str) -> Head:
    from validator.history.chain import Head
    from validator.model.errors import UsageError

    position, _, hashed = text.partition(":")
    if not position.isdecimal() or not hashed:
        raise UsageError(f"{text!r} is no head", where="--head", remedy="write POSITION:HASH as verify prints it")
    return Head(position=int(position), hash=hashed)


def _text(found: Verification) -> str:
    lines = []
    if found.broken is not None:
        lines.append(f"BROKEN at {found.broken.text}")
        lines.append(f"The {found.events} events before it are as they were stored.")
    lines += [f"PROBLEM: {problem}" for problem in found.problems]
    if found.ok:
        lines.append(f"Every one of {found.events} events of tenant {found.tenant} is as it was stored.")
        lines.append(f"head {found.head.position}:{found.head.hash}")
    lines += [f"Run {run}: an event has not arrived; import its events.jsonl." for run in found.gaps]
    return "\n".join(lines)
