"""`telemetry:` -> what sends a run's spans and metrics."""

from __future__ import annotations

from importlib.metadata import version
from typing import Protocol

from validator.model.errors import UsageError
from validator.support.clock import Clock
from validator.telemetry.observer import Collector, Encoding, Telemetry
from validator.telemetry.spans import Story
from validator.wiring.prepare import Prepared
from validator.wiring.traffic import run_marks


def run_telemetry(prepared: Prepared, run: str, clock: Clock) -> Telemetry | None:
    """What sends a run's spans and metrics; None where nobody asks for them.

    Raises:
        UsageError: As `require_encoder`.
        ConfigError: A reference has no value.
    """
    config, resolvers = prepared.config, prepared.resolvers
    section = config.telemetry.otlp
    if section is None:
        return None
    marks = run_marks(config.traffic, run)
    collector = Collector(
        endpoint=section.endpoint.resolve(resolvers),
        headers=section.headers.resolve(resolvers),
        seconds=section.timeout.total_seconds(),
    )
    return Telemetry(
        collector=collector,
        encoding=require_encoder()(
            trace=marks.trace, run=run, environment=config.environment, version=version("validator")
        ),
        story=Story(root=marks.span),
        clock=clock,
        redact=prepared.redactor.redact,
    )


class MakesEncoding(Protocol):
    """Makes what writes the spans and metrics of one run."""

    def __call__(self, *, trace: str, run: str, environment: str, version: str) -> Encoding:
        """As `Encoder`."""
        ...


def require_encoder() -> MakesEncoding:
    """What writes spans and metrics.

    Raises:
        UsageError: OpenTelemetry is not installed.
    """
    try:
        from validator.telemetry.otlp import Encoder  # noqa: PLC0415 - an extra, needed by those alone who configure it
    except ImportError as error:
        remedy = "pip install 'validator[otel]', or take `telemetry` out of the configuration"
        raise UsageError(f"OpenTelemetry is not installed ({error})", where="telemetry.otlp", remedy=remedy) from error
    return Encoder
