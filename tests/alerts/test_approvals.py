"""A gate that waits for a person, and the answer, as the draft of CDEvents 0.6.0 has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alerts.memory import MemoryOutbox
from tests.fakes.targets import BROKEN, Target
from validator.alerts.approvals import CLOSED, CREATED, CDEventsApprovals, answered, approval
from validator.alerts.cdevents import CDEventsChannel, envelope
from validator.alerts.message import REPORT, AlertMessage, Link, PersonsAnswer
from validator.alerts.outboxed import OutboxedChannel, key_of
from validator.alerts.route import Route
from validator.model.decision import Verdict
from validator.support.clock import SystemClock
from validator.support.codec import decode, encode
from validator.support.stop import Stop

JOB = "https://ci.example.com/runs/7"
ANSWER = PersonsAnswer(
    act="act-1", by="ann@example.com", opens=True, words="override", reason="known", until="", replaces=""
)

# What schemas/approvalcreated.json and approvalclosed.json of the draft demand (https://github.com/cdevents/spec,
# Apache-2.0, commit 0dbaebd4f81cc7f12c3c0ae76c42600edc0a35b0): for each object its required members, then those that
# it may have as well. No object but `customData` may have others; every text has at least one character.
_COMMON: dict[str, tuple[set[str], set[str]]] = {
    "": ({"context", "subject"}, {"customData", "customDataContentType"}),
    "context": ({"specversion", "id", "source", "type", "timestamp"}, {"schemaUri", "chainId", "links"}),
    "subject": ({"id", "content"}, {"source"}),
}
_WHERE = {"approvalDetailsUrl", "resourceTargetUrl"}
MEMBERS = {
    CREATED: {**_COMMON, "subject.content": (_WHERE | {"requestor"}, set[str]())},
    CLOSED: {**_COMMON, "subject.content": (_WHERE | {"responder", "decision", "status"}, set[str]())},
}
TYPES = {"dev.cdevents.approval.created.0.1.0", "dev.cdevents.approval.closed.0.1.0"}
STATUS = {"approved", "rejected", "cancelled", "expired"}
URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,30}[a-z0-9]:[A-Za-z0-9._~!$&'()*+,;=:@/%-]+")


def violations(
    value: Mapping[str, object], members: dict[str, tuple[set[str], set[str]]], at: str = ""
) -> Iterator[str]:
    """What the schema finds wrong with an event."""
    required, allowed = members[at]
    yield from (f"{at}: lacks {name}" for name in required - set(value))
    yield from (f"{at}: has {name}" for name in set(value) - required - allowed)
    for name, member in value.items():
        inner = f"{at}.{name}".lstrip(".")
        if inner in members or inner == "customData":
            found = member if isinstance(member, dict) else {}
            yield from violations(found, members, inner) if inner in members else []
        elif not isinstance(member, str) or not member:
            yield f"{inner}: {member!r} is no text"
        elif name in ("requestor", "responder") and not URN.fullmatch(member):
            yield f"{inner}: {member} is no URN"
        elif inner == "subject.content.status" and member not in STATUS:
            yield f"{inner}: {member} is none of its values"


def data(message: AlertMessage) -> dict[str, object]:
    found = approval(message)["data"]
    assert isinstance(found, dict)
    return found


def wrong(event: dict[str, object]) -> list[str]:
    kind = event["context"]["type"]  # type: ignore[index]  # as the schema has it
    assert kind in TYPES
    return [*violations(event, MEMBERS[kind])]


def content(message: AlertMessage) -> dict[str, str]:
    found: dict[str, str] = data(message)["subject"]["content"]  # type: ignore[index]  # as the schema has it
    return found


@pytest.fixture(scope="module")
def question(message: AlertMessage) -> AlertMessage:
    return replace(message, job_url=JOB)


@given(st.sampled_from(("t", "a b/ü")), st.text(min_size=1), st.booleans(), st.text())
def test_every_event_is_as_the_published_schema_demands(question, tenant, person, opens, reason):
    asked = replace(question, tenant=tenant, environment=person)
    answer = replace(ANSWER, by=person, opens=opens, reason=reason)
    assert wrong(data(asked)) == []
    assert wrong(data(answered(asked, answer, "2026-11-21T04:00:00.000Z"))) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"requestor": "ann"}, "ann is no URN"),
        ({"resourceTargetUrl": ""}, "is no text"),
        ({"outcome": "fail"}, "has outcome"),
    ],
)
def test_the_check_of_the_schema_finds_what_is_wrong(question, change, told):
    event = data(question)
    subject = event["subject"]
    assert isinstance(subject, dict)
    changed = {**event, "subject": {**subject, "content": {**subject["content"], **change}}}
    assert told in " ".join(wrong(changed))


def test_the_question_is_another_event_than_the_end_of_the_run(question):
    assert approval(question)["id"] != envelope(question)["id"]


def test_the_details_are_the_report_where_it_is_published_and_the_job_where_it_is_not(question):
    published = "https://reports.example.com/run/index.html"
    local = replace(question, links=(Link(label=REPORT, target="reports/run/index.html"),))
    told = replace(question, links=(Link(label=REPORT, target=published),))
    assert content(local)["approvalDetailsUrl"] == JOB
    assert (content(told)["approvalDetailsUrl"], content(told)["resourceTargetUrl"]) == (published, JOB)


@pytest.mark.parametrize(
    ("words", "opens", "status"),
    [("override", True, "approved"), ("rollback", False, "rejected"), ("fix-forward", False, "rejected")],
)
def test_only_an_override_approves(question, words, opens, status):
    found = content(answered(question, replace(ANSWER, words=words, opens=opens), question.at))
    assert (found["decision"], found["status"]) == (words, status)
    assert found["responder"] == "urn:validator:default:person:ann%40example.com"


def over(receiver: Target, outbox: MemoryOutbox, job_url: str = JOB) -> OutboxedChannel:
    channel = CDEventsApprovals(CDEventsChannel(url=receiver.url))
    route = Route(every_run=True, approvals=True)
    return OutboxedChannel(
        channel, outbox=outbox, route=route, clock=SystemClock(), patience=0.0, pauses=(), job_url=job_url
    )


@pytest.mark.parametrize(
    ("verdict", "job_url", "events"),
    [
        (Verdict.BLOCKED, JOB, [CREATED]),
        (Verdict.UNDECIDED, JOB, [CREATED]),
        (Verdict.APPROVED_WITH_WARNINGS, JOB, []),
        (Verdict.BLOCKED, "", []),
    ],
)
def test_a_person_is_asked_once_where_the_gate_did_not_open(start, message, verdict, job_url, events):
    receiver, outbox = start(Target()), MemoryOutbox()
    for _ in range(2):
        over(receiver, outbox, job_url).send(replace(message, verdict=verdict), Stop())
    assert [asked.json["type"] for asked in receiver.taken] == events


def test_a_late_answer_holds_up_no_run(start, question):
    receiver, outbox = start(Target()), MemoryOutbox()
    told = answered(question, ANSWER, question.at)
    channel = over(receiver, outbox)
    outbox.put(told.run, key_of(told), channel.name, encode(told).decode(), required=False)
    assert decode(AlertMessage, encode(told)) == told
    receiver.script.append(BROKEN)
    channel.send(replace(question, run="z-later"), Stop())
    assert [asked.json["type"] for asked in receiver.taken] == [CREATED]
    assert channel.deliver(Stop()) == 1
    assert [asked.json["type"] for asked in receiver.taken] == [CREATED, CLOSED]
