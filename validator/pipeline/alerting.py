"""The decision, told to the team over every channel; what could not be told is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from validator.alerts.message import AlertMessage, RunFacts, compose
from validator.alerts.port import Channel, OptionalAlertError
from validator.model.decision import Decision
from validator.model.errors import ValidatorError
from validator.model.events import AlertFailed, AlertSent, Event, Warned
from validator.support.stop import Stop


def tell(channels: Sequence[Channel], decision: Decision, facts: RunFacts) -> Iterator[Event]:
    """Hand the decision to every channel; each knows which ones are for it.

    The run's own stop does not stop it: a run that was interrupted or ran out of time still tells the team so.
    """
    message = compose(decision, facts)
    for channel in channels:
        yield from _send(channel, message)


def _send(channel: Channel, message: AlertMessage) -> Iterator[Event]:
    try:
        receipt = channel.send(message, Stop())
    except OptionalAlertError as error:
        yield Warned(message=f"the alert to {channel.name} did not go out: {error.what}")
    except ValidatorError as error:
        yield AlertFailed(channel=channel.name, reason=error.what, remedy=error.remedy)
    else:
        if receipt:
            yield AlertSent(channel=channel.name, receipt=receipt)
