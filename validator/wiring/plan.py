"""A prepared configuration and the record of runs -> what a run would do. Nothing is run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from statistics import fmean

from validator.failures.settle import Limits
from validator.gates.policy import FlowRules
from validator.gates.standing import is_needed
from validator.history.errors import StoreUnreachableError
from validator.history.store import History
from validator.history.views import FlowStats, RunFilter
from validator.model.events import AttemptStarted
from validator.model.flow import Flow
from validator.model.plan import Expected, PlannedFlow, RequestRate, RunPlan
from validator.model.traffic import TrafficAccounted
from validator.pipeline.beginning import absent_flows, expected_flows
from validator.support.clock import Clock
from validator.traffic.pacing import Work, schedule
from validator.wiring.accounts import device_count, run_accounts
from validator.wiring.prepare import Prepared

_LOOKED_AT = 3
"""Runs whose record is read for what attempts cost."""


def run_plan(prepared: Prepared, history: History, clock: Clock) -> RunPlan:
    """What `validator run` would do with this configuration now.

    Raises:
        ConfigError: A reference that is needed now has no value.
    """
    config, rules, selection = prepared.config, prepared.policy.flows, prepared.selection
    flows = expected_flows(selection, rules)
    stats = _stats(history, config.environment, [flow.name for flow in flows])
    accounts = run_accounts(config, prepared.resolvers, history, "", clock)
    attempts, devices = Limits().attempts, device_count(config.devices)
    return RunPlan(
        environment=config.environment,
        flows=tuple(_planned(flow, rules, stats.get(flow.name)) for flow in flows),
        absent=absent_flows(selection, rules),
        left_out=tuple(name for name in selection.left_out if is_needed(name, True, rules)),
        attempts=attempts,
        devices=devices,
        longest=config.deadline.total_seconds(),
        expected=_expected([flow.name for flow in flows if not flow.problem], stats, devices),
        requests=_requests(history, config.environment),
        accounts=accounts.plan(flows, attempts) if accounts is not None else None,
    )


def _planned(flow: Flow, rules: FlowRules, stats: FlowStats | None) -> PlannedFlow:
    weight = "required" if flow.required else "informational"
    return PlannedFlow(
        name=flow.name,
        file=flow.file,
        weight="critical" if flow.name in rules.critical else weight,
        runs=stats.runs if stats is not None else 0,
        p50=stats.p50 if stats is not None else None,
        p90=stats.p90 if stats is not None else None,
        problem=flow.problem,
    )


def _stats(history: History, environment: str, flows: Sequence[str]) -> dict[str, FlowStats]:
    """Of the flows that have passed before. A store that is away knows of none."""
    try:
        found = history.flows.stats(environment, flows) if flows else ()
    except StoreUnreachableError:
        return {}
    return {each.flow: each for each in found if each.p50}


def _expected(flows: Sequence[str], stats: dict[str, FlowStats], devices: int) -> Expected | None:
    known = [stats[flow] for flow in flows if flow in stats]
    if not known:
        return None
    p50, p90 = fmean(each.p50 for each in known), fmean(each.p90 for each in known)
    return Expected(
        p50=_took(devices, [stats[flow].p50 if flow in stats else p50 for flow in flows]),
        p90=_took(devices, [stats[flow].p90 if flow in stats else p90 for flow in flows]),
        guessed=len(flows) - len(known),
    )


def _took(devices: int, seconds: Sequence[float]) -> float:
    works = [Work(flow="", takes=timedelta(seconds=each)) for each in seconds]
    slots = schedule(works, devices=devices, rates=()) or ()
    return max((slot.end for slot in slots), default=timedelta()).total_seconds()


def _requests(history: History, environment: str) -> RequestRate | None:
    """What the newest run cost whose access log was read."""
    try:
        for run in history.runs.page(RunFilter(environment=environment), limit=_LOOKED_AT).runs:
            events = [record.event for record in history.log.records(run.id)]
            attempts = sum(isinstance(event, AttemptStarted) for event in events)
            for event in events:
                if isinstance(event, TrafficAccounted) and event.proof is not None and event.proof.marked and attempts:
                    return RequestRate(run=run.id, per_attempt=event.proof.marked / attempts)
    except StoreUnreachableError:
        return None
    return None
