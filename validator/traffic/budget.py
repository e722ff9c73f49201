"""Whether a run's new accounts fit into what the backend allows, and what pacing would do. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil

from validator.model.budget import AccountLimit, AccountPlan, LimitUse, PlannedStart
from validator.support.durations import format_duration
from validator.traffic.pacing import Rate, Slot, Work, counted, earliest, schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTerms:
    """What the configuration says about new accounts."""

    limits: tuple[AccountLimit, ...]
    """Each holds; none: the backend does not limit them."""
    each: int
    """How many accounts one attempt makes."""
    paced: bool
    provider: str = "none"
    address: str = ""
    settling: float = 0.0
    """Seconds after its start within which an attempt makes its account."""

    @property
    def rates(self) -> tuple[Rate, ...]:
        """What starts have to keep to: a late sign-in must not meet an early one in a span of the backend's."""
        spare = timedelta(seconds=self.settling)
        return tuple(Rate(most=limit.most, within=_span(limit) + spare) for limit in self.limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a run wants to do."""

    flows: Sequence[str]
    """Their names, in the order in which they are started."""
    attempts: int
    """The most attempts of one flow."""
    devices: int
    """How many flows run at the same time."""
    usual: Mapping[str, float]
    """Seconds that flows take, as far as that is known."""
    deadline: float
    """Seconds that the run may take."""


def account_plan(demand: Demand, terms: AccountTerms, used: Sequence[timedelta]) -> AccountPlan:
    """What a run needs, and whether it fits.

    Without pacing it fits when every flow could be started at once. Retries are not counted on: they take what is left.

    Args:
        demand: What it wants to do.
        terms: What the backend allows.
        used: How long ago each account was taken, by any run.
    """
    needed = len(demand.flows) * terms.each
    uses = tuple(
        LimitUse(limit=limit, used=counted(used, rate)) for limit, rate in zip(terms.limits, terms.rates, strict=True)
    )
    plan = AccountPlan(
        provider=terms.provider,
        address=terms.address,
        needed=needed,
        at_most=needed * demand.attempts,
        limits=uses,
        paced=terms.paced,
    )
    if all(needed <= use.left for use in uses):
        return plan
    works = [Work(flow=flow, takes=timedelta(seconds=demand.usual.get(flow, 0.0))) for flow in demand.flows]
    slots = schedule(works, devices=demand.devices, rates=terms.rates, used=used, each=terms.each)
    if slots is None:
        least = min(use.limit.most for use in uses)
        problem = f"one attempt makes {terms.each} accounts, and the limit is {least}"
        return replace(plan, refusal=problem, remedy="correct `traffic.accounts`: no flow could ever be run")
    starts = tuple(PlannedStart(flow=slot.flow, at=slot.start.total_seconds()) for slot in slots)
    end = max(slot.end for slot in slots)
    plan = replace(plan, starts=starts, ends=end.total_seconds())
    return _paced(plan, end, demand.deadline) if terms.paced else _unpaced(plan, terms, slots, used, demand.deadline)


def limit_in_words(limit: AccountLimit) -> str:
    """`30 in 1h`."""
    return f"{limit.most} in {format_duration(_span(limit))}"


def _span(limit: AccountLimit) -> timedelta:
    return timedelta(seconds=limit.within)


def _paced(plan: AccountPlan, end: timedelta, deadline: float) -> AccountPlan:
    if end <= timedelta(seconds=deadline):
        return plan
    problem = (
        f"{_arithmetic(plan)}; paced, the last flow would end after {_told(end)} > deadline ({_seconds(deadline)})"
    )
    remedy = (
        f"raise `deadline` above {_told(end)}, run fewer flows, or raise `traffic.accounts` if the backend allows it"
    )
    return replace(plan, refusal=problem, remedy=remedy)


def _unpaced(
    plan: AccountPlan, terms: AccountTerms, slots: Sequence[Slot], used: Sequence[timedelta], deadline: float
) -> AccountPlan:
    longer = f", with a `deadline` above {_seconds(plan.ends)}" if plan.ends > deadline else ""
    last = _told(slots[-1].start)
    ways = [f"set `traffic: {{pace: auto}}`{longer} to spread the starts (the last one after {last})"]
    all_at_once = earliest(sorted(-age for age in used), terms.rates, each=plan.needed)
    if all_at_once is not None:
        ways.append(f"wait {_told(all_at_once)}")
    left = min(use.left for use in plan.limits) // terms.each
    if left:
        ways.append(f"run {left} flows at most")
    remedy = f"{', '.join(ways)}, or raise `traffic.accounts` if the backend allows it"
    return replace(plan, refusal=_arithmetic(plan), remedy=remedy)


def _arithmetic(plan: AccountPlan) -> str:
    """That of every limit that is too small."""
    return "; ".join(
        f"new accounts used ({use.used}) + needed ({plan.needed}) > limit ({limit_in_words(use.limit)})"
        for use in plan.limits
        if plan.needed > use.left
    )


def _told(span: timedelta) -> str:
    return _seconds(span.total_seconds())


def _seconds(seconds: float) -> str:
    """In whole seconds, rounded up."""
    return format_duration(timedelta(seconds=ceil(seconds)))
