"""`alerts:`: who is told about a decision."""

from __future__ import annotations

from pydantic import Field

from validator.config.fields import SecretText, Section, Text, Url


class SlackConfig(Section):
    """A message to a Slack channel."""

    channel: Text = Field(description="The channel's name or id, such as `#prod-alerts`. Quote it: # begins a comment.")
    token: SecretText = Field(description="A bot token with the scope `chat:write`, such as `${env:SLACK_TOKEN}`.")
    api_url: Url | None = Field(
        None, description="Another address of Slack's API, for a proxy. Without it: Slack's own."
    )


class Alert(Section):
    """One target of alerts."""

    slack: SlackConfig = Field(description="Send to Slack.")
