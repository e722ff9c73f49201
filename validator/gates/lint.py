"""What is wrong with a gate file although each of its keys is well formed. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import date

from validator.config.document import Loaded
from validator.config.errors import Problem
from validator.gates.file import GateFile
from validator.gates.policy import WhenUndecided
from validator.support.durations import format_duration


def lint(loaded: Loaded[GateFile], today: date) -> tuple[Problem, ...]:
    """Everything that does not do what whoever wrote it must have meant, in the order of the file.

    Args:
        loaded: The gate file, read without mistakes.
        today: UTC.
    """
    return tuple(
        sorted((*_quarantine(loaded, today), *_flows(loaded), *_limits(loaded), *_names(loaded), *_rollback(loaded)))
    )


def _quarantine(loaded: Loaded[GateFile], today: date) -> Iterator[Problem]:
    gate = loaded.value
    names = [str(entry.flow) for entry in gate.quarantine]
    yield from _doubles(loaded, ("quarantine",), names, "flow")
    for index, entry in enumerate(gate.quarantine):
        if entry.until < today:
            message = f"expired {(today - entry.until).days} days ago: {entry.flow} counts again"
            remedy = f"mend the flow and remove the entry, or have {entry.owner} agree on a new day in {entry.ticket}"
            yield loaded.problem(("quarantine", index, "until"), message, remedy=remedy)
        for kind, flows in (("critical", gate.flows.critical), ("informational", gate.flows.informational)):
            if entry.flow in flows:
                message = f"{entry.flow} is {kind}, so its quarantine does nothing"
                remedy = f"remove the entry, or take the flow off flows.{kind}"
                yield loaded.problem(("quarantine", index, "flow"), message, remedy=remedy)


def _flows(loaded: Loaded[GateFile]) -> Iterator[Problem]:
    rules = loaded.value.flows
    for key, names in (("critical", rules.critical), ("informational", rules.informational)):
        yield from _doubles(loaded, ("flows", key), names)
    for index, name in enumerate(rules.informational):
        if name in rules.critical:
            message = f"{name} is critical too, and counts"
            yield loaded.problem(("flows", "informational", index), message, remedy="remove it from one of the lists")


def _limits(loaded: Loaded[GateFile]) -> Iterator[Problem]:
    gate = loaded.value
    if gate.undecided is WhenUndecided.OPEN:
        for name in ("infrastructure", "throttled", "flow", "unknown"):
            if getattr(gate.limits, name):
                message = "does nothing: `undecided: open` opens the gate for any number of them"
                yield loaded.problem(("limits", name), message, remedy="write `undecided: closed`, or remove the limit")
    if gate.override.expires_at_most > gate.expires:
        longest, lifetime = format_duration(gate.override.expires_at_most), format_duration(gate.expires)
        message = f"an override would hold for {longest}, longer than a decision that a run made ({lifetime})"
        remedy = f"write at most {lifetime}, or raise expires"
        yield loaded.problem(("override", "expires_at_most"), message, remedy=remedy)


def _names(loaded: Loaded[GateFile]) -> Iterator[Problem]:
    yield from _doubles(loaded, ("blocks",), loaded.value.blocks)
    yield from _doubles(loaded, ("requires",), loaded.value.requires)


def _rollback(loaded: Loaded[GateFile]) -> Iterator[Problem]:
    try:
        shlex.split(loaded.value.rollback)
    except ValueError as error:
        yield loaded.problem(("rollback",), f"is no command: {error}", remedy="close what was quoted")


def _doubles(loaded: Loaded[GateFile], path: tuple[str, ...], names: Sequence[str], key: str = "") -> Iterator[Problem]:
    for index, name in enumerate(names):
        if name in names[:index]:
            place: tuple[str | int, ...] = (*path, index, key) if key else (*path, index)
            yield loaded.problem(place, f"{name} is named twice", remedy="remove one of the two")
