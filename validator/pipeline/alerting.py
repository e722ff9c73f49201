"""The decision, told to the team over every channel; what could not be told is recorded."""

from __future__ import annotations

from collections.abc import Iterator

from validator.alerts.message import AlertMessage, compose
from validator.alerts.port import Channel
from validator.alerts.rule import is_wanted
from validator.builds.port import Built
from validator.model.decision import Decision
from validator.model.deployment import Deployment
from validator.model.errors import ValidatorError
from validator.model.events import AlertFailed, AlertSent, Event
from validator.pipeline.parts import Parts
from validator.support.stop import Stop


def tell(parts: Parts, decision: Decision, deployment: Deployment | None, built: Built | None) -> Iterator[Event]:
    """Send the alert, if this decision wants one.

    The run's own stop does not stop it: a run that was interrupted or ran out of time still tells the team so.
    """
    if not parts.channels or not is_wanted(decision):
        return
    message = compose(
        run=parts.settings.run,
        environment=parts.settings.environment,
        decision=decision,
        deployment=deployment,
        apk=built.apk if built is not None else None,
        report=str(parts.settings.folder / "index.html"),
    )
    for channel in parts.channels:
        yield _send(channel, message)


def _send(channel: Channel, message: AlertMessage) -> Event:
    try:
        return AlertSent(channel=channel.name, receipt=channel.send(message, Stop()))
    except ValidatorError as error:
        return AlertFailed(channel=channel.name, reason=error.what, remedy=error.remedy)
