"""A run's manifest, its filters and the proof as lines for a person. Pure; nothing in them steers a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from validator.model.traffic import SeenRequest, TrafficProof
from validator.support.text import one_line
from validator.traffic.filters import Filters
from validator.traffic.manifest import Manifest

_MOST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficReport:
    """All that `validator traffic` says."""

    manifest: Manifest
    filters: Filters
    proof: TrafficProof | None
    """None when no access log was given and none was read by the run."""


def lines_of(report: TrafficReport) -> Iterator[str]:
    """The lines, without their ends."""
    yield from _manifest(report.manifest)
    yield from _filters(report.filters)
    if report.proof is None:
        yield "Proof: none. Name the access log of what is live: --access-log FILE"
    else:
        yield from _proof(report.proof)


def _manifest(manifest: Manifest) -> Iterator[str]:
    yield f"Run {one_line(manifest.run, 100)} in {one_line(manifest.environment, 100)}"
    yield f"  marked by   {', '.join(manifest.marks) or 'nothing'}"
    if manifest.baggage:
        yield f"  baggage     {one_line(manifest.baggage, 200)}"
        yield f"  trace       {manifest.trace}"
    yield from _listed(
        "devices", [f"{device.serial} ({device.model}, API {device.sdk})" for device in manifest.devices]
    )
    yield from _listed("addresses", manifest.addresses or ["not known: traffic.addresses, or --address"])
    yield from _listed("users", manifest.users or ["not told; an access log names those of marked requests"])
    windows = [f"{w.began} to {w.ended}  {w.flow}, attempt {w.number} on {w.serial}" for w in manifest.windows]
    yield from _listed("windows", windows or ["none: no flow was started"])


def _listed(label: str, values: Sequence[str]) -> Iterator[str]:
    for value in values[:_MOST]:
        yield f"  {label:<11} {one_line(value, 200)}".rstrip()
        label = ""
    if len(values) > _MOST:
        yield f"  {'':<11} and {len(values) - _MOST} more; --format json has all"


def _filters(made: Filters) -> Iterator[str]:
    yield ""
    yield f"Filters (search from {made.began} to {made.ended})" if made.began else "Filters"
    for each in made.filters:
        yield f"  {each.store}, {each.language}"
        yield f"    only it   {each.only}"
        yield f"    without   {each.without}"
    if made.left_out:
        yield f"  {made.left_out} users are in no filter: too many, or with characters that filters cannot hold"
    yield ""


def _proof(proof: TrafficProof) -> Iterator[str]:
    yield f"Proof from {', '.join(one_line(name, 100) for name in proof.files)}: {proof.lines} lines"
    if proof.problem:
        yield f"  none: {one_line(proof.problem, 300)}"
        return
    yield f"  {proof.marked:>9}  marked requests of this run, by {proof.users} users"
    yield f"  {proof.unmarked:>9}  requests of this run without its mark (must be 0)"
    yield from map(_example, proof.unmarked_examples)
    yield f"  {proof.foreign:>9}  requests of others that carry its mark (must be 0)"
    yield from map(_example, proof.foreign_examples)
    yield f"  {proof.other_runs:>9}  requests marked as those of other runs"
    yield f"  {proof.broken:>9}  lines that could not be read"
    yield from map(_example, proof.broken_examples)
    yield _conclusion(proof)


def _example(seen: SeenRequest) -> str:
    who = "".join(f", {label} {value}" for label, value in (("user", seen.user), ("from", seen.address)) if value)
    said = f", says run {seen.run}" if seen.run else ""
    return f"             {seen.file}:{seen.line} {seen.at} {seen.request}{who}{said}"


def _conclusion(proof: TrafficProof) -> str:
    if not proof.separated:
        return f"Not separated: {proof.why_not}"
    if proof.foreign:
        return "Not separated: others use its mark, so filters by it hide requests that are not its own"
    return "Separated: each request that is known to be this run's carries its mark, and no other request does"
