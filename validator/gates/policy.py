"""What may be tolerated, what is blocked, and for how long an answer holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from validator.model.decision import PolicyRef
from validator.support.codec import encode


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRules:
    """Who may open a closed gate all the same, and for how long."""

    by: tuple[str, ...] = ()
    """Who may; empty: anybody who gives a name."""
    expires_at_most: timedelta = timedelta(hours=4)


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
    """The command that a person would run to go back; shown, never run."""

    @property
    def ref(self) -> PolicyRef:
        """Name and digest: two policies with one digest decide alike."""
        return PolicyRef(name=self.name, digest="sha256:" + hashlib.sha256(encode(self)).hexdigest())
