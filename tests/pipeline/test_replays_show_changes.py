"""Other rules, another policy or a hand in the record: a replay shows what they change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pipeline.replaying import replayed
from tests.pipeline.stand_ins import CRASH, CRASH_ON_LAST_STEP, PASS
from tests.pipeline.test_resuming import whole
from validator.failures.rules import built_in_rules
from validator.gates.policy import GateLimits, Policy
from validator.model.causes import Cause
from validator.model.decision import Verdict
from validator.model.errors import UsageError
from validator.model.events import (
    AttemptFinished,
    Decided,
    Event,
    FailureClassified,
    FlowSettled,
    PlanMade,
    RunFinished,
    RunStarted,
)
from validator.model.flow import FlowOutcome


def crashed(folder: Path) -> list[Event]:
    return whole(folder, {"a": [PASS], "b": [CRASH]})


def changed(events: list[Event], kind: type[Event], edit: Callable[[Event], Event]) -> list[Event]:
    return [edit(event) if isinstance(event, kind) else event for event in events]


def test_another_rule_shows_what_it_changes(tmp_path: Path) -> None:
    rules = tuple(
        replace(rule, cause=Cause.DEVICE_UNHEALTHY, why="Known to be the device.")
        if rule.cause is Cause.APP_CRASH
        else rule
        for rule in built_in_rules()
    )
    again = replayed(crashed(tmp_path), rules=rules)
    assert not again.same
    assert again.recorded.verdict is Verdict.BLOCKED
    assert again.now.verdict is Verdict.UNDECIDED
    differing = [attempt for attempt in again.attempts if not attempt.same]
    assert {attempt.flow for attempt in differing} == {"b"}
    assert differing[0].now.failure is not None
    assert differing[0].now.failure.cause is Cause.DEVICE_UNHEALTHY
    assert [flow.name for flow in again.flows if not flow.same] == ["b"]
    assert again.notes


def test_attempts_that_would_not_have_been_made_are_named_and_left_out(tmp_path: Path) -> None:
    rules = tuple(
        replace(rule, cause=Cause.FLOW_INVALID) if rule.cause is Cause.APP_CRASH else rule for rule in built_in_rules()
    )
    again = replayed(crashed(tmp_path), rules=rules)
    assert [(attempt.flow, attempt.number, attempt.made) for attempt in again.attempts] == [
        ("a", 1, True),
        ("b", 1, True),
        ("b", 2, False),
    ]
    (flow,) = [flow for flow in again.flows if flow.name == "b"]
    assert flow.now is not None
    assert flow.now.attempts == 1


def test_attempts_that_were_never_made_leave_the_flow_inconclusive(tmp_path: Path) -> None:
    rules = tuple(rule for rule in built_in_rules() if rule.cause is not Cause.APP_CRASH)
    again = replayed(whole(tmp_path, {"a": [PASS], "b": [CRASH_ON_LAST_STEP]}), rules=rules)
    assert again.now.verdict is Verdict.APPROVED  # the runner never noticed, and no rule is left that did
    rules = tuple(
        replace(rule, cause=Cause.DEVICE_UNHEALTHY) if rule.cause is Cause.APP_CRASH else rule
        for rule in built_in_rules()
    )
    again = replayed(crashed(tmp_path / "2"), rules=rules)
    (flow,) = [flow.now for flow in again.flows if flow.name == "b"]
    assert flow is not None
    assert flow.outcome is FlowOutcome.INCONCLUSIVE
    assert "is not known" in flow.why


def test_another_policy_decides_otherwise_from_the_same_outcomes(tmp_path: Path) -> None:
    again = replayed(crashed(tmp_path), policy=Policy(name="lenient", limits=GateLimits(product=1)))
    assert again.now.verdict is Verdict.APPROVED_WITH_WARNINGS
    assert all(flow.same for flow in again.flows)
    assert again.now.policy.digest != again.recorded.policy.digest


@pytest.mark.parametrize(
    ("kind", "edit"),
    [
        (Decided, lambda e: Decided(decision=replace(e.decision, verdict=Verdict.APPROVED))),
        (FlowSettled, lambda e: FlowSettled(flow=replace(e.flow, outcome=FlowOutcome.PASSED, cause=None))),
        (FailureClassified, lambda e: replace(e, failure=replace(e.failure, cause=Cause.DEVICE_LOST))),
        (
            AttemptFinished,
            lambda e: replace(e, evidence=replace(e.evidence, app=replace(e.evidence.app, exit_info=()))),
        ),
        (PlanMade, lambda e: replace(e, flows=tuple(replace(flow, required=False) for flow in e.flows))),
        (
            RunStarted,
            lambda e: replace(e, terms=replace(e.terms, policy=e.terms.policy.replace('"product":0', '"product":9'))),
        ),
    ],
    ids=["decision", "outcome", "cause", "evidence", "plan", "policy"],
)
def test_a_record_that_was_edited_by_hand_shows(
    tmp_path: Path, kind: type[Event], edit: Callable[[Event], Event]
) -> None:
    again = replayed(changed(crashed(tmp_path), kind, edit))
    assert not again.same


def test_a_record_from_before_the_terms_were_recorded_is_judged_by_what_is_here(tmp_path: Path) -> None:
    events = changed(crashed(tmp_path), RunStarted, without_terms)
    again = replayed(events)
    assert again.same
    assert "does not say which rules" in again.notes[0]


def without_terms(event: Event) -> Event:
    assert isinstance(event, RunStarted)
    return replace(event, terms=None)


def test_a_run_without_a_decision_says_so(tmp_path: Path) -> None:
    events = [event for event in crashed(tmp_path) if not isinstance(event, Decided | RunFinished)]
    with pytest.raises(UsageError, match="nothing was decided"):
        replayed(events)
