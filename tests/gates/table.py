"""Rows of the decision table: what was found, what is tolerated, and what the gate must say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from validator.config.document import parse_document
from validator.config.source_text import decode_source
from validator.gates.decide import decide
from validator.gates.facts import Facts
from validator.gates.file import GateFile, policy_of
from validator.gates.policy import Policy
from validator.model.build import Finding, Severity
from validator.model.causes import Cause
from validator.model.decision import Decision, Purpose, SettledFlow, StageFailure
from validator.model.flow import FlowOutcome
from validator.model.timing import Baseline, Timing
from validator.model.traffic import TrafficAccounted, TrafficProof, WhenUnmarked

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

_ENDS: dict[str, tuple[FlowOutcome, Cause | None]] = {
    "passed": (FlowOutcome.PASSED, None),
    "flaky": (FlowOutcome.FLAKY, Cause.APP_ASSERTION),
    "crashed": (FlowOutcome.FAILED, Cause.APP_CRASH),
    "asserted": (FlowOutcome.FAILED, Cause.APP_ASSERTION),
    "backend": (FlowOutcome.FAILED, Cause.BACKEND_UNAVAILABLE),
    "staging": (FlowOutcome.FAILED, Cause.NOT_PRODUCTION),
    "unnamed": (FlowOutcome.FAILED, None),
    "missing": (FlowOutcome.MISSING, None),
    "lost": (FlowOutcome.INCONCLUSIVE, Cause.DEVICE_LOST),
    "throttled": (FlowOutcome.INCONCLUSIVE, Cause.RATE_LIMITED),
    "invalid": (FlowOutcome.INCONCLUSIVE, Cause.FLOW_INVALID),
    "unknown": (FlowOutcome.INCONCLUSIVE, Cause.UNKNOWN),
    "doubtful": (FlowOutcome.INCONCLUSIVE, Cause.APP_CRASH),
    "unserved": (FlowOutcome.INCONCLUSIVE, Cause.BACKEND_UNAVAILABLE),
}


def flows_of(text: str) -> tuple[SettledFlow, ...]:
    """`a passed, b? crashed`: names with how they ended; one with a question mark is not required."""
    parts = [part.split() for part in text.split(",") if part.strip()]
    return tuple(_flow(name.rstrip("?"), word, required=not name.endswith("?")) for name, word in parts)


def _flow(name: str, word: str, *, required: bool) -> SettledFlow:
    outcome, cause = _ENDS[word]
    return SettledFlow(name=name, required=required, outcome=outcome, cause=cause, attempts=1)


def policy_from(lines: str) -> Policy:
    """The policy that a gate file with these lines holds."""
    gate, _ = parse_document(decode_source("gate.yaml", f"name: frontend\n{lines}\n".encode()), GateFile)
    return policy_of(gate)


def stage(cause: Cause) -> StageFailure:
    return StageFailure(stage="devices", cause=cause, message="it failed", remedy="mend it")


def finding(severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code="debuggable", severity=severity, message="it is debuggable", remedy="build the release")


def took(name: str, seconds: float, usually: float | None = None, runs: int = 20) -> Timing:
    baseline = Baseline(flow=name, p50=usually, runs=runs) if usually is not None else None
    return Timing(flow=name, seconds=seconds, baseline=baseline)


def accounted(unmarked: WhenUnmarked, *, leaks: int = 0, foreign: int = 0) -> TrafficAccounted:
    proof = TrafficProof(
        files=("access.log",), lines=9, marked=5, unmarked=leaks, foreign=foreign, other_runs=0, broken=0, users=1
    )
    return TrafficAccounted(marks=("header",), unmarked=unmarked, proof=proof)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table."""

    flows: str = ""
    policy: str = ""
    verdict: str
    code: int
    reasons: tuple[str, ...]
    """`code: message`, in their order; a row may name only how each begins."""
    facts: dict[str, object] = field(default_factory=dict)
    purpose: Purpose = Purpose.DEPLOY

    def decide(self) -> Decision:
        facts = Facts(flows=flows_of(self.flows), **self.facts)  # type: ignore[arg-type]  # checked when the tests run
        return decide(facts, policy_from(self.policy), purpose=self.purpose, now=NOW)
