"""What may be tolerated, what is blocked, and for how long an answer holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from validator.model.decision import PolicyRef
from validator.support.codec import encode

LATER: Final = {"later": True}
"""Marks a field that policies did not always have. At its default it is left out of what is recorded and digested, so
that a policy that does not use it is, byte for byte, the one that it was before."""


class WhenUndecided(StrEnum):
    """What the gate does when it could not measure."""

    CLOSED = "closed"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLimits:
    """How many flows may end in a way before the gate closes."""

    product: int = 0
    backend: int = 0
    flaky: int = 2
    consecutive_infrastructure: int = 4
    """Infrastructure failures in a row, over all flows, after which the run stops trying."""
    infrastructure: int = field(default=0, metadata=LATER)
    """Flows that infrastructure may leave without an outcome; the three below likewise, each for its family."""
    throttled: int = field(default=0, metadata=LATER)
    flow: int = field(default=0, metadata=LATER)
    unknown: int = field(default=0, metadata=LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRules:
    """Who may open a closed gate all the same, and for how long."""

    by: tuple[str, ...] = ()
    """Who may; empty: anybody who gives a name."""
    expires_at_most: timedelta = timedelta(hours=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """A flow that does not count for a while, because somebody is mending it."""

    flow: str
    owner: str
    """Who is mending it."""
    ticket: str
    until: date
    """The last day, in UTC, on which it does not count."""

    def holds(self, day: date) -> bool:
        """Whether it still holds on a day."""
        return day <= self.until

    @property
    def shown(self) -> str:
        """For reasons: `checkout (@shop, SHOP-12, until 2027-01-15)`."""
        return f"{self.flow} ({self.owner}, {self.ticket}, until {self.until.isoformat()})"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRules:
    """Flows that count in another way than the configuration says."""

    critical: tuple[str, ...] = ()
    """They must be there and pass: nothing that the policy tolerates holds for them."""
    informational: tuple[str, ...] = ()
    """They are told and do not count."""


class WhenSlow(StrEnum):
    """What a flow does to the gate that passed too slowly."""

    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """When a flow that passed was too slow."""

    slower_than: float = 2.0
    """So many times what it usually takes."""
    at_least: timedelta = timedelta(seconds=10)
    """And by so much: a flow of two seconds that takes five is not told."""
    runs: int = 5
    """How many runs must be known before anything is usual."""
    then: WhenSlow = WhenSlow.WARN


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One gate."""

    name: str = "default"
    blocks: tuple[str, ...] = ("frontend",)
    limits: GateLimits = GateLimits()
    undecided: WhenUndecided = WhenUndecided.CLOSED
    expires: timedelta = timedelta(hours=24)
    override: OverrideRules = OverrideRules()
    rollback: str = ""
    """The command that goes back. It is shown, and run only for a person who decides so and says `--execute`."""
    quarantine: tuple[Quarantine, ...] = field(default=(), metadata=LATER)
    flows: FlowRules = field(default=FlowRules(), metadata=LATER)
    durations: Durations | None = field(default=None, metadata=LATER)
    """None: no flow is too slow."""
    freshness: timedelta | None = field(default=None, metadata=LATER)
    """How long before its decision a run may have begun; None: as long ago as it likes."""
    requires: tuple[str, ...] = field(default=(), metadata=LATER)
    """Stages of the pipeline that must have passed before the run."""

    @property
    def canonical(self) -> bytes:
        """What is recorded of it, as JSON."""
        unused = dict.fromkeys(_unused(self), True)
        return encode(self, leave_out={**unused, "limits": _unused(self.limits)})

    @property
    def ref(self) -> PolicyRef:
        """Name and digest: two policies with one digest decide alike."""
        return PolicyRef(name=self.name, digest="sha256:" + hashlib.sha256(self.canonical).hexdigest())


def _unused(section: Policy | GateLimits) -> set[str]:
    return {
        each.name for each in fields(section) if each.metadata == LATER and getattr(section, each.name) == each.default
    }
