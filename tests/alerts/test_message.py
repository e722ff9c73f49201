from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.builders import CRASH, RUN, decision, settled
from tests.fakes.runs import BLOCKED
from validator.alerts.incident import Kind, kind_of
from validator.alerts.message import AlertMessage, Link, RunFacts, compose, linked
from validator.alerts.preview import preview
from validator.alerts.webhook import document
from validator.model.decision import ExitCode, Rollback, Verdict
from validator.model.flow import FlowOutcome


@pytest.mark.parametrize(
    ("verdict", "alerted"),
    [
        (Verdict.APPROVED, False),
        (Verdict.APPROVED_WITH_WARNINGS, True),
        (Verdict.BLOCKED, True),
        (Verdict.UNDECIDED, True),
    ],
)
def test_the_team_is_told_of_everything_but_a_plain_approval(verdict: Verdict, alerted: bool) -> None:
    assert (kind_of(decision(verdict, ())) is Kind.FIRE) is alerted


@pytest.mark.parametrize(
    ("verdict", "headline"),
    [
        (Verdict.APPROVED, "APPROVED in production: the gate is open"),
        (Verdict.APPROVED_WITH_WARNINGS, "APPROVED WITH WARNINGS in production: the gate is open"),
        (Verdict.BLOCKED, "BLOCKED in production: the frontend must not be deployed"),
        (Verdict.UNDECIDED, "UNDECIDED in production: the frontend must wait, it could not be measured"),
    ],
)
def test_the_headline_says_what_it_means_for_the_deploy(verdict: Verdict, headline: str, facts: RunFacts) -> None:
    assert compose(decision(verdict, ()), facts).headline == headline


def test_a_message_names_the_flows_that_did_not_pass_worst_first(message: AlertMessage) -> None:
    assert [(*flow.names, flow.outcome) for flow in message.flows] == [
        ("Checkout", FlowOutcome.FAILED),
        ("Gift cards", FlowOutcome.MISSING),
        ("Search the catalogue", FlowOutcome.FLAKY),
        ("Profile", FlowOutcome.INCONCLUSIVE),
    ]
    assert message.flows[0].cause == "the app crashed (app_crash)"
    assert message.flows[1].cause == "it was expected and never ran"
    assert message.reasons[0] == "product failures (1) > limit (0): Checkout"
    assert message.exit_code == ExitCode.BLOCKED


def test_a_message_says_what_was_tested_where_that_is_known(message: AlertMessage) -> None:
    assert message.apk == "com.example.shop 4.12.0 (41200), sha256 9f86d081884c"
    assert message.deployment == "dep-2026-11-21.3 at 8f3c2d1b6a7e"
    bare = compose(BLOCKED, RunFacts(run=RUN, tenant="default", environment="production"))
    assert (bare.apk, bare.deployment) == ("none", "unknown")


def test_the_way_back_is_said_once(facts: RunFacts) -> None:
    assert compose(BLOCKED, facts).rollback == ""
    silent = replace(BLOCKED, next=("Look at the report.",))
    assert compose(silent, facts).rollback == "terraform -chdir=infra apply -var release=8f3c2d0"
    waived = replace(silent, rollback=Rollback(decision_required=False, command="terraform apply"))
    assert compose(waived, facts).rollback == ""


def test_a_reason_with_many_flows_names_ten(facts: RunFacts) -> None:
    reason = replace(BLOCKED.reasons[0], flows=tuple(f"f{number}" for number in range(25)))
    shown = compose(replace(BLOCKED, reasons=(reason,)), facts).reasons[0]
    assert shown.endswith("f8, f9 and 15 more")


def test_a_preview_shows_the_decision_the_flows_and_the_next_steps(message: AlertMessage) -> None:
    shown = preview(message)
    assert shown.startswith("| BLOCKED in production: the frontend must not be deployed\n")
    assert "| Checkout: failed, the app crashed (app_crash)\n" in shown
    assert "| - product failures (1) > limit (0): Checkout\n" in shown
    assert "| 1. Look at the evidence of Checkout" in shown
    assert "| Report: https://ci.example.com/runs/7?tab=a&b=2\n" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_flows_that_failed_alike_are_told_together(facts: RunFacts) -> None:
    many = tuple(settled(f"Flow {number}", FlowOutcome.FAILED, CRASH) for number in range(14))
    message = compose(replace(BLOCKED, flows=many), facts)
    assert len(message.flows) == 1
    assert message.flows[0].heading().endswith("Flow 10, Flow 11 and 2 more")


def test_a_preview_counts_the_causes_that_it_leaves_out(facts: RunFacts) -> None:
    many = tuple(
        settled(f"Flow {number}", FlowOutcome.FAILED, replace(CRASH, why=f"Reason {number}.")) for number in range(14)
    )
    assert "| and 4 more causes\n" in preview(compose(replace(BLOCKED, flows=many), facts))


@given(text=st.text(max_size=300))
def test_no_text_steers_the_terminal_of_a_preview(text: str, message: AlertMessage) -> None:
    flow = replace(message.flows[0], names=(text,), step=text, why=text, quote=text)
    shown = preview(replace(message, headline=text, flows=(flow,), reasons=(text,), next=(text,)))
    assert all(
        character.isprintable() or character in "\n\u3000" or character.isspace()
        for character in shown
        if ord(character) < 0xA0
    )
    assert all(line.startswith("|") for line in shown.splitlines())


REPORTS = Link(label="report", target="reports/20261121/index.html")


def test_people_elsewhere_get_addresses_that_they_can_open(message: AlertMessage) -> None:
    told = replace(message, run="20261121", links=(REPORTS,))
    done = linked(told, job_url="https://ci.example.com/7", reports_url="https://reports.example.com/shop/")
    assert done.job_url == "https://ci.example.com/7"
    assert [link.target for link in done.links] == [
        "https://reports.example.com/shop/20261121/index.html",
        "https://ci.example.com/7",
    ]
    assert document(done)["artifactUrls"] == [link.target for link in done.links]


def test_without_addresses_the_path_stays_and_no_link_is_made_up(message: AlertMessage) -> None:
    done = linked(replace(message, links=(REPORTS,)), job_url="", reports_url="")
    assert done.links == (REPORTS,)
    assert document(done)["artifactUrls"] == []
