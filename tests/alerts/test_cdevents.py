"""Events as CDEvents 0.4.1 has them, in the envelope of CloudEvents 1.0; against a stand-in on a real port."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.targets import BROKEN, CUT_AFTER_TAKING, REJECTING, Target
from validator.alerts.begun import begun
from validator.alerts.cdevents import CDEventsChannel, envelope
from validator.alerts.incident import Severity
from validator.alerts.message import AlertMessage
from validator.alerts.sample import sample
from validator.model.decision import Verdict
from validator.model.errors import PermanentError, RetryableError
from validator.support.stop import Stop

TOKEN = "events-t0ken"

# What schemas/testsuiterunfinished.json of CDEvents 0.4.1 demands (https://github.com/cdevents/spec, Apache-2.0, commit
# f95df21d7e3045a37d2c85e07f90805130fd65be): for each object its required members, then those that it may have as well.
# No object but `customData` may have others; every text but those of `_EMPTY` has at least one character.
MEMBERS: dict[str, tuple[set[str], set[str]]] = {
    "": ({"context", "subject"}, {"customData", "customDataContentType"}),
    "context": ({"version", "id", "source", "type", "timestamp"}, {"schemaUri", "chainId", "links"}),
    "subject": ({"id", "type", "content"}, {"source"}),
    "subject.content": ({"outcome", "environment"}, {"testSuite", "severity", "reason"}),
    "subject.content.environment": ({"id"}, {"source"}),
    "subject.content.testSuite": ({"id"}, {"version", "name", "uri"}),
}
VALUES = {
    "context.type": {"dev.cdevents.testsuiterun.finished.0.2.0"},
    "subject.type": {"testSuiteRun"},
    "subject.content.outcome": {"pass", "fail", "cancel", "error"},
    "subject.content.severity": {"low", "medium", "high", "critical"},
}
# What schemas/testsuiterunstarted.json of 0.4.1 demands (commit b673947494537bf8297d72d67a2d1634382518dc) where
# it differs.
STARTED_MEMBERS = MEMBERS | {
    "subject.content": ({"environment"}, {"trigger", "testSuite"}),
    "subject.content.trigger": (set(), {"type", "uri"}),
}
STARTED_VALUES = VALUES | {
    "context.type": {"dev.cdevents.testsuiterun.started.0.2.0"},
    "subject.content.trigger.type": {"manual", "pipeline", "event", "schedule", "other"},
}
_EMPTY = {"subject.source", "subject.content.reason", "subject.content.testSuite.name"}


def violations(
    value: Mapping[str, object],
    place: str = "",
    members: dict[str, tuple[set[str], set[str]]] = MEMBERS,
    values: dict[str, set[str]] = VALUES,
) -> Iterator[str]:
    """What the schema finds wrong with an event."""
    required, allowed = members[place]
    yield from (f"{place}: lacks {name}" for name in required - set(value))
    yield from (f"{place}: has {name}" for name in set(value) - required - allowed)
    for name, member in value.items():
        inner = f"{place}.{name}".lstrip(".")
        if inner in members:
            found = violations(member, inner, members, values) if isinstance(member, dict) else [f"{inner}: no object"]
            yield from found
        elif inner == "customData":
            yield from [] if isinstance(member, dict) else [f"{inner}: is no object"]
        elif not isinstance(member, str) or not (member or inner in _EMPTY):
            yield f"{inner}: {member!r} is no text"
        elif member not in values.get(inner, {member}):
            yield f"{inner}: {member!r} is none of its values"


def data(message: AlertMessage) -> dict[str, object]:
    found = envelope(message)["data"]
    assert isinstance(found, dict)
    return found


def content(message: AlertMessage) -> dict[str, object]:
    found: dict[str, object] = data(message)["subject"]["content"]  # type: ignore[index]  # as the schema has it
    return found


@given(
    st.sampled_from(Verdict),
    st.sampled_from(Severity),
    st.lists(st.text(), max_size=5),
    st.booleans(),
)
def test_every_event_is_as_the_published_schema_demands(message, verdict, severity, reasons, test):
    told = replace(message, verdict=verdict, severity=severity, reasons=tuple(reasons), revision="", test=test)
    assert [*violations(data(told))] == []


@pytest.mark.parametrize("job_url", ["", "https://ci.example.com/runs/7"])
def test_the_begin_of_a_run_is_as_the_published_schema_demands(job_url: str):
    told = replace(
        begun(tenant="t", environment="production", run="run-1", at="2026-11-21T03:26:54.120Z"), job_url=job_url
    )
    assert [*violations(data(told), members=STARTED_MEMBERS, values=STARTED_VALUES)] == []
    assert content(told)["trigger"] == ({"type": "pipeline", "uri": job_url} if job_url else {"type": "manual"})
    assert [*violations({**data(told), "outcome": "pass"}, members=STARTED_MEMBERS, values=STARTED_VALUES)]


@pytest.mark.parametrize(
    ("place", "change", "told"),
    [
        ("context", {"specversion": "0.5.0"}, "context: has specversion"),
        ("context", {"id": ""}, "context.id: '' is no text"),
        ("context", {"type": "dev.cdevents.testsuiterun.finished.0.3.0"}, "is none of its values"),
        ("subject", {"content": {}}, "subject.content: lacks outcome"),
    ],
)
def test_the_check_of_the_schema_finds_what_is_wrong(message: AlertMessage, place, change, told):
    event = data(message)
    part = event[place]
    assert isinstance(part, dict)
    assert told in " ".join(violations({**event, place: {**part, **change}}))


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        (Verdict.APPROVED, "pass"),
        (Verdict.APPROVED_WITH_WARNINGS, "pass"),
        (Verdict.BLOCKED, "fail"),
        (Verdict.UNDECIDED, "error"),
    ],
)
def test_what_could_not_be_measured_is_neither_a_pass_nor_a_failure(message: AlertMessage, verdict, outcome):
    found = content(replace(message, verdict=verdict))
    assert found["outcome"] == outcome
    assert ("severity" in found) == (outcome != "pass")


def test_an_event_is_posted_in_its_envelope(start, message: AlertMessage):
    receiver = start(Target())
    channel = CDEventsChannel(
        url=f"{receiver.url}/in/path-s3cret", token=TOKEN, source="https://ci.example.com/validator"
    )
    assert channel.send(message, Stop()) == message.id
    (asked,) = receiver.taken
    assert asked.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    # CloudEvents 1.0.2: required id, source, specversion, type; the names of all attributes in lower case
    sent = asked.json
    assert {"id", "source", "specversion", "type"} <= set(sent)
    assert all(re.fullmatch("[a-z0-9]+", name) for name in sent)
    assert sent["specversion"] == "1.0"
    event = sent["data"]
    assert isinstance(event, dict)
    context, subject = event["context"], event["subject"]
    # the binding to CloudEvents: these attributes are the context's and the subject's
    same = (context["id"], context["source"], context["type"], context["timestamp"], subject["id"])
    assert (sent["id"], sent["source"], sent["type"], sent["time"], sent["subject"]) == same
    assert context["source"] == "https://ci.example.com/validator"
    assert datetime.fromisoformat(context["timestamp"]).tzinfo is not None
    assert event["customData"]["failedFlows"] == list(message.flow_names)


def test_a_repeated_event_is_known_by_its_id_and_another_one_has_another(start, message: AlertMessage):
    receiver = start(Target())
    receiver.script.append(CUT_AFTER_TAKING)
    channel = CDEventsChannel(url=receiver.url)
    with pytest.raises(RetryableError):
        channel.send(message, Stop())
    channel.send(message, Stop())
    channel.send(replace(message, run="another"), Stop())
    first, again, other = (asked.json["id"] for asked in receiver.taken)
    assert first == again != other


def test_a_sample_is_no_outcome(start):
    told = sample(tenant="t", environment="production", run="test-1", at="2026-11-21T03:26:54.120Z")
    assert content(told)["outcome"] == "cancel"
    assert [*violations(data(told))] == []


@pytest.mark.parametrize(("fault", "error"), [(BROKEN, RetryableError), (REJECTING, PermanentError)])
def test_what_goes_wrong_is_told_without_the_address(start, message: AlertMessage, fault, error):
    receiver = start(Target())
    receiver.script.append(fault)
    with pytest.raises(error) as caught:
        CDEventsChannel(url=f"{receiver.url}/path-s3cret", token=TOKEN).send(message, Stop())
    assert caught.value.remedy
    assert not [secret for secret in ("path-s3cret", TOKEN) if secret in caught.value.diagnostics()]


def test_nothing_is_sent_unencrypted_over_a_network():
    with pytest.raises(PermanentError, match="unencrypted"):
        CDEventsChannel(url="http://events.example.com/")
