"""One run id on every channel that reaches production, so that logs tell test users from real ones. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """A way for the mark to travel."""

    PROPERTY = "property"
    """System property `debug.validator.run` and global setting `validator_run`; both survive `pm clear`."""
    HEADER = "header"
    """W3C `baggage` on our own HTTP calls (w3.org/TR/baggage)."""
    ARGUMENT = "argument"
    """The flow variable `MAESTRO_VALIDATION_RUN`, for flows that pass launch arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The marks of one run."""

    run: str
    channels: frozenset[Channel]

    @property
    def device_values(self) -> tuple[tuple[str, str], ...]:
        """Names and values that the device keeps: `debug.validator.NAME` and `validator_NAME`."""
        return (("run", self.run),) if Channel.PROPERTY in self.channels else ()

    @property
    def variables(self) -> tuple[tuple[str, str], ...]:
        """Flow variables."""
        return (("MAESTRO_VALIDATION_RUN", self.run),) if Channel.ARGUMENT in self.channels else ()

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Headers of our own HTTP calls.

        `synthetic_request=true` is the OpenTelemetry demo's convention, which backends copy to the attribute
        `user_agent.synthetic.type=test`.
        """
        if Channel.HEADER not in self.channels:
            return ()
        return (("baggage", f"synthetic_request=true,validator.run={self.run}"),)
