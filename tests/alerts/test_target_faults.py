"""What the refusals and silences of targets over HTTP mean; against stand-ins on real ports."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alerts.channels import ALL, KEY, SECRET, TOKEN, github
from tests.fakes.targets import (
    BROKEN,
    CUT,
    CUT_AFTER_TAKING,
    HANGING,
    RATE_LIMITED,
    REJECTING,
    Fault,
    GitHub,
    Hook,
    PagerDuty,
)
from tests.fakes.tcp import closed_port
from validator.alerts.answers import retry_after
from validator.alerts.message import AlertMessage
from validator.alerts.pagerduty import PagerDutyChannel
from validator.alerts.sample import sample
from validator.alerts.webhook import WebhookChannel
from validator.model.errors import PermanentError, RetryableError
from validator.support.stop import Stop


@ALL
@pytest.mark.parametrize(
    "expected",
    [
        (RATE_LIMITED, RetryableError),
        (BROKEN, RetryableError),
        (CUT, RetryableError),
        (REJECTING, PermanentError),
        (Fault(status=401), PermanentError),
        (Fault(status=302, headers={"Location": "https://elsewhere.example/"}), PermanentError),
    ],
    ids=["429", "500", "cut", "422", "401", "redirect"],
)
def test_what_goes_wrong_is_told_with_a_remedy_and_without_the_address(start, message, make, kind, expected):
    fault, error = expected
    target = start(kind())
    target.script.append(fault)
    with pytest.raises(error) as caught:
        make(target).send(message, Stop())
    told = caught.value.diagnostics()
    assert caught.value.remedy
    assert not [secret for secret in (SECRET, TOKEN, KEY, "path-s3cret") if secret in told]
    assert fault is not RATE_LIMITED or caught.value.after == 1


@pytest.mark.parametrize("body", [b"<html>" * 100_000, b"[" * 100_000, b"{}", b"\xff"])
def test_what_is_not_github_is_not_taken_for_it(start, message: AlertMessage, body: bytes):
    hub = start(GitHub())
    hub.script += [Fault(status=200, body=body)]
    with pytest.raises(RetryableError, match="not the service"):
        github(hub, check_run=True).send(message, Stop())


@ALL
def test_a_target_that_hangs_is_given_up_within_the_deadline(start, message, make, kind):
    target = start(kind())
    target.script.append(HANGING)
    began = time.monotonic()
    with pytest.raises(RetryableError, match="within"):
        make(target, deadline=0.5).send(message, Stop())
    assert time.monotonic() - began < 3


@ALL
def test_a_stop_lets_go_of_a_target_that_hangs(start, message, make, kind):
    target, stop = start(kind()), Stop()
    target.script.append(HANGING)
    threading.Thread(target=lambda: stop.set("enough" if target.came.wait(10) else "never asked")).start()
    began = time.monotonic()
    with pytest.raises(RetryableError):
        make(target, deadline=30.0).send(message, stop)
    assert time.monotonic() - began < 5


@ALL
def test_an_answer_that_is_lost_does_not_tell_the_team_twice(start, message, make, kind):
    target = start(kind())
    target.script += [CUT_AFTER_TAKING] if kind is not GitHub else [Fault(taken=True)]
    with pytest.raises(RetryableError):
        make(target).send(message, Stop())
    make(target).send(message, Stop())
    assert team_was_told(target) == 1


def team_was_told(target: Hook | PagerDuty | GitHub) -> int:
    """How often people saw something."""
    if isinstance(target, Hook):
        return len(target.told)
    return len(target.statuses) if isinstance(target, GitHub) else len(target.incidents)


@ALL
def test_a_sample_says_that_it_is_a_test(start, make, kind):
    target = start(kind())
    make(target).send(sample(tenant="t", environment="production", run="test-1", at="2026-11-21T03:26:54.120Z"), Stop())
    assert "TEST" in "".join(asked.body.decode() for asked in target.taken) or isinstance(target, Hook)
    if isinstance(target, Hook):
        assert target.taken[0].json["event"] == "production_validation.test"
    elif isinstance(target, PagerDuty):
        assert target.incidents == {"t/production/test": "resolved"}
    else:
        assert target.statuses[0]["context"] == "production-validation (test)"


def test_a_service_that_is_not_there_is_told_as_such(message: AlertMessage):
    channel = WebhookChannel(url=f"http://127.0.0.1:{closed_port()}/", secret=SECRET)
    with pytest.raises(RetryableError, match="refused"):
        channel.send(message, Stop())


@pytest.mark.parametrize("url", ["http://hooks.example.com/x", "ftp://127.0.0.1/", "hooks.example.com"])
def test_nothing_is_sent_unencrypted_over_a_network(url: str):
    with pytest.raises(PermanentError, match="unencrypted"):
        WebhookChannel(url=url, secret=SECRET)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "ümlaut"])
def test_a_credential_that_no_header_takes_is_refused_and_not_shown(token: str):
    with pytest.raises(PermanentError) as caught:
        PagerDutyChannel(routing_key=token)
    assert not token or token not in caught.value.diagnostics()


@given(st.text())
def test_any_retry_after_is_read_as_seconds_within_a_day(text: str):
    assert 0 <= retry_after({"retry-after": text}) <= 86_400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("17", 17), ("Sat, 21 Nov 2026 03:27:24 GMT", 30), ("Sat, 21 Nov 2026 03:00:00 GMT", 0), ("soon", 0), ("٣", 0)],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float):
    assert retry_after({"retry-after": text}, datetime(2026, 11, 21, 3, 26, 54, tzinfo=UTC)) == seconds
