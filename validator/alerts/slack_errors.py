"""Slack's refusals as errors that say what to do. Pure.

Source: the errors of `chat.postMessage` and of the Web API in Slack's reference; those that are not listed here are
passed on by name.
"""

from __future__ import annotations

from collections.abc import Mapping

from validator.model.errors import PermanentError, RetryableError, ValidatorError
from validator.support.text import one_line

_GIVE_ANOTHER = "create a bot token (xoxb-…) in the Slack app's settings and give it to `alerts` as ${env:SLACK_TOKEN}"
_SCOPE = "give the Slack app the scope chat:write, and install it to the workspace again"
_SIZE = "shorten the names and reasons in the report, or send the alert to a channel of another kind"

_PERMANENT = {
    "invalid_auth": ("Slack does not accept the token", _GIVE_ANOTHER),
    "not_authed": ("Slack was given no token", _GIVE_ANOTHER),
    "token_revoked": ("the token was revoked", _GIVE_ANOTHER),
    "token_expired": ("the token has expired", _GIVE_ANOTHER),
    "account_inactive": ("the token belongs to a user or workspace that was removed", _GIVE_ANOTHER),
    "missing_scope": ("the token may not post messages", _SCOPE),
    "not_allowed_token_type": ("the token is of a kind that may not post messages", _GIVE_ANOTHER),
    "channel_not_found": (
        "Slack knows no such channel, or the app may not see it",
        "correct the channel in `alerts`; into a private one invite the app: /invite @app",
    ),
    "not_in_channel": (
        "the Slack app is not a member of the channel",
        "invite it there with /invite @app, or give it the scope chat:write.public",
    ),
    "is_archived": ("the channel is archived", "bring the channel back, or name another one in `alerts`"),
    "restricted_action": (
        "the workspace does not let the app post there",
        "ask a workspace admin, or name another channel",
    ),
    "msg_blocks_too_long": ("Slack finds the message too long", _SIZE),
    "msg_too_long": ("Slack finds the message too long", _SIZE),
    "invalid_blocks": ("Slack does not accept the form of the message", _SIZE),
}
_RETRYABLE = {
    "internal_error": "Slack has an internal error",
    "fatal_error": "Slack has an internal error",
    "service_unavailable": "Slack is not available",
    "request_timeout": "Slack did not get the request in time",
    "ratelimited": "Slack limits the rate of messages",
    "rate_limited": "Slack limits the rate of messages",
}
_LATER = "tell the team by another way now; https://slack-status.com knows of Slack's own troubles"


def refused(code: str, *, status: int, where: str, after: float = 0.0) -> ValidatorError:
    """The error for a refusal.

    Args:
        code: What Slack calls it; empty when its answer could not be read.
        status: The HTTP status.
        where: The channel's name.
        after: Seconds that Slack wants to be left alone.
    """
    if status == 429 or code in ("ratelimited", "rate_limited"):
        wait = f" for {after:g} s" if after else ""
        return RetryableError(f"Slack limits the rate of messages{wait}", after=after, where=where, remedy=_LATER)
    if code in _RETRYABLE or status >= 500:
        words = _RETRYABLE.get(code, "Slack is not available")
        return RetryableError(f"{words} (HTTP {status})", where=where, remedy=_LATER)
    if code in _PERMANENT:
        words, remedy = _PERMANENT[code]
        return PermanentError(f"{words} ({code})", where=where, remedy=remedy)
    if code and code.replace("_", "").isalnum():
        remedy = f"look up {code} among the errors of chat.postMessage in Slack's reference"
        return PermanentError(f"Slack refused the message ({one_line(code, 80)})", where=where, remedy=remedy)
    return unreadable(where)


class CutError(RetryableError):
    """The connection broke: nobody knows whether the message was posted."""


def slack_stamp(messages: object, metadata: Mapping[str, object]) -> str:
    """The timestamp of the message that has this metadata, out of Slack's list of messages; empty when none has."""
    for each in messages if isinstance(messages, list) else []:
        if isinstance(each, dict) and each.get("metadata") == metadata:
            return str(each.get("ts", ""))
    return ""


def unreachable(reason: str, *, where: str) -> RetryableError:
    """The error for a Slack that cannot be asked."""
    remedy = "tell the team by another way now; check this machine's network and proxy (HTTPS_PROXY)"
    return CutError(f"Slack cannot be reached: {one_line(reason, 200)}", where=where, remedy=remedy)


def silent(seconds: float, *, where: str) -> RetryableError:
    """The error for a Slack that does not answer."""
    what = f"Slack gave no answer within {seconds:g} s; the message may have been posted"
    return RetryableError(what, where=where, remedy=_LATER)


def unreadable(where: str) -> RetryableError:
    """The error for an answer that is not Slack's."""
    remedy = "check whether a proxy or a login page stands between this machine and Slack"
    return RetryableError("what answered is not Slack", where=where, remedy=remedy)
