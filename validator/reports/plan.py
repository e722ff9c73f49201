"""What a run would do, as text and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from math import ceil

from validator.model.budget import AccountPlan
from validator.model.plan import PlannedFlow, RunPlan
from validator.reports.words import duration
from validator.support.text import one_line

_SHOWN = 60
"""Starts that are shown one by one."""


def plan_lines(plan: RunPlan) -> Iterator[str]:
    """The plan, a line each; names of flows in it cannot steer a terminal."""
    counts = Counter(flow.weight for flow in plan.flows)
    weights = ", ".join(f"{counts[weight]} {weight}" for weight in ("critical", "required", "informational"))
    yield f"flows      {len(plan.flows)}: {weights}"
    for flow in plan.flows:
        yield f"             {one_line(flow.name):<32}  {flow.weight:<13}  {_times(flow)}{_needs(flow)}"
    for word, names in (("absent", plan.absent), ("left out", plan.left_out)):
        if names:
            yield f"{word:<11}{one_line(', '.join(names))}: the gate needs them and stays closed"
    runnable = len(plan.runnable)
    yield f"attempts   {runnable} at least, {runnable * plan.attempts} at most ({plan.attempts} of each flow)"
    yield f"devices    {plan.devices}"
    yield f"time       {_time(plan)}"
    yield f"requests   {_requests(plan)}"
    yield from _accounts(plan.accounts)


def plan_json(plan: RunPlan) -> str:
    """The plan as JSON."""
    fits = plan.accounts is None or plan.accounts.fits
    return json.dumps({"schema": "validator.plan/v1", "fits": fits, **asdict(plan)}, indent=2, ensure_ascii=False)


def accounts_in_short(accounts: AccountPlan) -> str:
    """What a run needs of the limits, on one line."""
    limits = ", ".join(
        f"{use.left} of {use.limit.most} in {duration(use.limit.within)} left" for use in accounts.limits
    )
    last = f"; starts are spread over {duration(accounts.starts[-1].at)}" if accounts.starts and accounts.fits else ""
    return f"{accounts.needed} new accounts needed, {accounts.at_most} at most; {limits}{last}"


def _needs(flow: PlannedFlow) -> str:
    starts = f"; starts at +{duration(flow.starts)}" if flow.starts is not None else ""
    return starts + (f"; needs {one_line(flow.needs)}" if flow.needs and not flow.problem else "")


def _times(flow: PlannedFlow) -> str:
    if flow.problem:
        return f"cannot be run: {one_line(flow.problem)}"
    if flow.p50 is None or flow.p90 is None:
        return "never timed"
    return f"p50 {duration(flow.p50)}, p90 {duration(flow.p90)} over {flow.runs} runs"


def _time(plan: RunPlan) -> str:
    ending = f"a run is ended after {duration(plan.longest)}"
    if plan.expected is None:
        return f"not known: no flow of {plan.environment} has passed in a recorded run; {ending}"
    guessed = f", {plan.expected.guessed} flows of them never timed" if plan.expected.guessed else ""
    usual, slow = plan.expected.p50 / 60, plan.expected.p90 / 60
    return f"{usual:.1f} min usually, {slow:.1f} min when slow, without build and retries{guessed}; {ending}"


def _requests(plan: RunPlan) -> str:
    if plan.requests is None:
        return "not known: no recorded run has read an access log (`traffic.prove`)"
    each, flows = plan.requests.per_attempt, len(plan.runnable)
    least, most = ceil(each * flows), ceil(each * flows * plan.attempts)
    return f"{least} at least, {most} at most: {each:.1f} in an attempt, as run {plan.requests.run} showed"


def _accounts(accounts: AccountPlan | None) -> Iterator[str]:
    if accounts is None:
        yield "accounts   not limited: `traffic.accounts` names no limit"
        return
    needed = f"{accounts.needed} at least, {accounts.at_most} at most"
    yield f"accounts   {needed}, from {accounts.address or 'an address that is not named'}"
    for use in accounts.limits:
        limit = f"{use.limit.most} in {duration(use.limit.within)}"
        yield f"limit      {limit} ({accounts.provider}): {use.used} used, {use.left} left"
    yield from _schedule(accounts)
    if not accounts.fits:
        yield f"REFUSED    {accounts.refusal}"
        yield f"             -> {accounts.remedy}"
    elif accounts.at_most > min(use.left for use in accounts.limits):
        yield f"fits       for one attempt of each flow; {_later(accounts)}"
    else:
        yield "fits       for every attempt that may be made"


def _later(accounts: AccountPlan) -> str:
    if accounts.paced:
        return "what finds no account free waits for one inside the deadline"
    return "a retry that finds no account free leaves its flow undecided"


def _schedule(accounts: AccountPlan) -> Iterator[str]:
    starts = accounts.starts
    if not starts:
        return
    verb = "spreads" if accounts.paced else "would spread"
    yield f"pacing     {verb} the starts; the last flow ends after {duration(accounts.ends)} or later"
    for start in starts[:_SHOWN]:
        yield f"             +{duration(start.at):<10}  {one_line(start.flow)}"
    if len(starts) > _SHOWN:
        yield f"             … and {len(starts) - _SHOWN} more, the last one at +{duration(starts[-1].at)}"
