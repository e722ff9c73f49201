"""The decision, told to the team over every channel; what could not be told is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from validator.alerts.message import AlertMessage, RunFacts, compose, is_alerted
from validator.alerts.port import Channel
from validator.model.decision import Decision
from validator.model.errors import ValidatorError
from validator.model.events import AlertFailed, AlertSent, Event
from validator.support.stop import Stop


def tell(channels: Sequence[Channel], decision: Decision, facts: RunFacts) -> Iterator[Event]:
    """Send the alert, if this decision wants one.

    The run's own stop does not stop it: a run that was interrupted or ran out of time still tells the team so.
    """
    if not is_alerted(decision.verdict):
        return
    message = compose(decision, facts)
    for channel in channels:
        yield _send(channel, message)


def _send(channel: Channel, message: AlertMessage) -> Event:
    try:
        return AlertSent(channel=channel.name, receipt=channel.send(message, Stop()))
    except ValidatorError as error:
        return AlertFailed(channel=channel.name, reason=error.what, remedy=error.remedy)
