"""`telemetry:`: where the run's spans and metrics are sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from validator.config.fields import Duration, EarlyUrl, Section, mistake
from validator.config.mappings import Headers
from validator.config.templates import Variables

_LONGEST: Final = timedelta(seconds=30)


def _check_wait(value: timedelta) -> timedelta:
    if value > _LONGEST:
        raise mistake("is longer than anybody should wait for telemetry", "at most 30s")
    return value


class OtlpConfig(Section):
    """A collector for OTLP over HTTP. Needs the extra `otel`."""

    endpoint: EarlyUrl = Field(
        description="Its address, such as `https://collector.example.com:4318`; `/v1/traces` and `/v1/metrics` follow."
    )
    headers: Headers = Field(Variables(), description='Sent along, such as `{authorization: "${env:OTLP_TOKEN}"}`.')
    timeout: Annotated[Duration, AfterValidator(_check_wait)] = Field(
        timedelta(seconds=5),
        description="How long sending may take once the run is over; what is not sent by then is left, with a warning.",
    )


class TelemetryConfig(Section):
    """The run as OpenTelemetry sees it: a tree of spans (run, flows, attempts), and metrics."""

    otlp: OtlpConfig | None = Field(None, description="Where it is sent. Without it: nowhere.")
