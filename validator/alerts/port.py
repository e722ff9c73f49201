"""What a way to reach the team offers the pipeline."""

from __future__ import annotations

from typing import Protocol

from validator.alerts.message import AlertMessage
from validator.support.stop import Stop


class Channel(Protocol):
    """Delivers a message, or says why it cannot."""

    @property
    def name(self) -> str:
        """For people and for the journal: `slack #prod-alerts`."""
        ...

    def send(self, message: AlertMessage, stop: Stop) -> str:
        """Deliver the message within the channel's own deadline; let go at once when `stop` is set.

        Returns:
            What proves the delivery, such as the message's id.

        Raises:
            RetryableError: Not delivered, or not known to be; later it may work.
            PermanentError: Not delivered, and not before somebody has mended what the remedy says.
        """
        ...
