"""Who is told, as the configuration says it."""

from __future__ import annotations

import pytest

from tests.config.documents import Complain, Load
from validator.config.sections.alerts import (
    AlertSeverity,
    CDEventsTarget,
    GitHubTarget,
    MailTarget,
    PagerDutyTarget,
    SlackTarget,
    WebhookTarget,
)
from validator.model.causes import Family

TARGETS = """\
alerts:
  - slack: {channel: "#prod", token: "${env:A}"}
  - webhook: {url: "${env:B}", secret: "${env:C}"}
    families: [product, flow]
    required: false
  - pagerduty: {routing_key: "${env:D}"}
  - github: {repository: acme/shop, token: "${env:E}", check_run: true}
  - mail: {host: smtp.example.com, sender: validator@example.com, to: [oncall@example.com]}
    at_least: critical
    quiet: {starts: "22:00", ends: "07:00", zone: Europe/Berlin}
  - cdevents: {url: "${env:F}"}
"""


def test_each_kind_of_target_is_told_apart_by_its_key(load: Load) -> None:
    kinds = [type(target) for target in load(TARGETS).value.alerts]
    assert kinds == [SlackTarget, WebhookTarget, PagerDutyTarget, GitHubTarget, MailTarget, CDEventsTarget]


def test_infrastructure_alone_pages_nobody_unless_it_is_asked_for(load: Load) -> None:
    slack, _, pagerduty, *_ = load(TARGETS).value.alerts
    assert Family.INFRASTRUCTURE in slack.families
    assert pagerduty.families == (Family.PRODUCT, Family.BACKEND, Family.BUILD)
    assert pagerduty.at_least is AlertSeverity.ERROR


def test_a_target_says_what_it_is_for(load: Load) -> None:
    _, webhook, _, _, mail, _ = load(TARGETS).value.alerts
    assert (webhook.families, webhook.required) == ((Family.PRODUCT, Family.FLOW), False)
    assert (mail.at_least, mail.required) == (AlertSeverity.CRITICAL, True)
    assert mail.quiet is not None
    assert (mail.quiet.starts, mail.quiet.zone, mail.quiet.urgent) == ("22:00", "Europe/Berlin", AlertSeverity.CRITICAL)
    assert webhook.quiet is None


def quiet(starts: str, ends: str, zone: str = "UTC") -> str:
    hours = f"{{starts: {starts}, ends: {ends}, zone: {zone}}}"
    return f"[{{mail: {{host: h, sender: a@example.com, to: [b@example.com]}}, quiet: {hours}}}]"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("[{slack: {channel: a, token: '${env:A}'}, mail: {}}]", "exclude one another"),
        ("[{slak: {channel: a}}]", "did you mean 'slack'"),
        ("[{pagerduty: {routing_key: '${env:A}'}, families: [products]}]", "alerts[0].families[0]"),
        ("[{pagerduty: {routing_key: '${env:A}'}, families: []}]", "alerts[0].families"),
        ("[{pagerduty: {routing_key: '${env:A}'}, at_least: loud}]", "alerts[0].at_least"),
        ("[{github: {repository: https://github.com/acme/shop, token: '${env:A}'}}]", "is no GitHub repository"),
        ("[{mail: {host: h, sender: a@example.com, to: []}}]", "alerts[0].mail.to"),
        ("[{mail: {host: h, sender: a@example.com, to: [b@example.com], port: 0}}]", "alerts[0].mail.port"),
        ("[{webhook: {url: '${terraform:hook}', secret: '${env:A}'}}]", "is not known yet"),
        (quiet("22:00", "07:00"), "in quotes"),
        (quiet("'25:00'", "'07:00'"), "is no time of day"),
        (quiet("'7:00'", "'22:00'"), "is no time of day"),
        (quiet("'22:00'", "'22:00'"), "same time"),
        (quiet("'22:00'", "'07:00'", "Europe/Bonn"), "is no time zone"),
        (quiet("'22:00'", "'07:00'", "../etc/passwd"), "is no time zone"),
        (quiet("'22:00'", "'07:00'", "Europe"), "is no time zone"),
        (
            "[{github: {repository: acme/shop, token: '${env:A}', protection: {environment: production}}}]",
            "alerts[0].github.protection.workflow_run",
        ),
    ],
)
def test_a_mistake_is_told_at_its_key(complain: Complain, written: str, told: str) -> None:
    assert told in complain(f"alerts: {written}")
