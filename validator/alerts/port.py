"""What a way to reach the team offers the pipeline, and what alerts need to survive an outage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from validator.alerts.message import AlertMessage
from validator.model.errors import PermanentError
from validator.support.stop import Stop


class Channel(Protocol):
    """Delivers a message, or says why it cannot."""

    @property
    def name(self) -> str:
        """For people and for the journal: `slack #prod-alerts`."""
        ...

    def send(self, message: AlertMessage, stop: Stop) -> str:
        """Deliver the message within the channel's own deadline; let go at once when `stop` is set.

        Sending the same message again, known by its `id`, does not tell the team twice where the target lets that be
        seen.

        Returns:
            What proves the delivery, such as the message's id; empty when the channel is not for such a message.

        Raises:
            OptionalAlertError: Not delivered, and nobody requires it.
            RetryableError: Not delivered, or not known to be; later it may work.
            PartlyDeliveredError: Delivered to some; those who are left stand in it, for `AlertMessage.only`.
            PermanentError: Not delivered, and not before somebody has mended what the remedy says.
        """
        ...


class PartlyDeliveredError(PermanentError):
    """Some of those behind a target have the alert, and some were refused: only these may be sent it again."""

    def __init__(self, what: str, *, receipt: str, left: Sequence[str], where: str = "", remedy: str = "") -> None:
        """Say who is left.

        Args:
            what: What happened.
            receipt: What proves that the others have it.
            left: Who was refused.
            where: The channel.
            remedy: What to do.
        """
        super().__init__(what, where=where, remedy=remedy)
        self.receipt = receipt
        self.left = tuple(left)


class OptionalAlertError(PermanentError):
    """An alert did not go out that need not: the run's exit code does not depend on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An alert that has still to go out."""

    run: str
    key: str
    body: str
    """The message, as it was put in."""
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alert that was put in once, whether or not it went out."""

    run: str
    key: str
    receipt: str
    """Empty while it waits."""


class Outbox(Protocol):
    """Keeps alerts until they are delivered. Everything here may raise `ValidatorError` when the store is away."""

    def put(self, run: str, key: str, channel: str, body: str, *, required: bool) -> bool:
        """Keep an alert; False when it is there already, delivered or not."""
        ...

    def waiting(self, channel: str) -> Sequence[Waiting]:
        """What has still to go out over a channel, oldest first."""
        ...

    def told(self, channel: str, beginning: str) -> Sequence[Told]:
        """The latest alerts of a channel whose key begins so, newest first."""
        ...

    def delivered(self, run: str, key: str, channel: str, receipt: str) -> None:
        """It went out."""
        ...

    def deferred(self, run: str, key: str, channel: str, reason: str, *, after: float) -> None:
        """It did not go out, and is not to be tried within so many seconds."""
        ...
