"""The begin and the end of a run as CDEvents events, in a CloudEvents envelope.

Sources: CDEvents 0.4.1, `testsuiterun.started` and `.finished` 0.2.0 (https://cdevents.dev) and its binding to
CloudEvents; CloudEvents 1.0.2, HTTP binding, structured mode. CDEvents 0.5.0 is not used: its schema demands a
`version` that it does not allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never
from urllib.parse import quote, urlsplit

from validator.alerts.answers import Endpoint, compact, require_header, require_safe
from validator.alerts.incident import Kind, Severity
from validator.alerts.message import AlertMessage
from validator.model.decision import Verdict
from validator.support.stop import Stop
from validator.support.text import one_line

VERSION = "0.4.1"
STARTED = "dev.cdevents.testsuiterun.started.0.2.0"
FINISHED = "dev.cdevents.testsuiterun.finished.0.2.0"
_SUITE = "production-validation"


class CDEventsChannel:
    """One receiver of events."""

    def __init__(self, *, url: str, token: str = "", source: str = "", deadline: float = 10.0) -> None:
        """Prepare to post.

        Args:
            url: Where to; only its host is ever shown.
            token: Sent as a bearer token; empty for none.
            source: What the events say they come from, a URI reference; empty for `/validator/TENANT/ENVIRONMENT`.
            deadline: Seconds for one request.

        Raises:
            UsageError: The address would be reached unencrypted, or the token cannot stand in a header.
        """
        self._endpoint = Endpoint(name=f"cdevents {urlsplit(url).hostname or ''}", deadline=deadline)
        self._url = require_safe(url, self.name)
        self.source = source
        """What the events say they come from; empty for the usual one."""
        self._headers = {"content-type": "application/cloudevents+json; charset=utf-8"}
        if token:
            self._headers["authorization"] = f"Bearer {require_header(token, 'the token', self.name)}"

    @property
    def name(self) -> str:
        """`cdevents HOST`."""
        return self._endpoint.name

    def send(self, message: AlertMessage, stop: Stop) -> str:
        """Post the event. A receiver knows a repeated one by `source` and `id`, as CloudEvents says.

        Returns:
            The event's id.

        Raises:
            RetryableError: The receiver cannot be reached, or says to come back.
            PermanentError: It refuses.
        """
        self.post(envelope(message, self.source), stop)
        return message.id

    def post(self, wrapped: Mapping[str, object], stop: Stop) -> None:
        """Post an event in its envelope. Raises as `send`."""
        self._endpoint.ask("POST", self._url, stop, body=compact(wrapped), headers=self._headers)


def envelope(message: AlertMessage, source: str = "") -> Mapping[str, object]:
    """The event in its CloudEvents envelope."""
    origin = source or origin_of(message)
    return {
        "specversion": "1.0",
        "id": message.id,
        "source": origin,
        "type": _type(message),
        "subject": message.run,
        "time": message.at,
        "datacontenttype": "application/json",
        "data": event(message, origin),
    }


def origin_of(message: AlertMessage) -> str:
    """Where an event comes from, unless it is configured."""
    return f"/validator/{quote(message.tenant, safe='')}/{quote(message.environment, safe='')}"


def event(message: AlertMessage, source: str) -> Mapping[str, object]:
    """The event by itself."""
    return {
        "context": {
            "version": VERSION,
            "id": message.id,
            "source": source,
            "type": _type(message),
            "timestamp": message.at,
        },
        "subject": {"id": message.run, "source": source, "type": "testSuiteRun", "content": _content(message)},
        "customData": _begun(message) if message.kind is Kind.START else _decided(message),
        "customDataContentType": "application/json",
    }


def _type(message: AlertMessage) -> str:
    return STARTED if message.kind is Kind.START else FINISHED


def _begun(message: AlertMessage) -> Mapping[str, object]:
    return {"jobUrl": message.job_url, "test": message.test}


def _decided(message: AlertMessage) -> Mapping[str, object]:
    return {
        "decision": message.verdict.value,
        "exitCode": message.exit_code,
        "terraformDeploymentId": message.deployment_id,
        "revision": message.revision,
        "jobUrl": message.job_url,
        "failedFlows": list(message.flow_names),
        "test": message.test,
    }


def _content(message: AlertMessage) -> Mapping[str, object]:
    suite = {"id": _SUITE, "name": "Production validation"}
    about = {"environment": {"id": message.environment}, "testSuite": suite}
    if message.kind is Kind.START:
        return about | {"trigger": _trigger(message)}
    outcome = _outcome(message)
    found = {"severity": _severity(message.severity)} if outcome != "pass" else {}
    reason = one_line("; ".join((message.headline, *message.reasons)), 1_000)
    return about | {"outcome": outcome, "reason": reason} | found


def _trigger(message: AlertMessage) -> Mapping[str, object]:
    return {"type": "pipeline", "uri": message.job_url} if message.job_url else {"type": "manual"}


def _outcome(message: AlertMessage) -> str:
    """What could not be measured is an error, neither a pass nor a failure; a test is no outcome at all."""
    if message.test:
        return "cancel"
    match message.verdict:
        case Verdict.APPROVED | Verdict.APPROVED_WITH_WARNINGS:
            return "pass"
        case Verdict.BLOCKED:
            return "fail"
        case Verdict.UNDECIDED:
            return "error"
        case _:
            assert_never(message.verdict)


def _severity(severity: Severity) -> str:
    match severity:
        case Severity.INFO:
            return "low"
        case Severity.WARNING:
            return "medium"
        case Severity.ERROR:
            return "high"
        case Severity.CRITICAL:
            return "critical"
        case _:
            assert_never(severity)
