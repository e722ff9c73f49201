"""Incidents in PagerDuty, by its Events API v2.

Source: PagerDuty, "PD-CEF" and "Send an alert event": POST `/v2/enqueue` answers 202; `dedup_key` has at most 255
characters and `summary` 1024; an event has at most 512 KB; 429 asks to come back. Events of one `dedup_key` are one
incident, so sending one again pages nobody twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from validator.alerts.answers import Endpoint, compact, require_header, require_safe
from validator.alerts.incident import Kind
from validator.alerts.message import AlertMessage
from validator.support.stop import Stop
from validator.support.text import one_line

EVENTS_URL = "https://events.pagerduty.com/v2/enqueue"

_MOST_FLOWS = 50
_DEDUP = 255
_SUMMARY = 1_024


class PagerDutyChannel:
    """One integration of one service."""

    def __init__(self, *, routing_key: str, url: str = EVENTS_URL, deadline: float = 10.0) -> None:
        """Prepare to page.

        Args:
            routing_key: The integration key of "Events API v2"; never shown anywhere.
            url: Where the Events API is; another one than PagerDuty's is for tests and proxies.
            deadline: Seconds for one request.

        Raises:
            UsageError: The key or the address cannot be used.
        """
        self._endpoint = Endpoint(name=self.name, deadline=deadline)
        self._key = require_header(routing_key, "the routing key", self.name)
        self._url = require_safe(url, self.name)

    @property
    def name(self) -> str:
        """`pagerduty`."""
        return "pagerduty"

    def send(self, message: AlertMessage, stop: Stop) -> str:
        """Open, add to, or close the incident. A test closes at once what it opened.

        Returns:
            The deduplication key.

        Raises:
            RetryableError: PagerDuty cannot be reached, or says to come back.
            PermanentError: It refuses.
        """
        self._enqueue(event(message), stop)
        if message.test:
            self._enqueue(event(replace(message, kind=Kind.RESOLVE)), stop)
        return dedup_key(message)

    def _enqueue(self, what: Mapping[str, object], stop: Stop) -> None:
        body = compact({"routing_key": self._key, **what})
        self._endpoint.ask("POST", self._url, stop, body=body, headers={"content-type": "application/json"})


def dedup_key(message: AlertMessage) -> str:
    """Names the incident at PagerDuty."""
    return message.incident[-_DEDUP:]


def event(message: AlertMessage) -> Mapping[str, object]:
    """The event, without the key that it is sent with."""
    if message.kind is not Kind.FIRE:
        return {"event_action": "resolve", "dedup_key": dedup_key(message)}
    links = [{"href": link.target, "text": link.label} for link in message.links if _is_address(link.target)]
    return {
        "event_action": "trigger",
        "dedup_key": dedup_key(message),
        "client": "validator",
        **({"client_url": message.job_url} if message.job_url else {}),
        "links": links,
        "payload": {
            "summary": one_line(": ".join((message.headline, *message.reasons[:1])), _SUMMARY),
            "source": message.environment,
            "severity": message.severity.value,
            "timestamp": message.at,
            "component": one_line(message.apk, 200),
            "group": message.tenant,
            "class": ", ".join(message.families),
            "custom_details": _details(message),
        },
    }


def _details(message: AlertMessage) -> Mapping[str, object]:
    return {
        "run": message.run,
        "decision": message.verdict.value,
        "deployment": one_line(message.deployment, 200),
        "reasons": [one_line(reason, 300) for reason in message.reasons[:10]],
        "flows": [
            f"{one_line(flow.heading(), 200)}: {flow.cause}; {one_line(flow.why or flow.quote, 300)}"
            for flow in message.flows[:_MOST_FLOWS]
        ],
        "next": [one_line(step, 300) for step in message.next[:10]],
        "rollback": one_line(message.rollback, 300),
    }


def _is_address(target: str) -> bool:
    return urlsplit(target).scheme in ("http", "https")
