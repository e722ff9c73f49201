"""A signed JSON document, posted to an address of the team's choice."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import assert_never
from urllib.parse import urlsplit

from validator.alerts.answers import Endpoint, compact, require_safe
from validator.alerts.incident import Kind
from validator.alerts.message import AlertFlow, AlertMessage
from validator.model.decision import Verdict
from validator.support.stop import Stop
from validator.support.text import one_line


class WebhookChannel:
    """One address."""

    def __init__(self, *, url: str, secret: str, deadline: float = 10.0) -> None:
        """Prepare to post.

        Args:
            url: Where to; only its host is ever shown.
            secret: Signs the body; never sent.
            deadline: Seconds for one request.

        Raises:
            UsageError: The address would be reached unencrypted.
        """
        self._endpoint = Endpoint(name=f"webhook {urlsplit(url).hostname or ''}", deadline=deadline)
        self._url = require_safe(url, self._endpoint.name)
        self._secret = secret

    @property
    def name(self) -> str:
        """`webhook HOST`."""
        return self._endpoint.name

    def send(self, message: AlertMessage, stop: Stop) -> str:
        """Post the document. A receiver knows a repeated one by `Idempotency-Key`.

        Returns:
            The idempotency key.

        Raises:
            RetryableError: The address cannot be reached, or says to come back.
            PermanentError: It refuses.
        """
        body = compact(document(message))
        headers = {
            "content-type": "application/json; charset=utf-8",
            "idempotency-key": message.id,
            "x-validator-incident": message.incident,
            "x-validator-signature": signature(body, self._secret),
        }
        self._endpoint.ask("POST", self._url, stop, body=body, headers=headers)
        return message.id


def signature(body: bytes, secret: str) -> str:
    """`sha256=` and the HMAC-SHA256 of the body in hexadecimal digits, as GitHub signs its own webhooks."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def document(message: AlertMessage) -> Mapping[str, object]:
    """What is posted: these keys and no others."""
    return {
        "event": event_of(message),
        "timestamp": message.at,
        "terraformDeploymentId": message.deployment_id,
        "jobUrl": message.job_url,
        "failedFlows": [flow for group in message.flows for flow in _flows(group)],
        "artifactUrls": [link.target for link in message.links if urlsplit(link.target).scheme in ("http", "https")],
        "nextSteps": list(message.next),
        "decision": message.verdict.value,
    }


def event_of(message: AlertMessage) -> str:
    """What happened, as a name."""
    if message.test:
        return "production_validation.test"
    if message.kind is Kind.RESOLVE:
        return "production_validation.resolved"
    match message.verdict:
        case Verdict.BLOCKED:
            return "production_validation.failed"
        case Verdict.UNDECIDED:
            return "production_validation.undecided"
        case Verdict.APPROVED_WITH_WARNINGS:
            return "production_validation.warning"
        case Verdict.APPROVED:
            return "production_validation.passed"
        case _:
            assert_never(message.verdict)


def _flows(group: AlertFlow) -> Iterator[Mapping[str, str]]:
    error = one_line(": ".join(part for part in (group.why, group.quote) if part), 1_000)
    for name in group.names:
        yield {"flowName": name, "cause": group.code or "missing", "error": error or group.cause}
