"""What the questions to the record are answered with."""

from __future__ import annotations

from dataclasses import dataclass

from validator.history.acts import ActKind
from validator.model.causes import Cause
from validator.model.decision import Decision, Verdict
from validator.model.flow import FlowOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One run as a list shows it. Empty text and None: not known, or not reached."""

    id: str
    environment: str
    purpose: str
    started_at: str
    last_at: str
    """When its last event was recorded: how one tells a run in progress from a dead one."""
    finished_at: str
    seconds: float
    deployment: str
    revision: str
    package: str
    app_version: str
    expected: int
    verdict: Verdict | None
    cause: Cause | None
    stage: str
    stop: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs are asked for; everything given must hold."""

    environment: str = ""
    verdict: Verdict | None = None
    cause: Cause | None = None
    flow: str = ""
    """Runs that settled this flow."""
    since: str = ""
    """UTC, ISO 8601; runs that started then or later."""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """Runs, newest first, and where the next page begins."""

    runs: tuple[RunSummary, ...]
    cursor: str
    """Hand it in for the next page; empty when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActView:
    """What a person said about a decision."""

    id: str
    kind: ActKind
    at: str
    by: str
    reason: str
    deployment: str
    expires_at: str
    replaces: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRecord:
    """The latest decision about a deployment or revision, and what people said since."""

    run: str
    environment: str
    deployment: str
    revision: str
    apk: str
    decision: Decision
    acts: tuple[ActView, ...]
    """About this run, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeView:
    """How a flow ended in one run."""

    run: str
    flow: str
    at: str
    outcome: FlowOutcome
    cause: Cause | None
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStats:
    """What a plan can count on for one flow, from its newest runs."""

    flow: str
    runs: int
    passed: int
    flaky: int
    failed: int
    other: int
    """Inconclusive or missing: they say nothing about the flow."""
    p50: float
    """Seconds that a passing attempt takes; 0 when none passed."""
    p90: float

    @property
    def flake_rate(self) -> float:
        """How many of the measured runs passed only after failing, 0 to 1."""
        measured = self.passed + self.flaky + self.failed
        return self.flaky / measured if measured else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarFailure:
    """A past attempt that failed alike."""

    run: str
    flow: str
    number: int
    at: str
    environment: str
    cause: Cause
    step: str
    message: str
    quote: str
    likeness: float
    """0 to 1; 1 is the same cause, flow, step and message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How often something was seen in a period."""

    environment: str
    name: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """How often a closed gate was right, as people judged it afterwards."""

    environment: str
    closed: int
    """Runs that closed the gate."""
    true: int
    """Those of them that found something."""
    false: int
    """Those that found nothing: false alarms."""

    @property
    def false_rate(self) -> float | None:
        """How many of the judged alarms were false, 0 to 1; None when none was judged."""
        judged = self.true + self.false
        return self.false / judged if judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """A period in numbers."""

    verdicts: tuple[Count, ...]
    """Runs by environment and verdict; a run without a decision counts under an empty name."""
    causes: tuple[Count, ...]
    """Runs by environment and cause; a run with two causes counts under both."""
    alarms: tuple[Alarms, ...] = ()
    """Environments in which the gate was closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedAlert:
    """An alert that was put in, whatever became of it."""

    run: str
    key: str
    state: str
    """`due` or `delivered`."""
    receipt: str
    """Empty while it is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueAlert:
    """An alert that waits to be delivered."""

    run: str
    key: str
    channel: str
    body: str
    required: bool
    tries: int
    not_before: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """How much is stored."""

    tenant: str
    address: str
    schema: str
    events: int
    runs: int
    undecided_runs: int
    """Runs without a decision: in progress, or dead."""
    waiting_events: int
    """Stored, but not counted before an event that is missing arrives."""
    first_at: str
    last_at: str
    position: int
    head: str
    long_payloads: int
