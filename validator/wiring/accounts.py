"""`traffic.accounts:` and the record of runs -> the budget of new accounts that a run spends from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, assert_never

from validator.config.environment import EnvironmentConfig
from validator.config.resolvers import Resolvers
from validator.config.sections.accounts import AccountsConfig, Pace, Provider
from validator.config.sections.devices import AvdDevice, Device, SerialDevice, VirtualDevices
from validator.history.acts import AccountsUsed
from validator.history.budget import BudgetSpentError
from validator.history.errors import StoreUnreachableError
from validator.history.store import History
from validator.model.budget import AccountLimit, AccountPlan
from validator.model.flow import Flow
from validator.support.clock import Clock
from validator.traffic.budget import AccountTerms, Demand, account_plan
from validator.traffic.pacing import earliest

HOUR: Final = 3600.0
_USUAL: Final = {Provider.SUPABASE: 30, Provider.FIREBASE: 100}
"""New anonymous accounts per hour and address, unless the project was set up otherwise: https://supabase.com/docs/guides/
auth/rate-limits, https://firebase.google.com/docs/auth/limits."""


class RunAccounts:
    """The accounts of one run; the store counts those of all runs and processes together."""

    def __init__(
        self, config: EnvironmentConfig, terms: AccountTerms, history: History, run: str, clock: Clock
    ) -> None:
        """Take what the accounts are counted by.

        Args:
            config: The environment.
            terms: What the backend allows.
            history: The tenant's record.
            run: The run that spends; empty for one that is only planned.
            clock: Measures while the store is away.
        """
        self._config = config
        self._terms = terms
        self._history = history
        self._run = run
        self._clock = clock
        self._known: list[timedelta] = []
        """When accounts were taken, on the monotonic clock, as far as this process knows."""
        spare = terms.settling
        self._limits = tuple(AccountLimit(most=each.most, within=each.within + spare) for each in terms.limits)

    def plan(self, flows: Sequence[Flow], attempts: int) -> AccountPlan:
        """What these flows need, and whether it fits. A store that is away knows of no other run."""
        names = [flow.name for flow in flows if not flow.problem]
        config = self._config
        demand = Demand(
            flows=names,
            attempts=attempts,
            devices=device_count(config.devices),
            usual=usual_seconds(self._history, config.environment, names),
            deadline=config.deadline.total_seconds(),
        )
        return account_plan(demand, self._terms, self._ages())

    def take(self) -> float:
        """Take what one attempt needs: 0 when it was taken, else the seconds after which to ask again.

        Infinite where nothing waits for accounts (`traffic.pace: none`). While the store is away this process counts
        alone, from what it knew when the store was last there.
        """
        use = AccountsUsed(environment=self._config.environment, address=self._terms.address, accounts=self._terms.each)
        try:
            self._history.budget.spend(self._run, use, limits=self._limits)
        except BudgetSpentError as spent:
            return spent.after if self._terms.paced else math.inf
        except StoreUnreachableError:
            if (wait := self._alone()) > 0:
                return wait if self._terms.paced else math.inf
        self._known += [self._now()] * self._terms.each
        return 0.0

    def _ages(self) -> tuple[timedelta, ...]:
        span = timedelta(seconds=max((limit.within for limit in self._limits), default=0.0))
        try:
            ages = self._history.budget.ages(self._config.environment, self._terms.address, span)
        except StoreUnreachableError:
            return ()
        self._known = [self._now() - age for age in ages]
        return ages

    def _alone(self) -> float:
        now = self._now()
        taken = [moment - now for moment in self._known]
        moment = earliest(taken, self._terms.rates, each=self._terms.each)
        return math.inf if moment is None else moment.total_seconds()

    def _now(self) -> timedelta:
        return timedelta(seconds=self._clock.monotonic())


def run_accounts(
    config: EnvironmentConfig, resolvers: Resolvers, history: History, run: str, clock: Clock
) -> RunAccounts | None:
    """The accounts of a run; None where nothing limits them.

    Raises:
        ConfigError: A reference that is needed now has no value.
    """
    section = config.traffic.accounts
    if section is None or not (limits := _limits(section)):
        return None
    terms = AccountTerms(
        limits=limits,
        each=section.per_attempt,
        paced=config.traffic.pace is Pace.AUTO,
        provider=section.provider.value,
        address=section.address.resolve(resolvers) if section.address is not None else "",
        settling=section.settling.total_seconds(),
    )
    return RunAccounts(config, terms, history, run, clock)


def device_count(devices: Sequence[Device]) -> int:
    """How many flows can run at the same time, when all devices are there."""
    return sum(_count(device) for device in devices)


def _count(device: Device) -> int:
    match device:
        case SerialDevice():
            return 1
        case AvdDevice():
            return device.count
        case VirtualDevices():
            return device.virtual
        case _:
            assert_never(device)


def usual_seconds(history: History, environment: str, flows: Sequence[str]) -> dict[str, float]:
    """Flow -> what half of its passing attempts took at most, for flows that have passed before."""
    try:
        stats = history.flows.stats(environment, flows) if flows else ()
    except StoreUnreachableError:
        return {}
    return {each.flow: each.p50 for each in stats if each.p50}


def _limits(section: AccountsConfig) -> tuple[AccountLimit, ...]:
    hourly = section.per_hour or _USUAL.get(section.provider)
    limits = [AccountLimit(most=hourly, within=HOUR)] if hourly is not None else []
    if section.burst is not None:
        limits.append(AccountLimit(most=section.burst.most, within=section.burst.within.total_seconds()))
    return tuple(limits)
