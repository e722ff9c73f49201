"""New anonymous accounts: how many a run needs, how many the backend allows, and when flows may start."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLimit:
    """So many new accounts in any span of this length, and no more."""

    most: int
    within: float
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitUse:
    """One limit, and what earlier runs, or this one before, have taken of it."""

    limit: AccountLimit
    used: int

    @property
    def left(self) -> int:
        """How many may still be made now."""
        return max(0, self.limit.most - self.used)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStart:
    """When a flow starts at the earliest, in seconds from the plan."""

    flow: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPlan:
    """What a run needs of the backend's limits, and whether it fits."""

    provider: str
    """`supabase`, `firebase` or `none`: whose limits they are."""
    address: str
    """The egress address that the backend counts by, as configured; empty when nobody named one."""
    needed: int
    """One attempt of each flow."""
    at_most: int
    """If every attempt is made that may be made."""
    limits: tuple[LimitUse, ...]
    paced: bool = False
    """Whether starts wait for accounts to be free."""
    starts: tuple[PlannedStart, ...] = ()
    """When each flow starts, where some have to wait."""
    ends: float = 0.0
    """Seconds from the plan until the last flow ends, as far as their times are known; 0 where no flow has to wait."""
    refusal: str = ""
    """Why it cannot fit; empty when it does."""
    remedy: str = ""

    @property
    def fits(self) -> bool:
        """Whether the run may begin."""
        return not self.refusal
