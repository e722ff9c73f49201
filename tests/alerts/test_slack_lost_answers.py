"""A message that Slack took although its answer was lost: it is looked for before it is posted again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.slack import CHANNEL, CUT_AFTER_TAKING, TOKEN, SlackServer
from validator.alerts.message import AlertMessage
from validator.alerts.slack import SlackChannel
from validator.model.errors import RetryableError
from validator.support.stop import Stop

ID = "C024BE91L"


def channel(slack: SlackServer, *, name: str = ID) -> SlackChannel:
    return SlackChannel(channel=name, token=TOKEN, base_url=slack.url, deadline=20.0)


def test_a_message_whose_answer_was_lost_is_not_posted_twice(slack: SlackServer, message: AlertMessage) -> None:
    slack.script.append(CUT_AFTER_TAKING)
    receipt = channel(slack).send(message, Stop())
    assert receipt == f"{ID} {slack.stamps[0]}"
    assert (len(slack.messages), slack.looks) == (1, 1)


def test_a_reply_whose_answer_was_lost_is_looked_for_in_its_thread(slack: SlackServer, message: AlertMessage) -> None:
    first = channel(slack).send(message, Stop())
    slack.script.append(CUT_AFTER_TAKING)
    later = replace(message, run="another", thread=first)
    assert channel(slack).send(later, Stop()) == f"{ID} {slack.stamps[1]}"
    assert len(slack.messages) == 2


def test_a_later_try_looks_for_the_message_first(slack: SlackServer, message: AlertMessage) -> None:
    receipt = channel(slack).send(message, Stop())
    assert channel(slack).send(replace(message, tries=1), Stop()) == receipt
    assert len(slack.messages) == 1
    channel(slack).send(replace(message, tries=1, run="another"), Stop())
    assert len(slack.messages) == 2


def test_a_first_try_looks_for_nothing(slack: SlackServer, message: AlertMessage) -> None:
    channel(slack).send(message, Stop())
    assert slack.looks == 0


@pytest.mark.parametrize(("name", "refused"), [(CHANNEL, ""), (ID, "missing_scope"), (ID, "not_in_channel")])
def test_where_the_channel_cannot_be_read_twice_is_better_than_never(
    slack: SlackServer, message: AlertMessage, name: str, refused: str
) -> None:
    slack.refused_looks = refused
    slack.script.append(CUT_AFTER_TAKING)
    assert channel(slack, name=name).send(message, Stop())
    assert len(slack.messages) == 2


def test_a_slack_that_cannot_be_asked_whether_it_has_the_message_is_not_sent_it(
    slack: SlackServer, message: AlertMessage
) -> None:
    slack.refused_looks = "internal_error"
    with pytest.raises(RetryableError):
        channel(slack).send(replace(message, tries=1), Stop())
    assert slack.messages == []
