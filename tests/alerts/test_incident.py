"""What an alert is about, how bad it is, when it is over, and who is told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.runs import BLOCKED
from validator.alerts.incident import Kind, Severity, escalated, families_of, incident_of, is_over
from validator.alerts.message import AlertMessage, RunFacts, compose
from validator.alerts.route import Route, wants, weighed
from validator.model.causes import Cause, Family
from validator.model.decision import Decision, SettledFlow, Verdict
from validator.model.flow import FlowOutcome


def settled(cause: Cause | None, outcome: FlowOutcome = FlowOutcome.FAILED, *, required: bool = True) -> SettledFlow:
    return SettledFlow(name=f"{cause}", required=required, outcome=outcome, cause=cause, attempts=1)


def decision(verdict: Verdict, *flows: SettledFlow) -> Decision:
    return replace(BLOCKED, verdict=verdict, flows=flows)


def key(*causes: Cause, environment: str = "production", tenant: str = "default") -> str:
    flows = tuple(settled(cause) for cause in causes)
    return incident_of(decision(Verdict.BLOCKED, *flows), tenant=tenant, environment=environment)


@given(st.lists(st.sampled_from(Cause), min_size=1), st.randoms())
def test_the_key_depends_on_which_causes_there_are_and_on_nothing_else(causes, random):
    shuffled = [*causes, *causes]
    random.shuffle(shuffled)
    assert key(*causes) == key(*shuffled)


@given(st.frozensets(st.sampled_from(Cause), min_size=1), st.frozensets(st.sampled_from(Cause), min_size=1))
def test_other_causes_are_another_incident(some, others):
    assert (key(*some) == key(*others)) == (some == others)


def test_environments_and_tenants_have_incidents_of_their_own():
    mine = key(Cause.APP_CRASH)
    assert mine.startswith("default/production/")
    assert len({mine, key(Cause.APP_CRASH, environment="staging"), key(Cause.APP_CRASH, tenant="web")}) == 3


def test_without_a_cause_the_reasons_make_the_key():
    bare = decision(Verdict.UNDECIDED)
    other = replace(bare, reasons=())
    keys = {incident_of(each, tenant="t", environment="e") for each in (bare, other)}
    assert len(keys) == 2
    assert families_of(bare) == ()


PASSED, FLAKY = settled(None, FlowOutcome.PASSED), settled(Cause.APP_CRASH, FlowOutcome.FLAKY)
FAILED, OPTIONAL = settled(Cause.APP_CRASH), settled(Cause.APP_CRASH, required=False)


@pytest.mark.parametrize(
    ("made", "over"),
    [
        (decision(Verdict.APPROVED, PASSED), True),
        (decision(Verdict.APPROVED_WITH_WARNINGS, PASSED, FLAKY), True),
        (decision(Verdict.APPROVED_WITH_WARNINGS, PASSED, OPTIONAL), True),
        (decision(Verdict.APPROVED_WITH_WARNINGS, PASSED, FAILED), False),
        (decision(Verdict.APPROVED, OPTIONAL), False),
        (decision(Verdict.APPROVED), False),
        (decision(Verdict.BLOCKED, PASSED), False),
        (decision(Verdict.UNDECIDED, PASSED), False),
    ],
)
def test_only_a_run_that_saw_every_required_flow_pass_ends_an_incident(made, over):
    assert is_over(made) is over


@pytest.mark.parametrize(
    ("verdict", "before", "after", "severity"),
    [
        (Verdict.UNDECIDED, 0, 3, Severity.WARNING),
        (Verdict.UNDECIDED, 1, 3, Severity.WARNING),
        (Verdict.UNDECIDED, 2, 3, Severity.ERROR),
        (Verdict.UNDECIDED, 9, 3, Severity.ERROR),
        (Verdict.UNDECIDED, 9, 0, Severity.WARNING),
        (Verdict.BLOCKED, 9, 1, Severity.CRITICAL),
        (Verdict.APPROVED_WITH_WARNINGS, 9, 1, Severity.INFO),
    ],
)
def test_undecided_too_often_is_an_error(facts: RunFacts, verdict, before, after, severity):
    message = compose(decision(verdict, FAILED), facts)
    assert weighed(Route(escalate_after=after), message, before).severity is severity


@given(st.sampled_from(Severity), st.sampled_from(Verdict), st.integers(0, 20), st.integers(0, 20))
def test_escalation_never_makes_anything_milder(severity, verdict, before, after):
    assert escalated(severity, verdict, before=before, after=after).rank >= severity.rank


PAGED = Route(families=frozenset({Family.PRODUCT, Family.BACKEND, Family.BUILD}), at_least=Severity.ERROR)


@pytest.mark.parametrize(
    ("verdict", "causes", "before", "paged"),
    [
        (Verdict.BLOCKED, [Cause.APP_CRASH], 0, True),
        (Verdict.BLOCKED, [Cause.APP_CRASH, Cause.DEVICE_LOST], 0, True),
        (Verdict.BLOCKED, [Cause.NOT_PRODUCTION], 0, True),
        (Verdict.UNDECIDED, [Cause.DEVICE_LOST], 0, False),
        (Verdict.UNDECIDED, [Cause.DEVICE_LOST], 50, False),
        (Verdict.UNDECIDED, [Cause.RATE_LIMITED], 50, False),
        (Verdict.UNDECIDED, [Cause.APP_CRASH], 0, False),
        (Verdict.UNDECIDED, [Cause.APP_CRASH], 2, True),
        (Verdict.APPROVED_WITH_WARNINGS, [Cause.APP_CRASH], 0, False),
        (Verdict.APPROVED, [], 0, False),
    ],
)
def test_infrastructure_alone_pages_nobody_however_often(facts: RunFacts, verdict, causes, before, paged):
    message = compose(decision(verdict, *(settled(cause) for cause in causes)), facts)
    assert wants(PAGED, weighed(PAGED, message, before)) is paged


def test_a_target_that_shows_a_state_is_told_of_every_run_and_others_of_those_that_are_alerted(facts: RunFacts):
    passed = compose(decision(Verdict.APPROVED, PASSED), facts)
    assert passed.kind is Kind.PASS
    assert wants(Route(every_run=True), passed)
    assert not wants(Route(), passed)


def test_two_tries_of_one_alert_have_one_id_and_two_alerts_have_two(message: AlertMessage):
    assert replace(message, thread="elsewhere", job_url="x").id == message.id
    assert replace(message, kind=Kind.RESOLVE).id != message.id
    assert replace(message, run="another").id != message.id
