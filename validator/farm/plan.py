"""Which flow runs next on which device. Pure: nothing here starts anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A flow that has to run."""

    flow: str
    avoid: str = ""
    """The device that it failed on; another one is better, that one is better than none."""
    not_before: float = 0.0
    """The moment, on the pipeline's monotonic clock, before which it must not start."""
    fits: frozenset[str] | None = None
    """The devices that it may run on; None: any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A flow and the device that it runs on."""

    waiting: Waiting
    serial: str


def assign(
    waiting: Sequence[Waiting], idle: Collection[str], alive: Collection[str], now: float
) -> tuple[Assignment, ...]:
    """Give idle devices to waiting flows.

    Flows are served in their order; each takes an idle device that fits it, of several the one that the fewest flows
    ask for by what they need. A flow that avoids a device takes another one that fits; while such a one is alive and
    busy it waits for that, and it takes the avoided one only when there is no other.

    Args:
        waiting: The flows that have to run, most urgent first.
        idle: Serials that could start now.
        alive: All serials that are still in use, busy ones included.
        now: The pipeline's monotonic clock.
    """
    free = sorted(idle)
    asked = Counter(serial for item in waiting if item.fits is not None for serial in item.fits)
    assignments: list[Assignment] = []
    for item in waiting:
        if not free:
            break
        if item.not_before > now:
            continue
        serial = _choose(item, sorted(free, key=lambda each: asked[each]), alive)
        if serial:
            free.remove(serial)
            assignments.append(Assignment(waiting=item, serial=serial))
    return tuple(assignments)


def _choose(item: Waiting, free: Sequence[str], alive: Collection[str]) -> str:
    fitting = [serial for serial in free if item.fits is None or serial in item.fits]
    for serial in fitting:
        if serial != item.avoid:
            return serial
    others = set(alive) if item.fits is None else item.fits.intersection(alive)
    return item.avoid if fitting and others <= {item.avoid} else ""


def wake_in(waiting: Sequence[Waiting], now: float) -> float | None:
    """Seconds until the next waiting flow may start; None when none waits for a moment in time."""
    moments = [item.not_before - now for item in waiting if item.not_before > now]
    return min(moments) if moments else None
