"""A run reaches a collector as a tree of spans and as metrics, and no collector can hold it up."""

from __future__ import annotations

import socket
import time

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from tests.fakes.builders import RUN
from tests.fakes.runs import approved, blocked, interrupted, resumed, undecided
from validator.support.clock import SystemClock
from validator.telemetry.observer import Collector, Telemetry
from validator.telemetry.otlp import Encoder
from validator.telemetry.spans import Story
from validator.traffic.marks import Channel, Marks

MARKS = Marks(run=RUN, channels=frozenset(Channel))


def telemetry(url, *, seconds=5.0, headers=None, redact=str):
    encoder = Encoder(trace=MARKS.trace, run=RUN, environment="production", version="1.0")
    return Telemetry(
        collector=Collector(endpoint=url, headers=headers or {}, seconds=seconds),
        encoding=encoder,
        story=Story(root=MARKS.span),
        clock=SystemClock(),
        redact=redact,
    )


def tell(records, url, **options):
    sender = telemetry(url, **options)
    for record in records:
        sender.handle(record)
    sender.close()
    return sender


def said(span):
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def test_a_run_is_the_parent_of_its_flows_and_they_of_their_attempts(otlp):
    assert tell(approved(), otlp.url).problem == ""
    spans = otlp.spans
    assert len(spans) == 1 + 4 + 4
    run, flow, attempt = spans["RUN validation of production"], spans["flow Cart"], spans["attempt 1 of Cart"]
    assert run.parent_span_id == b""
    assert flow.parent_span_id == run.span_id
    assert attempt.parent_span_id == flow.span_id
    assert {span.trace_id.hex() for span in spans.values()} == {MARKS.trace}
    assert run.start_time_unix_nano <= flow.start_time_unix_nano <= attempt.start_time_unix_nano
    assert attempt.end_time_unix_nano <= flow.end_time_unix_nano <= run.end_time_unix_nano
    assert len({span.span_id for span in spans.values()}) == len(spans)


def test_the_requests_of_the_run_belong_to_its_span(otlp):
    tell(approved(), otlp.url)
    run = otlp.spans["RUN validation of production"]
    assert dict(MARKS.headers)["traceparent"] == f"00-{run.trace_id.hex()}-{run.span_id.hex()}-01"


def test_attributes_have_the_names_of_the_conventions(otlp):
    tell(approved(), otlp.url)
    assert otlp.resource["service.name"] == "validator"
    assert otlp.resource["deployment.environment.name"] == "production"
    run = said(otlp.spans["RUN validation of production"])
    assert run["test.suite.name"] == "production"
    assert run["test.suite.run.status"] == "success"
    assert run["cicd.pipeline.result"] == "success"
    assert run["cicd.pipeline.run.id"] == RUN
    assert run["user_agent.synthetic.type"] == "test"
    flow = said(otlp.spans["flow Cart"])
    assert (flow["test.case.name"], flow["test.case.result.status"]) == ("Cart", "pass")
    assert said(otlp.spans["attempt 1 of Cart"])["validator.attempt.number"] == 1


@pytest.mark.parametrize(
    ("records", "status", "result"),
    [(blocked, "failure", "failure"), (undecided, "aborted", "error"), (interrupted, "aborted", "cancellation")],
)
def test_what_is_the_products_fault_is_told_from_what_is_not(otlp, records, status, result):
    tell(records(), otlp.url)
    run = otlp.spans["RUN validation of production"]
    assert (said(run)["test.suite.run.status"], said(run)["cicd.pipeline.result"]) == (status, result)
    assert run.status.code == Status.STATUS_CODE_ERROR


def test_a_failed_flow_names_its_cause_and_one_that_was_not_measured_has_no_result(otlp):
    tell(blocked(), otlp.url)
    failed = [span for span in otlp.spans.values() if said(span).get("test.case.result.status") == "fail"]
    assert failed
    assert all(said(span)["error.type"] and span.status.code == Status.STATUS_CODE_ERROR for span in failed)
    unmeasured = [s for s in otlp.spans.values() if said(s).get("validator.flow.outcome") == "inconclusive"]
    assert all("test.case.result.status" not in said(span) for span in unmeasured)


def test_attempts_are_measured_and_counted_by_outcome_and_family_of_cause(otlp):
    tell(blocked(), otlp.url)
    (request,) = otlp.metrics
    metrics = {m.name: m for m in request.resource_metrics[0].scope_metrics[0].metrics}
    attempts = sum("attempt" in name.split()[0] for name in otlp.spans)
    counted = metrics["validator.attempts"].sum.data_points
    assert sum(point.as_int for point in counted) == attempts
    families = {a.value.string_value for p in counted for a in p.attributes if a.key == "validator.cause.family"}
    assert "product" in families
    durations = metrics["validator.attempt.duration"].histogram.data_points
    assert sum(point.count for point in durations) == attempts
    assert sum(point.sum for point in durations) > 1


def test_a_resumed_run_sends_the_same_spans_again(otlp):
    first, again = Story(root=MARKS.span), Story(root=MARKS.span)
    for record in interrupted():
        first.take(record)
    for record in resumed():
        again.take(record)
    assert {span.id for span in first.spans()} <= {span.id for span in again.spans()}


def test_headers_are_sent_and_never_told(otlp):
    sender = tell(approved(), otlp.url, headers={"authorization": "Bearer s3cr3t-t0ken"})
    assert otlp.headers[0]["authorization"] == "Bearer s3cr3t-t0ken"
    assert otlp.headers[0]["content-type"] == "application/x-protobuf"
    assert "s3cr3t" not in repr(sender)
    assert b"s3cr3t" not in otlp.traces[0].SerializeToString() + otlp.metrics[0].SerializeToString()


@pytest.mark.parametrize("status", [302, 400, 429, 500, 503])
def test_a_collector_that_refuses_is_asked_once_and_leaves_one_line(otlp, status):
    otlp.status = status
    sender = tell(approved(), otlp.url)
    assert f"HTTP {status}" in sender.problem
    assert "\n" not in sender.problem
    assert len(otlp.headers) == 1


def test_a_collector_that_never_answers_is_left_in_time(otlp):
    otlp.gate.clear()
    began = time.monotonic()
    sender = tell(approved(), otlp.url, seconds=0.5)
    assert time.monotonic() - began < 3
    assert sender.problem


def test_a_collector_that_is_down_leaves_one_line():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        sender = tell(approved(), f"http://127.0.0.1:{unused.getsockname()[1]}", seconds=2)
    assert sender.problem
    assert "\n" not in sender.problem


def test_what_cannot_be_written_ends_no_run(otlp):
    class Broken:
        def traces(self, spans):
            raise RuntimeError("token=hunter2")

        metrics = traces

    sender = telemetry(otlp.url, redact=lambda text: text.replace("hunter2", "***"))
    sender.encoding = Broken()
    sender.handle(approved()[0])
    sender.close()
    assert sender.problem == "RuntimeError: token=***"


def test_a_run_that_never_began_sends_nothing(otlp):
    assert tell([], otlp.url).problem == ""
    assert otlp.headers == []
