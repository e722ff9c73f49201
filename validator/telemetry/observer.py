"""Sends a run's spans and metrics once it is over. Whatever becomes of them, the run has been decided before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from validator.model.errors import ValidatorError
from validator.model.events import Record
from validator.support.clock import Clock
from validator.support.http_send import send
from validator.support.stop import Stop
from validator.telemetry.spans import Span, Story

_OK: Final = range(200, 300)


class Encoding(Protocol):
    """Writes spans and metrics as a collector reads them."""

    def traces(self, spans: Sequence[Span]) -> bytes:
        """The spans."""
        ...

    def metrics(self, spans: Sequence[Span]) -> bytes:
        """What can be counted of them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """Where it is sent, by OTLP over HTTP (opentelemetry.io/docs/specs/otlp/#otlphttp)."""

    endpoint: str
    headers: Mapping[str, str] = field(repr=False)
    seconds: float
    """For everything together."""


@dataclass(slots=True, kw_only=True)
class Telemetry:
    """Takes a run's records, and sends what they tell when no more will come."""

    collector: Collector
    encoding: Encoding
    story: Story
    clock: Clock
    redact: Callable[[str], str] = str
    problem: str = ""
    """Why it could not be sent; empty when it was, or when there was nothing to send."""

    def handle(self, record: Record) -> None:
        """Take one record."""
        self.story.take(record)

    def close(self) -> None:
        """Send it, in bounded time. Never raises: telemetry changes nothing about a run."""
        ends = self.clock.monotonic() + self.collector.seconds
        try:
            spans = self.story.spans()
            if spans:
                self._post("traces", self.encoding.traces(spans), ends)
                self._post("metrics", self.encoding.metrics(spans), ends)
        except ValidatorError as error:
            self.problem = self.redact(error.text)
        except Exception as error:  # noqa: BLE001 - what others' encoders raise must not end a run that is decided
            self.problem = f"{type(error).__name__}: {self.redact(str(error)[:200])}"

    def _post(self, what: str, body: bytes, ends: float) -> None:
        if self.problem or not body:
            return
        address = f"{self.collector.endpoint.rstrip('/')}/v1/{what}"
        answer = send(
            "POST",
            address,
            deadline=max(0.1, ends - self.clock.monotonic()),
            stop=Stop(),
            body=body,
            headers={**self.collector.headers, "content-type": "application/x-protobuf"},
        )
        if answer.status not in _OK:
            self.problem = self.redact(f"{address} answered HTTP {answer.status}")
