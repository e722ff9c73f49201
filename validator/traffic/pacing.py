"""When flows may start, so that no span of time holds more new accounts than the backend allows. Pure.

Times are relative to now, which is zero; what was taken before lies at negative times. They are `timedelta`s, because
these add up exactly: a start that is allowed here is not refused by the store for a rounding error.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

NOW = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many in any span of this length: what was taken at `t` counts until just before `t + within`."""

    most: int
    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One flow."""

    flow: str
    takes: timedelta = NOW
    """How long it is expected to take; nothing where nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """When a flow runs."""

    flow: str
    start: timedelta
    end: timedelta


def earliest(
    taken: Sequence[timedelta], rates: Iterable[Rate], *, each: int, after: timedelta = NOW
) -> timedelta | None:
    """The first moment at which `each` more may be taken; None when there is none, ever.

    Args:
        taken: When something was taken, ascending, one entry per piece; none after `after`.
        rates: All of them hold.
        each: How many are taken at once.
        after: Not before this.
    """
    moment = after
    for rate in rates:
        if each > rate.most:
            return None
        crowding = len(taken) - (rate.most - each) - 1
        if each and crowding >= 0:
            moment = max(moment, taken[crowding] + rate.within)
    return moment


def schedule(
    works: Sequence[Work],
    *,
    devices: int,
    rates: Sequence[Rate],
    used: Iterable[timedelta] = (),
    each: int = 1,
) -> tuple[Slot, ...] | None:
    """Start each flow as soon as a device is idle and the rates allow it, in the given order.

    Args:
        works: The flows.
        devices: How many run at the same time.
        rates: All of them hold, over what was used before and over these starts together.
        used: How long ago each piece was taken, in any order.
        each: How many accounts a start takes.

    Returns:
        None when a single start takes more than a rate ever allows.
    """
    taken = sorted(-max(NOW, age) for age in used)
    idle = [NOW] * max(1, devices)
    slots: list[Slot] = []
    for work in works:
        before = slots[-1].start if slots else NOW
        start = earliest(taken, rates, each=each, after=max(before, heapq.heappop(idle)))
        if start is None:
            return None
        for _ in range(each):
            insort(taken, start)
        heapq.heappush(idle, start + work.takes)
        slots.append(Slot(flow=work.flow, start=start, end=start + work.takes))
    return tuple(slots)


def counted(used: Iterable[timedelta], rate: Rate) -> int:
    """How many of these ages still count."""
    return sum(1 for age in used if age < rate.within)
