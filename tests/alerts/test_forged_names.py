"""Names and texts that a flow, an app or a deployment chose steer no target: no mention, no command, no terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tests.fakes.builders import APK, DEPLOYMENT
from tests.fakes.runs import BLOCKED
from validator.alerts import github_forms
from validator.alerts.cdevents import envelope
from validator.alerts.message import AlertMessage, RunFacts, compose, linked
from validator.alerts.preview import plain
from validator.alerts.slack_blocks import slack_blocks, slack_text
from validator.model.causes import Cause
from validator.model.decision import SettledFlow
from validator.model.flow import FlowOutcome

FORGED = (
    "Pay <!channel> <@U1> <https://evil.example.com|here> ::set-output name=gate::open "
    "##[set-output name=gate]open ##vso[task.complete]\n::error::x\r\nBcc: eve@example.com\x1b[2J\x1b]0;t\x07\u202e"
)


def forged() -> AlertMessage:
    flow = SettledFlow(
        name=FORGED,
        required=True,
        outcome=FlowOutcome.FAILED,
        cause=Cause.APP_CRASH,
        attempts=2,
        step=FORGED,
        why=FORGED,
        quote=FORGED,
    )
    reasons = tuple(replace(reason, message=FORGED, flows=(FORGED,)) for reason in BLOCKED.reasons)
    facts = RunFacts(
        run="run-1",
        tenant="t",
        environment=FORGED,
        deployment=replace(DEPLOYMENT, id=FORGED, revision=FORGED),
        apk=APK,
    )
    message = compose(replace(BLOCKED, flows=(flow,), reasons=reasons, next=(FORGED,)), facts)
    return linked(message, job_url="https://ci.example.com/7", reports_url="https://r.example.com/<!here>|x")


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from texts(inner)


def test_slack_hears_no_mention_and_no_link_of_theirs():
    message = forged()
    formatted = [slack_text(message)]
    for block in slack_blocks(message):
        formatted += [each for each in texts(block) if "mrkdwn" in json.dumps(block)]
    assert not [text for text in formatted if re.search(r"<[!@#]|<https?://evil", text)]


def test_github_shows_them_without_what_steers_a_terminal_or_a_line():
    message = forged()
    paths = {FORGED: "flows/pay.yaml"}
    forms = (
        github_forms.status(message, "validator"),
        github_forms.protection_answer(message, "production", fresh=True),
        github_forms.output(message, github_forms.flow_annotations(message, paths)),
    )
    assert not [text for text in texts(forms) if re.search("[\x1b\x07\u202e\r]", text)]


def test_what_is_printed_is_no_command_of_a_ci_system_however_it_is_wrapped():
    message = forged()
    for width in range(20, 140):
        text = plain(message, width=width)
        assert not re.search(r"##\[|##vso\[|\x1b|\u202e", text)
        assert not [line for line in text.splitlines() if line.strip().startswith("::")]


def test_an_event_comes_from_an_address_whatever_the_environment_is_called():
    assert re.fullmatch(r"/validator/t/[A-Za-z0-9%._~-]+", str(envelope(forged())["source"]))
