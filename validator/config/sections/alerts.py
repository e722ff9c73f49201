"""`alerts:`: who is told about a decision. Takes no outputs: failing to observe the deployment is told as well."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from validator.config.fields import EarlyRepository, EarlySecret, EarlyText, EarlyUrl, Section, mistake
from validator.config.kinds import OneOf
from validator.config.sections.times import ClockTime, Zone
from validator.model.causes import Family

_ALL = tuple(Family)
_PAGED = (Family.PRODUCT, Family.BACKEND, Family.BUILD)


class AlertSeverity(StrEnum):
    """How bad an alert is: warnings of an open gate, undecided, undecided too often, blocked."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class MailSecurity(StrEnum):
    """When a connection to a mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


_Severity = Annotated[AlertSeverity, Field(strict=False)]
_Families = Annotated[tuple[Annotated[Family, Field(strict=False)], ...], Field(min_length=1)]
_AT_LEAST = "The least severity it is told of: info (the gate is open with warnings), warning (undecided), "
_AT_LEAST += "error (undecided for the `escalate_after`th time in a row), critical (blocked)."


class QuietConfig(Section):
    """The hours in which what is not urgent waits."""

    starts: ClockTime = Field(description='When they begin, such as `"22:00"`. Quote it: YAML reads 22:00 as a number.')
    ends: ClockTime = Field(description='When they end, on the next day if that is earlier, such as `"07:00"`.')
    zone: Zone = Field(description="By the clocks of which place, such as `Europe/Berlin`.")
    urgent: _Severity = Field(
        AlertSeverity.CRITICAL, description="The least severity that is told all the same: by default a blocked gate."
    )

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.starts == self.ends:
            raise mistake("begins and ends at the same time", "leave `quiet` out, or give it some hours")
        return self


class Target(Section):
    """What all targets have."""

    families: _Families = Field(
        _ALL,
        description="Families of causes it is told of. Alerts without a known cause, as for missing flows, go to "
        "every target.",
    )
    at_least: _Severity = Field(AlertSeverity.INFO, description=_AT_LEAST)
    escalate_after: Annotated[int, Field(ge=0, le=100)] = Field(
        3, description="After how many undecided runs in a row the next one is an error; 0 for never."
    )
    required: bool = Field(
        True,
        description="Whether the run ends with exit code 5 when an alert could not be delivered. The gate stays as "
        "decided either way.",
    )
    quiet: QuietConfig | None = Field(
        None,
        description="Hours in which what is not urgent waits. It goes out with the first run after them, or with "
        "`validator alerts deliver`.",
    )


class SlackConfig(Section):
    """A message to a Slack channel."""

    channel: EarlyText = Field(
        description="The channel's name or id, such as `#prod-alerts`. Quote it: # begins a comment."
    )
    token: EarlySecret = Field(description="A bot token with the scope `chat:write`, such as `${env:SLACK_TOKEN}`.")
    api_url: EarlyUrl | None = Field(
        None, description="Another address of Slack's API, for a proxy. Without it: Slack's own."
    )


class SlackTarget(Target):
    """A Slack channel."""

    slack: SlackConfig = Field(description="Send to Slack.")


class SlackWebhookConfig(Section):
    """A message by an incoming webhook of Slack: without threads, and without changing what was posted."""

    url: EarlySecret = Field(description="The webhook, such as `${env:SLACK_WEBHOOK_URL}`. No part of it is shown.")


class SlackWebhookTarget(Target):
    """A Slack channel, by an incoming webhook."""

    slack_webhook: SlackWebhookConfig = Field(description="Send to Slack by an incoming webhook.")


class WebhookConfig(Section):
    """A signed JSON document to an address of your own."""

    url: EarlySecret = Field(description="The address, such as `${env:VALIDATION_HOOK_URL}`; only its host is shown.")
    secret: EarlySecret = Field(
        description="Signs the body, such as `${env:HOOK_SECRET}`: `X-Validator-Signature` holds its HMAC-SHA256."
    )


class WebhookTarget(Target):
    """An address of your own."""

    webhook: WebhookConfig = Field(description="Post to an address.")


class PagerDutyConfig(Section):
    """An incident in PagerDuty."""

    routing_key: EarlySecret = Field(
        description="The integration key of the service's Events API v2, such as `${env:PAGERDUTY_KEY}`."
    )
    events_url: EarlyUrl | None = Field(
        None, description="Another address of the Events API, for a proxy or the EU. Without it: PagerDuty's own."
    )


class PagerDutyTarget(Target):
    """A PagerDuty service. Infrastructure alone pages nobody, unless `families` says so."""

    pagerduty: PagerDutyConfig = Field(description="Page somebody.")
    families: _Families = Field(
        _PAGED,
        description="Families of causes that page somebody. What has only other causes, such as broken infrastructure, "
        "pages nobody.",
    )
    at_least: _Severity = Field(AlertSeverity.ERROR, description=_AT_LEAST)


class ProtectionConfig(Section):
    """A workflow run that waits for this gate, by a custom deployment protection rule."""

    environment: EarlyText = Field(description="The GitHub environment whose rule it is.")
    workflow_run: EarlyText = Field(
        description="The id of the workflow run that waits, as the rule's `deployment_callback_url` names it, such as "
        "`${env:WAITING_RUN}`."
    )


class GitHubConfig(Section):
    """The state of each run, at a commit and a deployment."""

    repository: EarlyRepository = Field(description="`OWNER/NAME`, such as `${env:GITHUB_REPOSITORY}`.")
    token: EarlySecret = Field(
        description="A token with `statuses: write`, and for the others `checks: write` or `deployments: write`, such "
        "as `${env:GITHUB_TOKEN}`."
    )
    context: EarlyText | None = Field(
        None, description="The name of the commit status and check run. Without it: `production-validation`."
    )
    sha: EarlyText | None = Field(
        None, description="The commit, such as `${env:GITHUB_SHA}`. Without it: the revision of the deployment."
    )
    check_run: bool = Field(False, description="Also make a check run with an annotation for each flow that failed.")
    deployment: EarlyText | None = Field(
        None, description="Also give this GitHub deployment a status: its id, such as `${env:DEPLOYMENT_ID}`."
    )
    protection: ProtectionConfig | None = Field(
        None,
        description="Also answer a custom deployment protection rule, with a token of the GitHub App whose rule it is.",
    )
    api_url: EarlyUrl | None = Field(
        None, description="Another address of the API, such as `https://github.example.com/api/v3`."
    )


class GitHubTarget(Target):
    """A GitHub repository. It is told of every run, those that passed too."""

    github: GitHubConfig = Field(description="Set the state of a commit.")


class CDEventsConfig(Section):
    """Events `dev.cdevents.testsuiterun.started` and `.finished` of CDEvents 0.4.1, in CloudEvents envelopes."""

    url: EarlySecret = Field(description="The receiver, such as `${env:EVENTS_URL}`; only its host is shown.")
    token: EarlySecret | None = Field(None, description="A bearer token, such as `${env:EVENTS_TOKEN}`.")
    source: EarlyText | None = Field(
        None, description="What the events come from. Without it: `/validator/TENANT/ENVIRONMENT`."
    )
    approvals: bool = Field(
        False,
        description="Also send `approval.created` when the gate waits for a person, and `approval.closed` when one "
        "answers by `validator gate decide --tell`. Both are of the draft of CDEvents 0.6.0, which may change.",
    )


class CDEventsTarget(Target):
    """A receiver of events. It is told of every run, those that passed too."""

    cdevents: CDEventsConfig = Field(description="Send an event.")


class MailConfig(Section):
    """A mail."""

    host: EarlyText = Field(description="The mail server, such as `smtp.example.com`.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(587, description="Its port: 587, or 465 for `security: tls`.")
    security: Annotated[MailSecurity, Field(strict=False)] = Field(
        MailSecurity.STARTTLS, description="When the connection is encrypted: starttls, tls (from the beginning), none."
    )
    username: EarlyText | None = Field(None, description="The user. Without it: nobody signs in.")
    password: EarlySecret | None = Field(None, description="The password, such as `${env:SMTP_PASSWORD}`.")
    sender: EarlyText = Field(description="The address it comes from.")
    to: Annotated[tuple[EarlyText, ...], Field(min_length=1, max_length=50)] = Field(description="Who gets it.")


class MailTarget(Target):
    """Mail to people."""

    mail: MailConfig = Field(description="Send a mail.")


Alert = Annotated[
    SlackTarget | SlackWebhookTarget | WebhookTarget | PagerDutyTarget | GitHubTarget | CDEventsTarget | MailTarget,
    OneOf(
        {
            "slack": SlackTarget,
            "slack_webhook": SlackWebhookTarget,
            "webhook": WebhookTarget,
            "pagerduty": PagerDutyTarget,
            "github": GitHubTarget,
            "cdevents": CDEventsTarget,
            "mail": MailTarget,
        }
    ),
]
