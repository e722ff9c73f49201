"""Alerts with the record behind them: through outages of every target and across restarts, once and without secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.fakes.builders import APK, DEPLOYMENT
from tests.fakes.runs import BLOCKED
from tests.fakes.slack import CHANNEL, TOKEN, Behaviour, SlackServer, rate_limited, refusing, slack_server
from tests.fakes.smtp import MailServer, mail_server
from tests.fakes.targets import (
    BROKEN,
    CUT,
    CUT_AFTER_TAKING,
    HANGING,
    RATE_LIMITED,
    REJECTING,
    Fault,
    GitHub,
    Hook,
    PagerDuty,
    SlackHook,
    Target,
    running,
)
from validator.alerts.message import AlertMessage, RunFacts, compose
from validator.alerts.outboxed import OutboxedChannel
from validator.config.environment import load_environment
from validator.config.resolvers import Resolvers
from validator.history.store import open_store
from validator.model.causes import Cause
from validator.model.decision import SettledFlow, Verdict
from validator.model.errors import ValidatorError
from validator.model.flow import FlowOutcome
from validator.support.clock import SystemClock
from validator.support.redact import Redactor
from validator.support.stop import Stop
from validator.wiring.alerts import alert_channels, distinct

SHA = "8f3c2d1b6a7e4f09123456788f3c2d1b6a7e4f09"
SECRETS = {
    "SLACK_TOKEN": TOKEN,
    "HOOK_SECRET": "c4nary-hook-secret",
    "PAGERDUTY_KEY": "c4narypagerdutykey00",
    "GITHUB_TOKEN": "c4nary-github-token",
    "SMTP_PASSWORD": "c4nary-smtp-password",
    "EVENTS_TOKEN": "c4nary-events-token",
}
CANARY = "c4nary-of-the-app-0001"
"""A secret that an app printed: it stands in the evidence, and must go no further."""


@dataclass
class World:
    """Every target, and a project that tells them all."""

    root: Path
    hook: Hook
    desk: PagerDuty
    hub: GitHub
    slack: SlackServer
    mail: MailServer
    events: Target
    room: SlackHook

    def write(self) -> None:
        alerts = [
            {"webhook": {"url": f"{self.hook.url}/in", "secret": "${env:HOOK_SECRET}"}},
            {"pagerduty": {"routing_key": "${env:PAGERDUTY_KEY}", "events_url": f"{self.desk.url}/v2/enqueue"}},
            {
                "github": {
                    "repository": "acme/shop",
                    "token": "${env:GITHUB_TOKEN}",
                    "sha": SHA,
                    "check_run": True,
                    "deployment": "77",
                    "api_url": self.hub.url,
                }
            },
            {
                "mail": {
                    "host": "127.0.0.1",
                    "port": self.mail.port,
                    "security": "none",
                    "username": "validator",
                    "password": "${env:SMTP_PASSWORD}",
                    "sender": "validator@example.com",
                    "to": ["oncall@example.com"],
                }
            },
            {"slack": {"channel": CHANNEL, "token": "${env:SLACK_TOKEN}", "api_url": self.slack.url}},
            {"slack_webhook": {"url": "${env:SLACK_WEBHOOK_URL}"}},
            {"cdevents": {"url": f"{self.events.url}/in", "token": "${env:EVENTS_TOKEN}"}},
        ]
        config = {
            "environment": "production",
            "app": {"id": "com.example.shop"},
            "build": {"file": "app.apk"},
            "devices": [{"serial": "emulator-5554"}],
            "flows": {"workspace": "flows"},
            "alerts": alerts,
        }
        (self.root / "configs").mkdir(exist_ok=True)
        (self.root / "configs" / "production.yaml").write_text(json.dumps(config))

    @property
    def secrets(self) -> dict[str, str]:
        return {**SECRETS, "SLACK_WEBHOOK_URL": f"{self.room.url}/services/T0/B0/c4nary-slack-webhook"}

    def process(self, *messages: AlertMessage) -> list[str]:
        """What a process of its own tells, and how each target that did not take it says so."""
        loaded = load_environment(str(self.root / "configs" / "production.yaml"))
        redactor = Redactor()
        redactor.register(CANARY, "the app's")
        resolvers = Resolvers.before_deployment(self.root, self.secrets, redactor)
        with open_store("sqlite:///history.db", folder=self.root) as store:
            channels = alert_channels(loaded.value, resolvers, redactor, store, SystemClock())
            with ThreadPoolExecutor(len(channels)) as threads:  # so that targets that hang do so at the same time
                tell = [(impatient(channel), message) for channel in channels for message in messages or (None,)]
                complaints = [each for heard in threads.map(lambda one: sent(*one), tell) for each in heard]
        return complaints

    @property
    def told(self) -> dict[str, int]:
        """How often the team was told, by target."""
        return {
            "webhook": len(self.hook.told),
            "pagerduty": len(self.desk.incidents),
            "github": len(self.hub.statuses),
            "check": len(self.hub.check_runs),
            "deployment": len(self.hub.deployment_statuses),
            "mail": len(self.mail.told),
            "slack": len(self.slack.messages),
            "slack webhook": len(self.room.taken),
            "cdevents": len({str(asked.json["id"]) for asked in self.events.taken}),
        }

    @property
    def everything(self) -> bytes:
        """All that was sent but the credentials' own places, and all that was written."""
        asked = [each for target in (self.hook, self.desk, self.hub, self.events, self.room) for each in target.asked]
        sent = b"".join(each.body.replace(SECRETS["PAGERDUTY_KEY"].encode(), b"") for each in asked)
        shown = (
            str([each.path for each in asked if each not in self.room.asked])
            + str(self.slack.messages)
            + str([str(m) for m in self.mail.taken])
        )
        written = b"".join(path.read_bytes() for path in self.root.rglob("*") if path.is_file())
        return sent + shown.encode() + written


def impatient(channel: OutboxedChannel) -> OutboxedChannel:
    """Tests do not wait a minute and a half for an outage to end."""
    channel.patience = 0.0
    return channel


def sent(channel: OutboxedChannel, message: AlertMessage | None) -> list[str]:
    try:
        if message is None:
            channel.deliver(Stop())
        else:
            channel.send(message, Stop())
    except ValidatorError as error:
        return [error.diagnostics()]
    return []


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        hook, desk, hub, events, room = Hook(), PagerDuty(), GitHub(), Target(), SlackHook()
        targets: tuple[Target, ...] = (hook, desk, hub, events, room)
        for target in targets:
            stack.enter_context(running(target))
        slack, mail = stack.enter_context(slack_server()), stack.enter_context(mail_server(login=True))
        made = World(root=tmp_path, hook=hook, desk=desk, hub=hub, slack=slack, mail=mail, events=events, room=room)
        made.write()
        yield made


def run(number: int, verdict: Verdict = Verdict.BLOCKED) -> AlertMessage:
    passed = verdict is Verdict.APPROVED
    flow = SettledFlow(
        name="Pay",
        required=True,
        outcome=FlowOutcome.PASSED if passed else FlowOutcome.FAILED,
        cause=None if passed else Cause.APP_CRASH,
        attempts=2,
        quote="" if passed else f"java.lang.IllegalStateException: session {CANARY}",
    )
    facts = RunFacts(
        run=f"2026112{number}-run", tenant="default", environment="production", deployment=DEPLOYMENT, apk=APK
    )
    return compose(replace(BLOCKED, verdict=verdict, flows=(flow,)), facts)


ONCE = dict.fromkeys(
    ("webhook", "pagerduty", "github", "check", "deployment", "mail", "slack", "slack webhook", "cdevents"), 1
)
FAULTS: dict[str, tuple[Fault, str, Behaviour]] = {
    "429": (replace(RATE_LIMITED, headers={"Retry-After": "600"}), "450 later", rate_limited("600")),
    "500": (BROKEN, "451 broken", refusing("internal_error")),
    "cut": (CUT, "cut", refusing("service_unavailable")),
    "rejected": (REJECTING, "550 no", refusing("channel_not_found")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_target_tells_the_team_once_when_it_recovers_after_a_restart(world: World, fault: str):
    over_http, over_smtp, over_slack = FAULTS[fault]
    for target in (world.hook, world.desk, world.hub, world.events, world.room):
        target.script.append(over_http)
    world.mail.script.append(over_smtp)
    world.slack.script.extend([over_slack] * 12)
    complaints = world.process(run(1))
    assert len(complaints) == 7, complaints
    assert all("it is kept" in complaint for complaint in complaints)
    assert sum(world.told.values()) == 0
    world.slack.script.clear()
    assert world.process() == []
    assert world.told == ONCE
    assert world.process() == []
    assert world.process(run(1)) == []
    assert world.told == ONCE


@pytest.mark.slow
def test_targets_that_all_hang_are_given_up_and_told_once_by_the_next_process(world: World):
    for target in (world.hook, world.desk, world.hub, world.events, world.room):
        target.script.append(HANGING)
    world.mail.script.append("hang")
    world.slack.script.append(Behaviour(hang=True))
    complaints = world.process(run(1))
    assert len(complaints) == 7, complaints
    assert sum(world.told.values()) == 0
    world.mail.over.set()
    world.slack._release()
    assert world.process() == []
    assert world.told == ONCE


def test_answers_that_are_lost_tell_the_team_once(world: World):
    for target in (world.hook, world.desk, world.events):
        target.script.append(CUT_AFTER_TAKING)
    world.hub.script.extend([CUT_AFTER_TAKING] * 2)
    world.mail.script.append("cut after")
    assert len(world.process(run(1))) == 5
    for _ in range(3):
        world.process()
    assert world.told == ONCE


def test_a_run_that_passes_ends_it_everywhere(world: World):
    assert world.process(run(1)) == []
    assert world.process(run(2, Verdict.APPROVED)) == []
    assert list(world.desk.incidents.values()) == ["resolved"]
    assert [asked.json["event"] for asked in world.hook.taken] == [
        "production_validation.failed",
        "production_validation.resolved",
    ]
    assert [status["state"] for status in world.hub.statuses] == ["success", "failure"]
    assert "RESOLVED" in str(world.slack.messages[-1])
    assert "RESOLVED" in str(world.mail.taken[-1]["Subject"])
    assert world.process(run(3, Verdict.APPROVED)) == []
    assert (len(world.hook.taken), len(world.slack.messages), len(world.mail.taken)) == (2, 2, 2)


def test_no_secret_is_in_any_request_record_or_complaint(world: World):
    for target in (world.hook, world.desk, world.hub, world.events, world.room):
        target.script.append(Fault(status=400, body=" ".join(world.secrets.values()).encode()))
    world.mail.script.append("no login")
    complaints = world.process(run(1))
    assert len(complaints) == 6
    assert world.process(run(2)) == []
    for secret in (CANARY, "c4nary-slack-webhook", *world.secrets.values()):
        assert secret.encode() not in world.everything, secret
        assert secret not in str(complaints)
    assert b"IllegalStateException" in world.everything


def test_targets_of_one_name_are_told_apart():
    assert list(distinct(["a", "b", "a", "a"])) == ["a", "b", "a (2)", "a (3)"]
