"""Spans and metrics in OTLP's protobuf. The one place that knows OpenTelemetry; it needs the extra `otel`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags

from validator.telemetry.spans import Span

_SCOPE: Final = "validator"
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Encoder:
    """Writes what one run is about."""

    def __init__(self, *, trace: str, run: str, environment: str, version: str) -> None:
        """Take what all of it has in common.

        Args:
            trace: The trace's id, 32 hex digits.
            run: The run's id.
            environment: What was validated.
            version: That of validator.
        """
        self._trace = int(trace, 16)
        self._scope = InstrumentationScope(_SCOPE, version)
        self._resource = Resource(
            {
                "service.name": "validator",
                "service.version": version,
                "service.instance.id": run,
                "deployment.environment.name": environment,
            }
        )

    def traces(self, spans: Sequence[Span]) -> bytes:
        """An `ExportTraceServiceRequest`."""
        request: bytes = encode_spans([self._span(span) for span in spans]).SerializeToString()
        return request

    def metrics(self, spans: Sequence[Span]) -> bytes:
        """An `ExportMetricsServiceRequest`: how long attempts took, and how attempts and flows came out."""
        reader = InMemoryMetricReader()
        provider = MeterProvider([reader], self._resource, shutdown_on_exit=False)
        meter = provider.get_meter(_SCOPE)
        seconds = meter.create_histogram("validator.attempt.duration", "s", "How long attempts of flows took.")
        attempts = meter.create_counter("validator.attempts", "{attempt}", "Attempts by outcome and family of cause.")
        flows = meter.create_counter("validator.flows", "{flow}", "Flows by outcome.")
        for span in spans:
            if "validator.attempt.number" in span.attributes:
                kind = _only(span, "validator.attempt.outcome", "validator.cause.family")
                seconds.record((_moment(span.ended) - _moment(span.began)) / timedelta(seconds=1), kind)
                attempts.add(1, kind)
            elif "validator.flow.outcome" in span.attributes:
                flows.add(1, _only(span, "validator.flow.outcome", "test.case.result.status", "error.type"))
        data = reader.get_metrics_data()
        provider.shutdown()
        request: bytes = encode_metrics(data).SerializeToString() if data is not None else b""
        return request

    def _span(self, span: Span) -> ReadableSpan:
        return ReadableSpan(
            name=span.name,
            context=self._context(span.id),
            parent=self._context(span.parent) if span.parent else None,
            resource=self._resource,
            attributes=span.attributes,
            status=Status(StatusCode.ERROR, span.error) if span.error else Status(StatusCode.OK),
            start_time=_nanoseconds(span.began),
            end_time=_nanoseconds(span.ended),
            instrumentation_scope=self._scope,
        )

    def _context(self, span: str) -> SpanContext:
        flags = TraceFlags(TraceFlags.SAMPLED)
        return SpanContext(trace_id=self._trace, span_id=int(span, 16), is_remote=False, trace_flags=flags)


def _only(span: Span, *names: str) -> dict[str, str]:
    return {name: str(span.attributes[name]) for name in names if name in span.attributes}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _nanoseconds(text: str) -> int:
    return (_moment(text) - _BEGINNING) // timedelta(microseconds=1) * 1000
