"""`validator flows list`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.model.decision import ExitCode
from validator.support.text import one_line

if TYPE_CHECKING:
    from validator.flows.listing import Listing, Use
    from validator.model.flow import Flow


@click.command(name="list", epilog="Exit codes: 0 every flow can be run; 2 some cannot, or there is none.")
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@click.option("-c", "--config", default="", metavar="FILE", help="A configuration, or its name in configs/.")
@click.option("--tree", is_flag=True, help="Show the subflows, scripts and media of each flow.")
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
def command(folder: Path | None, config: str, tree: bool, as_json: bool) -> ExitCode:
    """Every file that could be a flow: run, in which order, or passed over, and why."""
    from validator.flows.listing import list_flows
    from validator.wiring.flows import workspace_of

    looked = workspace_of(config, folder)
    asked = looked.asked
    listing = list_flows(looked.workspace, include_tags=asked.include_tags, exclude_tags=asked.exclude_tags)
    if as_json:
        click.echo(json.dumps(_document(looked.workspace, listing), indent=2))
    else:
        click.echo("\n".join(_lines(listing, tree=tree)))
    sound = bool(listing.flows) and not any(flow.problem for flow in listing.flows)
    return ExitCode.OPEN if sound else ExitCode.USAGE


def _document(workspace: Path, listing: Listing) -> dict[str, object]:
    return {
        "schema": "validator.flows.list/v1",
        "workspace": str(workspace),
        "ordered": listing.ordered,
        "continue_on_failure": listing.continue_on_failure,
        "flows": [_flow(flow, listing) for flow in listing.flows],
        "passed_over": [asdict(each) for each in listing.passed_over],
    }


def _flow(flow: Flow, listing: Listing) -> dict[str, object]:
    return {
        "name": flow.name,
        "file": flow.file,
        "app_id": flow.app_id,
        "tags": flow.tags,
        "after": flow.after,
        "problem": flow.problem,
        "uses": [asdict(use) for use in listing.uses.get(flow.file, ())],
    }


def _lines(listing: Listing, *, tree: bool) -> Iterator[str]:
    for place, flow in enumerate(listing.flows, start=1):
        yield from _row(place, flow, listing)
        if tree:
            yield from _tree(listing.uses.get(flow.file, ()), "      ")
    for each in listing.passed_over:
        yield f"   -  {one_line(each.file):<40}  {each.why}: {one_line(each.reason)}"
    yield f"{len(listing.flows)} flows; {len(listing.passed_over)} files passed over"


def _row(place: int, flow: Flow, listing: Listing) -> Iterator[str]:
    """A flow, before it a line where the order ends."""
    if listing.ordered and place == listing.ordered + 1:
        told = "" if listing.continue_on_failure else "; after a failure the rest of the order is missing"
        yield f"      (the {listing.ordered} above in this order{told}; those below after them)"
    tags = f"  [{', '.join(flow.tags)}]" if flow.tags else ""
    named = f"  {flow.name}" if flow.name != Path(flow.file).stem else ""
    yield f"{place:>4}  {one_line(flow.file):<40}{one_line(named + tags)}".rstrip()
    if flow.problem:
        yield f"      cannot be run: {one_line(flow.problem)}"


def _tree(uses: Sequence[Use], indent: str) -> Iterator[str]:
    for place, use in enumerate(uses, start=1):
        last = place == len(uses)
        problem = f"  {one_line(use.problem)}" if use.problem else ""
        yield f"{indent}{'└─' if last else '├─'} {one_line(use.file)} ({use.kind}){problem}"
        yield from _tree(use.uses, indent + ("   " if last else "│  "))
