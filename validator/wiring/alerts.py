"""`alerts:` -> the targets that are told, each with its route and the outbox behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import assert_never
from zoneinfo import ZoneInfo

from validator.alerts.approvals import CDEventsApprovals
from validator.alerts.cdevents import CDEventsChannel
from validator.alerts.github import API_URL, GitHubChannel, GitHubTargets
from validator.alerts.incident import Severity
from validator.alerts.mail import MailChannel, MailServer, Security
from validator.alerts.message import AlertMessage
from validator.alerts.outboxed import OutboxedChannel
from validator.alerts.pagerduty import EVENTS_URL, PagerDutyChannel
from validator.alerts.port import Channel, Told, Waiting
from validator.alerts.quiet import QuietHours
from validator.alerts.route import Route
from validator.alerts.slack import SlackChannel
from validator.alerts.slack_webhook import SlackWebhookChannel
from validator.alerts.webhook import WebhookChannel
from validator.config.environment import EnvironmentConfig
from validator.config.references import Template
from validator.config.resolvers import Resolvers
from validator.config.sections.alerts import (
    Alert,
    CDEventsConfig,
    CDEventsTarget,
    GitHubConfig,
    GitHubTarget,
    MailConfig,
    MailTarget,
    PagerDutyTarget,
    QuietConfig,
    SlackConfig,
    SlackTarget,
    SlackWebhookTarget,
    WebhookTarget,
)
from validator.deploys.pipelines import current_pipeline
from validator.history.acts import AlertDeferred, AlertDelivered, AlertQueued
from validator.history.outbox import Outbox
from validator.history.runs import Runs
from validator.history.store import Store
from validator.history.views import RunFilter
from validator.model.decision import Verdict
from validator.support.clock import Clock, iso
from validator.support.redact import Redactor
from validator.wiring.prepare import Prepared

_ALL = "9999"
"""A moment after every other: alerts are tried whenever there is an occasion."""
_MOST_WAITING = 1_000
_MOST_RUNS = 100
_SLACK_SECONDS = 30.0
"""For one try; the outbox tries again."""


class RecordedOutbox:
    """The alerts' outbox in the record of runs."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    def put(self, run: str, key: str, channel: str, body: str, *, required: bool) -> bool:
        """Keep an alert; False when it is there already."""
        return self._outbox.queue(run, AlertQueued(key=key, channel=channel, body=body, required=required))

    def waiting(self, channel: str) -> Sequence[Waiting]:
        """What has still to go out over a channel, oldest run first."""
        due = (alert for alert in self._outbox.due(_ALL, limit=_MOST_WAITING) if alert.channel == channel)
        return [
            Waiting(run=alert.run, key=alert.key, body=alert.body, tries=alert.tries)
            for alert in sorted(due, key=lambda alert: alert.run)
        ]

    def told(self, channel: str, beginning: str) -> Sequence[Told]:
        """The latest alerts of a channel whose key begins so, newest first."""
        known = self._outbox.told(channel, beginning)
        return [Told(run=alert.run, key=alert.key, receipt=alert.receipt) for alert in known]

    def delivered(self, run: str, key: str, channel: str, receipt: str) -> None:
        """It went out."""
        self._outbox.delivered(run, AlertDelivered(key=key, channel=channel, receipt=receipt))

    def deferred(self, run: str, key: str, channel: str, reason: str, *, after: float) -> None:
        """It did not go out."""
        moment = iso(self._clock.now() + timedelta(seconds=after))
        self._outbox.deferred(run, AlertDeferred(key=key, channel=channel, reason=reason, not_before=moment))


def run_channels(prepared: Prepared, store: Store, clock: Clock) -> tuple[OutboxedChannel, ...]:
    """Who is told about the run, none if it is to tell nobody. Raises as `alert_channels`."""
    if not prepared.request.alerts:
        return ()
    return alert_channels(
        prepared.config, prepared.resolvers, prepared.redactor, store, clock, paths=_flow_files(prepared)
    )


def alert_channels(  # noqa: PLR0913 - four parts of one configuration
    config: EnvironmentConfig,
    resolvers: Resolvers,
    redactor: Redactor,
    store: Store,
    clock: Clock,
    *,
    paths: Mapping[str, str] = MappingProxyType({}),
) -> tuple[OutboxedChannel, ...]:
    """All targets of an environment, with their routes and memories.

    Args:
        config: The environment.
        resolvers: Where its references come from.
        redactor: Takes secrets out of what is kept and sent.
        store: The record of runs.
        clock: The time.
        paths: Flow -> its file in the repository.

    Raises:
        ConfigError: A reference has no value.
        UsageError: A credential or an address cannot be used.
    """
    history = store.tenant(config.tenant)
    targets = [each for alert in config.alerts for each in _targets(alert, resolvers, paths)]
    return tuple(
        OutboxedChannel(
            target,
            name=name,
            outbox=RecordedOutbox(history.outbox, clock),
            route=replace(route(alert), approvals=isinstance(target, CDEventsApprovals)),
            clock=clock,
            undecided_before=UndecidedRuns(history.runs, config.environment),
            redact=redactor.redact,
            job_url=job_url(),
            reports_url=config.reports_url.resolve(resolvers) if config.reports_url is not None else "",
            workflow_run=_waiting(alert, resolvers),
        )
        for (alert, target), name in zip(targets, distinct([each.name for _, each in targets]), strict=True)
    )


def _targets(alert: Alert, resolvers: Resolvers, paths: Mapping[str, str]) -> Iterator[tuple[Alert, Channel]]:
    """What a section asks for: one target, or two where gates that wait for a person are told by themselves."""
    yield alert, channel(alert, resolvers, paths)
    if isinstance(alert, CDEventsTarget) and alert.cdevents.approvals:
        yield alert, CDEventsApprovals(_cdevents(alert.cdevents, resolvers))


def distinct(names: Sequence[str]) -> Iterator[str]:
    """The names, with a number behind those that were there before: the outbox knows targets by their names."""
    for position, name in enumerate(names):
        before = names[:position].count(name)
        yield f"{name} ({before + 1})" if before else name


def channel(alert: Alert, resolvers: Resolvers, paths: Mapping[str, str]) -> Channel:
    """The target behind a section, without route and memory. Raises as `alert_channels`."""
    match alert:
        case SlackTarget():
            return _slack(alert.slack, resolvers)
        case SlackWebhookTarget():
            return SlackWebhookChannel(url=alert.slack_webhook.url.resolve(resolvers).reveal())
        case WebhookTarget():
            webhook = alert.webhook
            return WebhookChannel(
                url=webhook.url.resolve(resolvers).reveal(), secret=webhook.secret.resolve(resolvers).reveal()
            )
        case PagerDutyTarget():
            paged = alert.pagerduty
            key = paged.routing_key.resolve(resolvers).reveal()
            url = paged.events_url.resolve(resolvers) if paged.events_url is not None else EVENTS_URL
            return PagerDutyChannel(routing_key=key, url=url)
        case GitHubTarget():
            return _github(alert.github, resolvers, paths)
        case CDEventsTarget():
            return _cdevents(alert.cdevents, resolvers)
        case MailTarget():
            return _mail(alert.mail, resolvers)
        case _:
            assert_never(alert)


def route(alert: Alert) -> Route:
    """Which alerts a target is for."""
    return Route(
        families=frozenset(alert.families),
        at_least=Severity(alert.at_least),
        every_run=isinstance(alert, GitHubTarget | CDEventsTarget),
        from_the_begin=isinstance(alert, CDEventsTarget),
        escalate_after=alert.escalate_after,
        required=alert.required,
        quiet=_quiet(alert.quiet) if alert.quiet is not None else None,
    )


def _quiet(quiet: QuietConfig) -> QuietHours:
    return QuietHours(
        starts=time.fromisoformat(quiet.starts),
        ends=time.fromisoformat(quiet.ends),
        zone=ZoneInfo(quiet.zone),
        urgent=Severity(quiet.urgent),
    )


def job_url() -> str:
    """The address of the CI pipeline's run, if one started us."""
    pipeline = current_pipeline(os.environ)
    return pipeline.address if pipeline is not None else ""


class UndecidedRuns:
    """How many runs before one were undecided in a row."""

    def __init__(self, runs: Runs, environment: str) -> None:
        self._runs = runs
        self._environment = environment

    def __call__(self, message: AlertMessage) -> int:
        """The number, of runs that have decided."""
        page = self._runs.page(RunFilter(environment=self._environment), limit=_MOST_RUNS)
        earlier = [run.verdict for run in page.runs if run.id != message.run and run.verdict is not None]
        decided = (number for number, verdict in enumerate(earlier) if verdict is not Verdict.UNDECIDED)
        return next(decided, len(earlier))


def _flow_files(prepared: Prepared) -> Mapping[str, str]:
    """Flow -> its file, from where the repository's root is taken to be."""
    root = prepared.resolvers.root
    folder = Path(os.path.relpath(prepared.workspace, root))
    return {flow.name: (folder / flow.file).as_posix() for flow in prepared.selection.flows}


def _slack(slack: SlackConfig, resolvers: Resolvers) -> SlackChannel:
    token, name = slack.token.resolve(resolvers).reveal(), slack.channel.resolve(resolvers)
    if slack.api_url is None:
        return SlackChannel(channel=name, token=token, deadline=_SLACK_SECONDS)
    url = slack.api_url.resolve(resolvers)
    return SlackChannel(channel=name, token=token, base_url=url, deadline=_SLACK_SECONDS)


def _github(github: GitHubConfig, resolvers: Resolvers, paths: Mapping[str, str]) -> GitHubChannel:
    return GitHubChannel(
        repository=github.repository.resolve(resolvers),
        token=github.token.resolve(resolvers).reveal(),
        targets=GitHubTargets(
            context=_text(github.context, resolvers) or GitHubTargets().context,
            check_run=github.check_run,
            deployment=_text(github.deployment, resolvers),
            protected=_text(github.protection.environment, resolvers) if github.protection is not None else "",
            sha=_text(github.sha, resolvers),
            paths=paths,
        ),
        api_url=github.api_url.resolve(resolvers) if github.api_url is not None else API_URL,
    )


def _waiting(alert: Alert, resolvers: Resolvers) -> str:
    """The workflow run that waits for what this target says."""
    if not isinstance(alert, GitHubTarget) or alert.github.protection is None:
        return ""
    return alert.github.protection.workflow_run.resolve(resolvers)


def _cdevents(cdevents: CDEventsConfig, resolvers: Resolvers) -> CDEventsChannel:
    return CDEventsChannel(
        url=cdevents.url.resolve(resolvers).reveal(),
        token=cdevents.token.resolve(resolvers).reveal() if cdevents.token is not None else "",
        source=_text(cdevents.source, resolvers),
    )


def _mail(mail: MailConfig, resolvers: Resolvers) -> MailChannel:
    return MailChannel(
        server=MailServer(
            host=mail.host.resolve(resolvers),
            port=mail.port,
            security=Security(mail.security),
            username=_text(mail.username, resolvers),
            password=mail.password.resolve(resolvers).reveal() if mail.password is not None else "",
        ),
        sender=mail.sender.resolve(resolvers),
        to=[address.resolve(resolvers) for address in mail.to],
    )


def _text(template: Template | None, resolvers: Resolvers) -> str:
    return template.resolve(resolvers) if template is not None else ""
