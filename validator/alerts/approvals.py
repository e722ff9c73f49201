"""A gate that waits for a person, and the person's answer, as CDEvents events.

Source: `approval.created` and `approval.closed` 0.1.0 of the draft of CDEvents 0.6.0 (https://github.com/cdevents/spec,
commit 0dbaebd4f81cc7f12c3c0ae76c42600edc0a35b0). URNs are formed as RFC 8141 has them; `validator` is not registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, urlsplit

from validator.alerts.cdevents import CDEventsChannel, origin_of
from validator.alerts.incident import Kind, beginning
from validator.alerts.message import REPORT, AlertMessage, PersonsAnswer
from validator.support.stop import Stop

VERSION = "0.6.0-draft"
CREATED = "dev.cdevents.approval.created.0.1.0"
CLOSED = "dev.cdevents.approval.closed.0.1.0"


class CDEventsApprovals:
    """One receiver of events, for approvals alone: what becomes of them changes nothing for the other events."""

    def __init__(self, events: CDEventsChannel) -> None:
        """Prepare to post by the channel of the receiver."""
        self._events = events

    @property
    def name(self) -> str:
        """`cdevents HOST approvals`."""
        return f"{self._events.name} approvals"

    def send(self, message: AlertMessage, stop: Stop) -> str:
        """Post the event, and return its id. Raises as `CDEventsChannel.send`."""
        self._events.post(approval(message, self._events.source), stop)
        return _id(message)


def answered(question: AlertMessage, answer: PersonsAnswer, at: str) -> AlertMessage:
    """The message that a person answered; one for each answer.

    Args:
        question: The message that a person was asked by.
        answer: What was decided.
        at: When: UTC, ISO 8601.
    """
    incident = f"{beginning(question.tenant, question.environment)}answer-{answer.act}"
    return replace(question, kind=Kind.ANSWER, incident=incident, at=at, answer=answer)


def approval(message: AlertMessage, source: str = "") -> Mapping[str, object]:
    """The event in its CloudEvents envelope."""
    origin = source or origin_of(message)
    kind = CREATED if message.answer is None else CLOSED
    told = {"id": _id(message), "source": origin, "type": kind}
    return {
        **told,
        "specversion": "1.0",
        "subject": message.run,
        "time": message.at,
        "datacontenttype": "application/json",
        "data": {
            "context": {**told, "specversion": VERSION, "timestamp": message.at},
            "subject": {"id": message.run, "source": origin, "content": _content(message)},
            "customData": _custom(message),
            "customDataContentType": "application/json",
        },
    }


def _id(message: AlertMessage) -> str:
    """Another one than that of the run's end, which is told by the same message."""
    return f"approval-{message.id}"


def _content(message: AlertMessage) -> Mapping[str, object]:
    """What waits is the pipeline's run; where the report is not published, its job says what there is to say."""
    published = (link.target for link in message.links if link.label == REPORT and _is_address(link.target))
    where = {"approvalDetailsUrl": next(published, message.job_url), "resourceTargetUrl": message.job_url}
    answer = message.answer
    if answer is None:
        return where | {"requestor": _urn(message, "gate", message.environment)}
    status = "approved" if answer.opens else "rejected"
    return where | {"responder": _urn(message, "person", answer.by), "decision": answer.words, "status": status}


def _custom(message: AlertMessage) -> Mapping[str, object]:
    about = {
        "testSuiteRun": message.run,
        "environment": message.environment,
        "terraformDeploymentId": message.deployment_id,
        "revision": message.revision,
    }
    answer = message.answer
    if answer is None:
        return about | {"decision": message.verdict.value, "reasons": list(message.reasons)}
    replaced = {"act": answer.act, "replaces": answer.replaces}
    return about | replaced | {"reason": answer.reason, "expiresAt": answer.until}


def _urn(message: AlertMessage, kind: str, name: str) -> str:
    return f"urn:validator:{quote(message.tenant, safe='')}:{kind}:{quote(name, safe='')}"


def _is_address(target: str) -> bool:
    return urlsplit(target).scheme in ("http", "https")
