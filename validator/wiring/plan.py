"""A prepared configuration and the record of runs -> what a run would do. Nothing is run."""

from __future__ import annotations

from collections.abc import Sequence

from validator.config.environment import EnvironmentConfig
from validator.failures.settle import Limits
from validator.farm.needs import wanted
from validator.gates.policy import FlowRules
from validator.gates.standing import is_needed
from validator.history.errors import StoreUnreachableError
from validator.history.store import History
from validator.history.views import FlowStats, RunFilter
from validator.model.events import AttemptStarted
from validator.model.flow import Flow
from validator.model.plan import PlannedFlow, RequestRate, RunPlan
from validator.model.timing import Baseline
from validator.model.traffic import TrafficAccounted
from validator.pipeline.beginning import absent_flows, expected_flows
from validator.support.clock import Clock
from validator.wiring.accounts import device_count, run_accounts
from validator.wiring.order import Order, expected_order
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
    attempts, order = Limits().attempts, _order(config, flows, stats, rules)
    flows = tuple(sorted(flows, key=order.place))
    return RunPlan(
        environment=config.environment,
        flows=tuple(_planned(flow, rules, stats.get(flow.name), order) for flow in flows),
        absent=absent_flows(selection, rules),
        left_out=tuple(name for name in selection.left_out if is_needed(name, True, rules)),
        attempts=attempts,
        devices=device_count(config.devices),
        longest=config.deadline.total_seconds(),
        expected=order.expected,
        requests=_requests(history, config.environment),
        accounts=accounts.plan(flows, attempts) if accounts is not None else None,
    )


def _planned(flow: Flow, rules: FlowRules, stats: FlowStats | None, order: Order) -> PlannedFlow:
    weight = "required" if flow.required else "informational"
    return PlannedFlow(
        name=flow.name,
        file=flow.file,
        weight="critical" if flow.name in rules.critical else weight,
        runs=stats.runs if stats is not None else 0,
        p50=stats.p50 if stats is not None else None,
        p90=stats.p90 if stats is not None else None,
        needs=wanted(flow.needs) if flow.needs else "",
        starts=order.starts.get(flow.name) if order.expected is not None else None,
        problem=flow.problem or order.unfit.get(flow.name, ""),
    )


def _order(config: EnvironmentConfig, flows: Sequence[Flow], stats: dict[str, FlowStats], rules: FlowRules) -> Order:
    usual = [Baseline(flow=each.flow, p50=each.p50, runs=each.runs, p90=each.p90) for each in stats.values()]
    return expected_order([flow for flow in flows if not flow.problem], config.devices, usual, rules.critical)


def _stats(history: History, environment: str, flows: Sequence[str]) -> dict[str, FlowStats]:
    """Of the flows that have passed before. A store that is away knows of none."""
    try:
        found = history.flows.stats(environment, flows) if flows else ()
    except StoreUnreachableError:
        return {}
    return {each.flow: each for each in found if each.p50}


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
