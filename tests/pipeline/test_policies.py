"""What a policy says reaches the run: its plan, its warnings, its decision, and the replay of its record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.pipeline.replaying import journalled, replayed
from tests.pipeline.stand_ins import CRASH, DEVICE_LOST, PASS, Act
from tests.pipeline.test_stages import Stage
from validator.gates.policy import Durations, FlowRules, Policy, Quarantine, WhenSlow
from validator.model.decision import Decision, ReasonCode, Verdict
from validator.model.events import Decided, Event, PlanMade, Record, RunResumed, RunStarted, Warned
from validator.model.timing import Baseline, Usual
from validator.pipeline.past import Past, remember
from validator.pipeline.replay import replay
from validator.pipeline.run import Validation
from validator.pipeline.terms import recorded_basis
from validator.support.codec import decode, encode

TWO: dict[str, list[Act]] = {"a": [PASS], "b": [PASS]}
DAY = timedelta(days=1)


def run(
    folder: Path,
    policy: Policy,
    acts: dict[str, list[Act]] | None = None,
    *,
    passed: tuple[str, ...] = (),
    usual: Sequence[Baseline] = (),
    unknown: str = "",
    past: Past | None = None,
) -> tuple[list[Event], Decision]:
    parts = Stage(folder, acts or TWO).parts()
    parts = replace(
        parts,
        policy=policy,
        settings=replace(parts.settings, passed=passed),
        baselines=lambda flows: Usual(baselines=tuple(each for each in usual if each.flow in flows), unknown=unknown),
    )
    events = list(Validation(parts=parts, stop=Stage(folder, {}).stop, past=past or Past()).events())
    return events, next(event.decision for event in events if isinstance(event, Decided))


def codes(decision: Decision) -> list[ReasonCode]:
    return [reason.code for reason in decision.reasons]


def assert_replays(events: list[Event]) -> None:
    again = replayed(events)
    assert encode(again.now) == encode(again.recorded)
    assert again.same, again


def plan_of(events: list[Event]) -> PlanMade:
    return next(event for event in events if isinstance(event, PlanMade))


def test_a_critical_flow_that_the_workspace_does_not_have_is_expected_and_missing(tmp_path: Path):
    events, decision = run(tmp_path, Policy(flows=FlowRules(critical=("checkout", "a"), informational=("b",))))
    plan = plan_of(events)
    assert plan.absent == ("checkout",)
    assert {flow.name: flow.required for flow in plan.flows} == {"a": True, "b": False}
    assert decision.counts.missing == 1
    assert codes(decision)[0] is ReasonCode.MISSING_FLOWS
    assert_replays(events)


def test_a_flow_in_quarantine_is_told_with_its_owner_and_opens_the_gate(tmp_path: Path):
    until = datetime.now(UTC).date() + DAY
    policy = Policy(quarantine=(Quarantine(flow="b", owner="@shop", ticket="SHOP-12", until=until),))
    events, decision = run(tmp_path, policy, {"a": [PASS], "b": [CRASH]})
    assert decision.verdict is Verdict.APPROVED_WITH_WARNINGS
    assert f"b (@shop, SHOP-12, until {until})" in decision.reasons[0].message
    assert_replays(events)


def test_a_replay_decides_by_the_day_of_the_run_and_not_by_its_own(tmp_path: Path):
    policy = Policy(quarantine=(Quarantine(flow="b", owner="@shop", ticket="SHOP-12", until=date(2000, 1, 1)),))
    events, decision = run(tmp_path, policy, {"a": [PASS], "b": [CRASH]})
    assert codes(decision) == [ReasonCode.PRODUCT_FAILURES, ReasonCode.QUARANTINE_EXPIRED]
    then = "2000-01-01T12:00:00.000Z"
    earlier = [
        replace(event, decision=replace(event.decision, decided_at=then)) if isinstance(event, Decided) else event
        for event in events
    ]
    assert replayed(earlier).now.verdict is Verdict.APPROVED_WITH_WARNINGS


def test_what_flows_usually_take_is_recorded_with_the_plan_and_judged_again_from_there(tmp_path: Path):
    usual = (Baseline(flow="a", p50=1e-9, runs=5), Baseline(flow="b", p50=1e-9, runs=4))
    budget = Durations(at_least=timedelta(), then=WhenSlow.BLOCK)
    events, decision = run(tmp_path, Policy(durations=budget), usual=usual)
    assert plan_of(events).baselines == usual
    assert decision.verdict is Verdict.BLOCKED
    assert decision.reasons[0].code is ReasonCode.SLOW_FLOWS
    assert decision.reasons[0].flows == ("a",)
    assert_replays(events)


def test_without_a_budget_nobody_asks_what_flows_usually_take(tmp_path: Path):
    events, _ = run(tmp_path, Policy(), usual=(Baseline(flow="a", p50=1.0, runs=9),))
    assert plan_of(events).baselines == ()


@pytest.mark.parametrize(("durations", "told"), [(Durations(then=WhenSlow.BLOCK), 1), (None, 0)])
def test_a_record_that_is_away_is_told_where_it_keeps_flows_from_being_found_too_slow(tmp_path: Path, durations, told):
    events, decision = run(tmp_path, Policy(durations=durations), unknown="the store cannot be reached")
    words = "no flow is held against what it usually takes: the store cannot be reached"
    assert [event.message for event in events if isinstance(event, Warned)].count(words) == told
    assert decision.verdict is Verdict.APPROVED
    assert_replays(events)


def test_a_stage_that_nobody_said_passed_is_told_at_once_and_keeps_the_gate_closed(tmp_path: Path):
    policy = Policy(requires=("unit-tests", "apply"))
    events, decision = run(tmp_path, policy, passed=("apply",))
    started, warned = events[0], events[1]
    assert isinstance(started, RunStarted)
    assert started.passed == ("apply",)
    assert isinstance(warned, Warned)
    assert "unit-tests" in warned.message
    assert codes(decision) == [ReasonCode.PREREQUISITES]
    assert "--passed unit-tests" in " ".join(decision.next)
    assert_replays(events)
    _, opened = run(tmp_path, policy, passed=("apply", "unit-tests"))
    assert opened.verdict is Verdict.APPROVED


def test_a_run_that_is_resumed_days_later_is_stale(tmp_path: Path):
    policy = Policy(freshness=timedelta(hours=6))
    events, fresh = run(tmp_path, policy)
    assert fresh.verdict is Verdict.APPROVED
    started = events[0]
    assert isinstance(started, RunStarted)
    old = replace(started, began_at="2026-01-01T00:00:00.000Z")
    again, stale = run(tmp_path, policy, past=remember([old]))
    assert isinstance(again[0], RunResumed)
    assert codes(stale) == [ReasonCode.STALE]
    assert_replays([old, *again])


LATER = ("began_at", "passed", "baselines", "left_out")
"""Fields that the first runs did not record."""


@pytest.mark.parametrize("acts", [TWO, {"a": [CRASH], "b": [PASS]}, {"a": [DEVICE_LOST], "b": [PASS]}])
def test_a_record_of_the_first_days_is_replayed_byte_for_byte(tmp_path: Path, acts: dict[str, list[Act]]):
    events, decision = run(tmp_path, Policy(), acts)
    payloads = [json.loads(encode(record)) for record in journalled(events)]
    for payload in payloads:
        payload["event"] = {key: value for key, value in payload["event"].items() if key not in LATER}
    assert not any(key in json.dumps(payload["event"]) for payload in payloads for key in ('"began_at"', '"baselines"'))
    old = [decode(Record, json.dumps(payload)) for payload in payloads]
    first = old[0].event
    assert isinstance(first, RunStarted)
    assert first.policy.digest == Policy().ref.digest
    again = replay(old, recorded_basis(first))
    assert encode(again.now) == encode(decision)
    assert again.same
