"""`alerts:`: who is told about a decision. Takes no outputs: failing to observe the deployment is told as well."""

from __future__ import annotations

from pydantic import Field

from validator.config.fields import EarlySecret, EarlyText, EarlyUrl, Section


class SlackConfig(Section):
    """A message to a Slack channel."""

    channel: EarlyText = Field(
        description="The channel's name or id, such as `#prod-alerts`. Quote it: # begins a comment."
    )
    token: EarlySecret = Field(description="A bot token with the scope `chat:write`, such as `${env:SLACK_TOKEN}`.")
    api_url: EarlyUrl | None = Field(
        None, description="Another address of Slack's API, for a proxy. Without it: Slack's own."
    )


class Alert(Section):
    """One target of alerts."""

    slack: SlackConfig = Field(description="Send to Slack.")
