"""That a run has begun: told beside the run, which waits for nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Thread

from validator.alerts.incident import Kind, Severity, beginning
from validator.alerts.message import AlertMessage
from validator.alerts.port import Channel
from validator.model.decision import ExitCode, Verdict
from validator.model.errors import ValidatorError
from validator.support.stop import Stop

_PATIENCE = 2.0
"""Seconds that the end of a run waits for the news of its begin, so that a receiver hears of them in their order."""


def begun(*, tenant: str, environment: str, run: str, at: str) -> AlertMessage:
    """The message that a run has begun: nothing is known yet, and nothing is the matter.

    Args:
        tenant: Whose run it is.
        environment: What is validated.
        run: Its id.
        at: When it began: UTC, ISO 8601.
    """
    return AlertMessage(
        kind=Kind.START,
        severity=Severity.INFO,
        families=(),
        incident=f"{beginning(tenant, environment)}begun",
        ends=False,
        headline=f"STARTED in {environment}",
        verdict=Verdict.UNDECIDED,
        exit_code=ExitCode.UNDECIDED.value,
        run=run,
        tenant=tenant,
        environment=environment,
        deployment="unknown",
        deployment_id="",
        revision="",
        apk="none",
        at=at,
        reasons=(),
        flows=(),
        next=(),
        rollback="",
        policy="",
        expires_at="",
        links=(),
    )


class Beginning:
    """One try to tell it, in a thread of its own."""

    def __init__(self, channel: Channel, message: AlertMessage, taken: Callable[[str], None]) -> None:
        """Begin to tell it.

        Args:
            channel: Whom.
            message: That the run has begun.
            taken: Given the receipt by `settle`, if the target took it.
        """
        self._channel, self._message, self._taken = channel, message, taken
        self._receipt = ""
        self._stop = Stop()
        self._thread = Thread(target=self._send, name="begun", daemon=True)
        with suppress(RuntimeError):  # no thread is to be had: it stays in the outbox
            self._thread.start()

    def settle(self) -> None:
        """Wait a moment for it, then let go; whoever keeps the message is told of its receipt."""
        if self._thread.ident is None:
            return
        self._thread.join(_PATIENCE)
        self._stop.set("the run is over")
        self._thread.join(_PATIENCE)
        if self._receipt:
            self._taken(self._receipt)

    def _send(self) -> None:
        try:
            self._receipt = self._channel.send(self._message, self._stop) or "delivered"
        except ValidatorError:
            return  # it stays in the outbox, and goes out before the news of the run's end
