"""One run id on every channel that reaches production, so that logs tell test users from real ones. Pure."""

from __future__ import annotations

import hashlib
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
    program: str = "validator"
    """The name and version that our own requests give as their `User-Agent`."""

    @property
    def device_values(self) -> tuple[tuple[str, str], ...]:
        """Names and values that the device keeps: `debug.validator.NAME` and `validator_NAME`."""
        return (("run", self.run),) if Channel.PROPERTY in self.channels else ()

    @property
    def variables(self) -> tuple[tuple[str, str], ...]:
        """Flow variables."""
        return (("MAESTRO_VALIDATION_RUN", self.run),) if Channel.ARGUMENT in self.channels else ()

    @property
    def trace(self) -> str:
        """The trace that all our own requests of the run belong to: made from its id, so that it can be looked up."""
        return hashlib.sha256(self.run.encode("utf-8", "replace")).hexdigest()[:32]

    @property
    def span(self) -> str:
        """The span of the run itself, which our own requests name as their parent."""
        return hashlib.sha256(f"{self.run} span".encode("utf-8", "replace")).hexdigest()[:16]

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Headers of our own HTTP calls.

        `synthetic_request=true` is the OpenTelemetry demo's convention, which backends copy to the attribute
        `user_agent.synthetic.type=test`. The `traceparent` (w3.org/TR/trace-context) names the run's one
        trace, sampled.
        """
        if Channel.HEADER not in self.channels:
            return ()
        return (
            ("user-agent", f"{self.program} (+{self.run})"),
            ("baggage", f"synthetic_request=true,validator.run={self.run}"),
            ("traceparent", f"00-{self.trace}-{self.span}-01"),
        )
