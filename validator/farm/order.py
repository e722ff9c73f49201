"""In which order flows are started, and how long that takes. Pure, and the same every time.

What is critical comes first, then the longest: a long flow that begins last is what everybody waits for. Longest first
ends within 4/3 - 1/(3m) of the best on m devices that are all alike (R. L. Graham, "Bounds on multiprocessing timing
anomalies", SIAM J. Appl. Math. 17, 1969). The order that a workspace demands is held by whoever starts the flows.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from validator.farm.plan import Waiting, assign
from validator.model.flow import Flow
from validator.model.timing import Baseline, Work

Fits = Mapping[str, frozenset[str]]
"""Flow -> the devices that it may run on. One that is not in it may run on any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When and where a flow would run."""

    flow: str
    device: str
    start: float
    end: float


def works(flows: Iterable[Flow], usual: Iterable[Baseline], critical: Collection[str]) -> tuple[Work, ...]:
    """What says when each flow is started.

    A flow that was never timed is taken for as long as the middle one of those that were: neither the end nor the
    beginning of the run is left to a guess.

    Args:
        flows: In the order of the plan.
        usual: What some of them usually take.
        critical: Those that are started earliest.
    """
    known = {each.flow: each.p90 or each.p50 for each in usual}
    guess = median(known.values()) if known else 0.0
    return tuple(
        Work(
            flow=flow.name,
            seconds=known.get(flow.name, guess),
            critical=flow.name in critical,
            after=flow.after,
        )
        for flow in flows
    )


def in_order(flows: Sequence[Work], devices: Collection[str], fits: Fits) -> tuple[str, ...]:
    """The flows, the one to start first in front.

    Longest first is bad where a short flow fits one device alone and longer ones keep that busy; then those that have
    the fewest devices go first. Which of the two ends earlier is found by trying.

    Args:
        flows: Those to start, in the order of the plan.
        devices: Those that are in use.
        fits: Where flows may run that need something.
    """
    longest = sorted(flows, key=_urgency)
    if devices and any(work.flow in fits for work in flows):
        choice = {work.flow: len(fits[work.flow].intersection(devices)) for work in flows if work.flow in fits}
        rarest = sorted(flows, key=lambda work: (not work.critical, choice.get(work.flow, math.inf), -work.seconds))
        longest = min((longest, rarest), key=lambda order: _ending(simulate(order, devices, fits)))
    return tuple(work.flow for work in longest)


def _urgency(work: Work) -> tuple[bool, float]:
    return not work.critical, -work.seconds


def _ending(spans: Iterable[Span]) -> float:
    """When the last one ends, to the millisecond: a difference below that is none."""
    return round(max((span.end for span in spans), default=0.0), 3)


def simulate(flows: Sequence[Work], devices: Collection[str], fits: Fits) -> tuple[Span, ...]:
    """Run the flows in this order in thought, each as long as expected; one that fits no device is left out."""
    waiting = [Waiting(flow=work.flow, fits=fits.get(work.flow)) for work in flows]
    known = {work.flow: work for work in flows}
    idle, busy, now = set(devices), list[tuple[float, str, str]](), 0.0
    spans: list[Span] = []
    while waiting:
        pending = {item.flow for item in waiting}.union(flow for _, _, flow in busy)
        for given in assign([item for item in waiting if known[item.flow].after not in pending], idle, devices, now):
            flow, device = given.waiting.flow, given.serial
            end = now + known[flow].seconds
            waiting.remove(given.waiting)
            idle.remove(device)
            heapq.heappush(busy, (end, device, flow))
            spans.append(Span(flow=flow, device=device, start=now, end=end))
        if not busy:
            break
        now, device, _ = heapq.heappop(busy)
        idle.add(device)
    return tuple(spans)
