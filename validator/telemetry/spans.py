"""A run's records as spans: the run, its flows, their attempts. Pure.

Names of attributes are those of OpenTelemetry's semantic conventions 1.44 where there are any (`test.*`, `cicd.*`,
`error.type`, `user_agent.synthetic.type`), else they begin with `validator.`. No text that a runner, an app or a device
wrote becomes an attribute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from validator.model.decision import Decision, SettledFlow, Verdict
from validator.model.events import (
    AttemptFinished,
    AttemptStarted,
    Decided,
    FailureClassified,
    FlowSettled,
    Record,
    RunFinished,
    RunStarted,
    StopReason,
)
from validator.model.failure import Failure
from validator.model.flow import FlowOutcome

Value: TypeAlias = str | int | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Something that took time."""

    name: str
    id: str
    """16 hex digits."""
    parent: str
    """The id of the span that it is a part of; empty for the run."""
    began: str
    """UTC, ISO 8601, like `ended`."""
    ended: str
    attributes: Mapping[str, Value]
    error: str = ""
    """What went wrong in a word; empty when nothing did."""


@dataclass(slots=True, kw_only=True)
class _Attempt:
    serial: str
    began: str
    purpose: str
    ended: str = ""
    outcome: str = ""
    failure: Failure | None = None


@dataclass(slots=True, kw_only=True)
class Story:
    """Takes a run's records, and keeps of each what spans need."""

    root: str
    """The id of the run's span, which the run's own requests name as their parent."""
    _run: str = ""
    _environment: str = ""
    _began: str = ""
    _latest: str = ""
    _stop: StopReason | None = None
    _decision: Decision | None = None
    _attempts: dict[tuple[str, int], _Attempt] = field(default_factory=dict)
    _settled: dict[str, tuple[str, SettledFlow]] = field(default_factory=dict)

    def take(self, record: Record) -> None:
        """Take the next record."""
        self._latest = record.at
        match event := record.event:
            case RunStarted():
                self._run, self._environment, self._began = record.run, event.environment, record.at
            case AttemptStarted():
                started = _Attempt(serial=event.serial, began=record.at, purpose=event.purpose)
                self._attempts[event.flow, event.number] = started
            case AttemptFinished() if (attempt := self._attempts.get((event.flow, event.number))) is not None:
                attempt.ended, attempt.outcome = record.at, event.outcome
            case FailureClassified() if (attempt := self._attempts.get((event.flow, event.number))) is not None:
                attempt.failure = event.failure
            case FlowSettled():
                self._settled[event.flow.name] = (record.at, event.flow)
            case Decided():
                self._decision = event.decision
            case RunFinished():
                self._stop = event.stop
            case _:
                pass

    def spans(self) -> tuple[Span, ...]:
        """All of them, parents first; none before the run has begun."""
        if not self._began:
            return ()
        names = dict.fromkeys((*(flow for flow, _ in self._attempts), *self._settled))
        flows = (span for name in names for span in (self._flow(name), *self._attempts_of(name)))
        return (self._whole(), *flows)

    def _whole(self) -> Span:
        verdict = self._decision.verdict if self._decision is not None else None
        status, result = _suite(verdict, self._stop)
        attributes: dict[str, Value] = {
            "test.suite.name": self._environment,
            "test.suite.run.status": status,
            "cicd.pipeline.name": f"validation of {self._environment}",
            "cicd.pipeline.run.id": self._run,
            "cicd.pipeline.result": result,
            "user_agent.synthetic.type": "test",
            "validator.run": self._run,
            "validator.decision": verdict.value if verdict is not None else "none",
        }
        error = "" if result == "success" else result
        return Span(
            name=f"RUN validation of {self._environment}",
            id=self.root,
            parent="",
            began=self._began,
            ended=self._latest,
            attributes=attributes | _error(error),
            error=error,
        )

    def _flow(self, name: str) -> Span:
        ended, settled = self._settled.get(name, (self._latest, None))
        began = min((a.began for (flow, _), a in self._attempts.items() if flow == name), default=ended)
        attributes: dict[str, Value] = {"test.case.name": name, "user_agent.synthetic.type": "test"}
        error = ""
        if settled is not None:
            attributes |= _case(settled.outcome) | {"validator.flow.outcome": settled.outcome.value}
            error = settled.cause.value if settled.cause is not None and settled.outcome not in _FINE else ""
        return Span(
            name=f"flow {name}",
            id=self._id(name),
            parent=self.root,
            began=began,
            ended=max(began, ended),
            attributes=attributes | _error(error),
            error=error,
        )

    def _attempts_of(self, name: str) -> Iterator[Span]:
        for (flow, number), attempt in self._attempts.items():
            if flow == name:
                yield self._attempt(flow, number, attempt)

    def _attempt(self, flow: str, number: int, attempt: _Attempt) -> Span:
        failure = attempt.failure
        attributes: dict[str, Value] = {
            "test.case.name": flow,
            "validator.attempt.number": number,
            "validator.attempt.purpose": attempt.purpose,
            "validator.attempt.outcome": attempt.outcome or "interrupted",
            "validator.device.serial": attempt.serial,
            "user_agent.synthetic.type": "test",
        }
        if failure is not None:
            attributes["validator.cause.family"] = failure.cause.family.value
        error = failure.cause.value if failure is not None else "" if attempt.outcome else "interrupted"
        return Span(
            name=f"attempt {number} of {flow}",
            id=self._id(flow, str(number)),
            parent=self._id(flow),
            began=attempt.began,
            ended=attempt.ended or self._latest,
            attributes=attributes | _error(error),
            error=error,
        )

    def _id(self, *parts: str) -> str:
        """The same for the same part of the same run, however often it is sent."""
        named = "\0".join((self.root, *parts))
        return hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:16]


_FINE = (FlowOutcome.PASSED, FlowOutcome.FLAKY)


def _case(outcome: FlowOutcome) -> dict[str, Value]:
    """The convention knows two results; a flow that could not be measured has neither."""
    if outcome in _FINE:
        return {"test.case.result.status": "pass"}
    return {"test.case.result.status": "fail"} if outcome is FlowOutcome.FAILED else {}


def _error(cause: str) -> dict[str, Value]:
    return {"error.type": cause} if cause else {}


def _suite(verdict: Verdict | None, stop: StopReason | None) -> tuple[str, str]:
    """`test.suite.run.status` and `cicd.pipeline.result`, where `failure` is the product's and `error` is not."""
    if verdict is not None and verdict.opens:
        return "success", "success"
    if verdict is Verdict.BLOCKED:
        return "failure", "failure"
    if stop is StopReason.DEADLINE:
        return "timed_out", "timeout"
    return "aborted", "cancellation" if stop in (StopReason.INTERRUPTED, StopReason.TERMINATED) else "error"
