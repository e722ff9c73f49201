"""Channels to the stand-ins, with credentials that nobody may see."""

from __future__ import annotations

import pytest

from tests.fakes.targets import GitHub, Hook, PagerDuty, Target
from validator.alerts.github import GitHubChannel, GitHubTargets
from validator.alerts.pagerduty import PagerDutyChannel
from validator.alerts.port import Channel
from validator.alerts.webhook import WebhookChannel

SHA = "8f3c2d1b6a7e4f09123456788f3c2d1b6a7e4f09"
SECRET = "hook-s3cret-value"
TOKEN = "ghp-not-a-real-token"
KEY = "R0UTINGKEYR0UTINGKEY"


def webhook(target: Target, deadline: float = 5.0) -> Channel:
    return WebhookChannel(url=f"{target.url}/in/path-s3cret", secret=SECRET, deadline=deadline)


def pagerduty(target: Target, deadline: float = 5.0) -> Channel:
    return PagerDutyChannel(routing_key=KEY, url=f"{target.url}/v2/enqueue", deadline=deadline)


def github(target: Target, deadline: float = 5.0, **targets: object) -> Channel:
    chosen = GitHubTargets(sha=SHA, **targets)  # type: ignore[arg-type]  # what a test names
    return GitHubChannel(repository="acme/shop", token=TOKEN, targets=chosen, api_url=target.url, deadline=deadline)


ALL = pytest.mark.parametrize(
    ("make", "kind"),
    [(webhook, Hook), (pagerduty, PagerDuty), (github, GitHub)],
    ids=["webhook", "pagerduty", "github"],
)
