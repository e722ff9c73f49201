"""What each target over HTTP is sent, within its limits; against stand-ins on real ports."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest

from tests.alerts.channels import KEY, SECRET, SHA, TOKEN, github, pagerduty, webhook
from tests.alerts.memory import MemoryOutbox
from tests.fakes.runs import BLOCKED
from tests.fakes.targets import (
    Fault,
    GitHub,
    Hook,
    PagerDuty,
)
from validator.alerts.github import GitHubChannel, GitHubTargets
from validator.alerts.incident import Kind
from validator.alerts.message import AlertMessage, RunFacts, compose
from validator.alerts.outboxed import OutboxedChannel
from validator.alerts.route import Route
from validator.model.decision import Verdict
from validator.model.errors import PermanentError, RetryableError
from validator.support.clock import SystemClock, iso
from validator.support.stop import Stop


def test_a_webhook_gets_exactly_the_documented_keys_signed(start, message: AlertMessage):
    hook = start(Hook())
    told = replace(message, job_url="https://ci.example.com/7")
    receipt = webhook(hook).send(told, Stop())
    (asked,) = hook.taken
    assert asked.method == "POST"
    expected = "sha256=" + hmac.new(SECRET.encode(), asked.body, hashlib.sha256).hexdigest()
    assert asked.headers["x-validator-signature"] == expected
    assert asked.headers["idempotency-key"] == receipt == told.id
    assert asked.json == {
        "event": "production_validation.failed",
        "timestamp": message.at,
        "terraformDeploymentId": "dep-2026-11-21.3",
        "jobUrl": "https://ci.example.com/7",
        "failedFlows": asked.json["failedFlows"],
        "artifactUrls": ["https://ci.example.com/runs/7?tab=a&b=2"],
        "nextSteps": list(message.next),
        "decision": "blocked",
    }
    flows = asked.json["failedFlows"]
    assert isinstance(flows, list)
    assert [flow["flowName"] for flow in flows] == list(message.flow_names)
    assert {frozenset(flow) for flow in flows} == {frozenset({"flowName", "cause", "error"})}
    assert all(flow["error"] for flow in flows)


@pytest.mark.parametrize(
    ("verdict", "kind", "event"),
    [
        (Verdict.UNDECIDED, Kind.FIRE, "undecided"),
        (Verdict.APPROVED_WITH_WARNINGS, Kind.FIRE, "warning"),
        (Verdict.APPROVED, Kind.RESOLVE, "resolved"),
        (Verdict.APPROVED, Kind.PASS, "passed"),
    ],
)
def test_a_webhook_is_told_what_happened(start, message: AlertMessage, verdict, kind, event):
    hook = start(Hook())
    webhook(hook).send(replace(message, verdict=verdict, kind=kind), Stop())
    assert hook.taken[0].json["event"] == f"production_validation.{event}"


def test_pagerduty_opens_one_incident_for_one_cause_and_closes_it(start, message: AlertMessage):
    desk = start(PagerDuty())
    channel = pagerduty(desk)
    assert channel.send(message, Stop()) == message.incident
    channel.send(replace(message, run="another"), Stop())
    assert desk.incidents == {message.incident: "open"}
    channel.send(replace(message, kind=Kind.RESOLVE), Stop())
    assert desk.incidents == {message.incident: "resolved"}
    payload = desk.taken[0].json["payload"]
    assert isinstance(payload, dict)
    assert payload["severity"] == "critical"
    assert payload["summary"].startswith("BLOCKED in production: the frontend must not be deployed: product failures")
    assert desk.taken[0].json["routing_key"] == KEY


def test_pagerduty_takes_texts_of_any_length_within_its_limits(start, facts: RunFacts):
    long = replace(BLOCKED.reasons[0], message="x" * 5000)
    told = compose(replace(BLOCKED, reasons=(long,) * 50), facts)
    desk = start(PagerDuty())
    pagerduty(desk).send(replace(told, incident="i" * 400), Stop())
    payload = desk.taken[0].json["payload"]
    assert isinstance(payload, dict)
    assert len(payload["summary"]) <= 1024
    assert len(str(desk.taken[0].json["dedup_key"])) <= 255
    assert len(desk.taken[0].body) < 512_000


@pytest.mark.parametrize(
    ("verdict", "state", "conclusion"),
    [
        (Verdict.APPROVED, "success", "success"),
        (Verdict.APPROVED_WITH_WARNINGS, "success", "success"),
        (Verdict.BLOCKED, "failure", "failure"),
        (Verdict.UNDECIDED, "error", "action_required"),
    ],
)
def test_github_shows_the_state_at_commit_check_and_deployment(start, message, verdict, state, conclusion):
    hub = start(GitHub())
    told = replace(message, verdict=verdict, job_url="https://ci.example.com/7")
    assert github(hub, check_run=True, deployment="77").send(told, Stop()) == SHA
    (status,), (check,), (deployed,) = hub.statuses, hub.check_runs, hub.deployment_statuses
    assert (status["state"], status["context"]) == (state, "production-validation")
    assert status["target_url"] == deployed["log_url"] == "https://ci.example.com/7"
    assert (check["conclusion"], check["head_sha"], check["external_id"]) == (conclusion, SHA, told.id)
    assert deployed["state"] == state
    assert hub.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_github_gets_annotations_fifty_at_a_time(start, message: AlertMessage):
    names = tuple(f"flow {number}" for number in range(120))
    told = replace(message, flows=(replace(message.flows[0], names=(*names, "without a file")),))
    hub = start(GitHub())
    paths = {name: f".maestro/{name}.yaml" for name in names}
    github(hub, check_run=True, paths=paths).send(told, Stop())
    assert [note["path"] for note in hub.annotations] == list(paths.values())
    assert len([asked for asked in hub.asked if asked.method == "PATCH"]) == 3


def test_what_github_has_already_is_not_made_twice(start, message: AlertMessage):
    hub = start(GitHub())
    paths = {message.flow_names[0]: "a.yaml"}
    channel = github(hub, check_run=True, deployment="77", paths=paths)
    channel.send(message, Stop())
    channel.send(message, Stop())
    assert (len(hub.statuses), len(hub.check_runs), len(hub.deployment_statuses), len(hub.annotations)) == (1, 1, 1, 1)
    channel.send(replace(message, run="20261122-000000-aaaa"), Stop())
    assert (len(hub.statuses), len(hub.check_runs)) == (2, 2)


@pytest.mark.parametrize("sha", ["", "main", "8f3c2d1b6a7e"])
def test_github_needs_a_full_commit_id(start, message: AlertMessage, sha: str):
    channel = GitHubChannel(repository="acme/shop", token=TOKEN, targets=GitHubTargets(), api_url="https://x.example")
    with pytest.raises(PermanentError) as caught:
        channel.send(replace(message, revision=sha), Stop())
    assert "GITHUB_SHA" in caught.value.remedy


def test_a_rate_limit_of_github_is_no_refusal(start, message: AlertMessage):
    hub = start(GitHub())
    hub.script.append(Fault(status=403, headers={"Retry-After": "7"}))
    with pytest.raises(RetryableError) as caught:
        github(hub).send(message, Stop())
    assert caught.value.after == 7
    hub.script.append(Fault(status=403))
    with pytest.raises(PermanentError, match="403"):
        github(hub).send(message, Stop())


def now() -> str:
    return iso(SystemClock().now())


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Verdict.APPROVED, "approved"),
        (Verdict.APPROVED_WITH_WARNINGS, "approved"),
        (Verdict.BLOCKED, "rejected"),
        (Verdict.UNDECIDED, None),
    ],
)
def test_a_protection_rule_is_answered_and_what_was_not_measured_leaves_it_waiting(
    start, message: AlertMessage, verdict, state
):
    hub = start(GitHub())
    told = replace(message, verdict=verdict, at=now(), workflow_run="4711")
    github(hub, protected="production").send(told, Stop())
    ((run, answer),) = hub.answers
    assert (run, answer["environment_name"], answer.get("state")) == ("4711", "production", state)
    assert message.run in str(answer["comment"])


@pytest.mark.parametrize("at", ["2026-11-21T03:26:54.120Z", "2020-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z"])
def test_an_approval_that_was_kept_for_long_opens_nothing(start, message: AlertMessage, at: str):
    hub = start(GitHub())
    late = replace(message, verdict=Verdict.APPROVED, at=at, workflow_run="4711")
    github(hub, protected="production").send(late, Stop())
    assert [answer.get("state") for _, answer in hub.answers] == [None]


def test_no_protection_rule_is_answered_by_a_test_or_without_a_run_that_waits(start, message: AlertMessage):
    hub = start(GitHub())
    channel = github(hub, protected="production")
    channel.send(replace(message, at=now(), workflow_run="4711", test=True), Stop())
    channel.send(replace(message, at=now()), Stop())
    assert hub.answers == []


def test_a_kept_answer_goes_to_the_workflow_run_that_it_was_made_for(start, message: AlertMessage):
    hub, outbox = start(GitHub()), MemoryOutbox()
    hub.script.append(Fault(status=500))

    def over(workflow_run: str) -> OutboxedChannel:
        return OutboxedChannel(
            github(hub, protected="production"),
            outbox=outbox,
            route=Route(every_run=True),
            clock=SystemClock(),
            patience=0.0,
            workflow_run=workflow_run,
        )

    with pytest.raises(RetryableError):
        over("1").send(replace(message, run="run-1", verdict=Verdict.APPROVED, at=now()), Stop())
    over("2").send(replace(message, run="run-2", verdict=Verdict.BLOCKED, at=now()), Stop())
    assert [(run, answer["state"]) for run, answer in hub.answers] == [("1", "approved"), ("2", "rejected")]
