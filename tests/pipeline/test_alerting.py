"""What a run records about telling the team."""

from __future__ import annotations

import pytest

from tests.fakes.runs import BLOCKED
from validator.alerts.message import AlertMessage, RunFacts
from validator.alerts.port import OptionalAlertError
from validator.model.errors import PermanentError, RetryableError, ValidatorError
from validator.model.events import AlertFailed, AlertSent, Event, Warned
from validator.pipeline.alerting import tell
from validator.support.stop import Stop


class Channel:
    name = "post"

    def __init__(self, outcome: str | ValidatorError) -> None:
        self.outcome = outcome

    def send(self, message: AlertMessage, stop: Stop) -> str:
        if isinstance(self.outcome, ValidatorError):
            raise self.outcome
        return self.outcome


def told(*outcomes: str | ValidatorError) -> list[Event]:
    facts = RunFacts(run="r", tenant="default", environment="production")
    return list(tell([Channel(outcome) for outcome in outcomes], BLOCKED, facts))


def test_a_receipt_is_recorded_and_a_channel_that_is_not_concerned_leaves_no_trace():
    assert told("17", "") == [AlertSent(channel="post", receipt="17")]


@pytest.mark.parametrize("kind", [PermanentError, RetryableError])
def test_what_was_not_delivered_is_recorded_with_its_remedy_and_holds_up_nobody(kind):
    first, second = told(kind("gone", remedy="mend it"), "17")
    assert first == AlertFailed(channel="post", reason="gone", remedy="mend it")
    assert second == AlertSent(channel="post", receipt="17")


def test_an_alert_that_nobody_requires_is_a_warning():
    assert told(OptionalAlertError("gone")) == [Warned(message="the alert to post did not go out: gone")]
