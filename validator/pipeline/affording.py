"""New anonymous accounts are a budget: whether a run fits into it, and whether the next attempt does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from validator.model.budget import AccountPlan
from validator.model.causes import Cause
from validator.model.decision import SettledFlow
from validator.model.errors import UsageError
from validator.model.events import PlanMade, Warned
from validator.model.failure import Failure
from validator.model.flow import Flow
from validator.support.clock import Clock

ACCOUNTS_SPENT: Final = Failure(
    cause=Cause.RATE_LIMITED,
    rule="account-budget",
    why="No new anonymous account was free for it in the run's time: `traffic.accounts` allows no more.",
)


class Accounts(Protocol):
    """Counts new accounts over all runs."""

    def plan(self, flows: Sequence[Flow], attempts: int) -> AccountPlan:
        """What these flows need, each with so many attempts at most, and whether it fits."""
        ...

    def take(self) -> float:
        """Take what one attempt needs: 0 when it was taken, else seconds after which to ask again, perhaps never."""
        ...


class Unlimited:
    """Nobody limits new accounts."""

    def take(self) -> float:
        """Always taken."""
        return 0.0


class Takes(Protocol):
    """The one thing that the loop asks of the accounts."""

    def take(self) -> float:
        """As `Accounts.take`."""
        ...


@dataclass(slots=True, kw_only=True)
class Spending:
    """What a run spends on its attempts."""

    accounts: Takes
    clock: Clock
    held: dict[str, float] = field(default_factory=dict)
    """Flow -> the moment, on the monotonic clock, until which no account is free for it."""

    def refused(self, flows: Sequence[str]) -> Warned | None:
        """Take an account for the first of these flows; None when it was taken.

        When none is free all of them are held, and what is to be told is returned.
        """
        wait = self.accounts.take()
        if wait <= 0:
            self.held.pop(flows[0], None)
            return None
        self.held |= dict.fromkeys(flows, self.clock.monotonic() + wait)
        return Warned(message=_in_words(wait, len(flows)))

    def is_held(self, flow: str, until: float) -> bool:
        """Whether no account is free for this flow before a moment."""
        return self.held.get(flow, 0.0) >= until


def require_affordable(plan: PlanMade) -> None:
    """Refuse a plan that cannot fit.

    Raises:
        UsageError: It does not; the text holds the arithmetic.
    """
    accounts = plan.accounts
    if accounts is not None and not accounts.fits:
        what = f"{accounts.refusal}; no flow was started"
        raise UsageError(what, where="traffic.accounts", remedy=accounts.remedy)


def was_unaffordable(flow: SettledFlow) -> bool:
    """Whether a flow has its outcome because no account was free for it."""
    return flow.cause is ACCOUNTS_SPENT.cause and flow.why == ACCOUNTS_SPENT.why


def _in_words(wait: float, flows: int) -> str:
    who = "1 flow" if flows == 1 else f"{flows} flows"
    if math.isinf(wait):
        return f"the budget of new accounts is spent: {who} cannot be run"
    return f"the budget of new accounts is spent: {who} held back for {wait:.0f} s, until one is free"
