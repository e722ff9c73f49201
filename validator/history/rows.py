"""The rows of the projections. Mutable, unlike everything that travels: a fold fills them in event by event."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class RunRow:
    """One run."""

    id: str
    environment: str
    purpose: str
    started_at: str
    last_at: str
    program: str
    config_file: str
    config_digest: str
    policy: str
    policy_digest: str
    finished_at: str = ""
    stop: str = ""
    seconds: float = 0.0
    deployment: str = ""
    revision: str = ""
    apk: str = ""
    package: str = ""
    app_version: str = ""
    expected: int = 0
    verdict: str = ""
    cause: str = ""
    """The first cause that the decision names; the failed stage's where there was none."""
    stage: str = ""
    """The stage that ended the run before its flows."""

    @property
    def key(self) -> tuple[str, ...]:
        """What names the row within its tenant."""
        return (self.id,)


@dataclass(slots=True, kw_only=True)
class AttemptRow:
    """One attempt of one flow."""

    run: str
    flow: str
    number: int
    environment: str
    serial: str = ""
    purpose: str = ""
    folder: str = ""
    started_at: str = ""
    finished_at: str = ""
    seconds: float = 0.0
    outcome: str = ""
    cause: str = ""
    rule: str = ""
    step: str = ""
    why: str = ""
    message: str = ""
    quote: str = ""
    signature: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What names the row within its tenant."""
        return (self.run, self.flow, str(self.number))


@dataclass(slots=True, kw_only=True)
class RunCauseRow:
    """One cause in one run."""

    run: str
    cause: str
    started_at: str
    environment: str
    flows: int = 0

    @property
    def key(self) -> tuple[str, ...]:
        """What names the row within its tenant."""
        return (self.run, self.cause)


@dataclass(slots=True, kw_only=True)
class FlowOutcomeRow:
    """How one flow ended in one run."""

    run: str
    flow: str
    environment: str
    started_at: str
    outcome: str
    required: bool
    cause: str
    attempts: int
    step: str
    why: str
    quote: str

    @property
    def key(self) -> tuple[str, ...]:
        """What names the row within its tenant."""
        return (self.run, self.flow)


@dataclass(slots=True, kw_only=True)
class FlowTimingRow:
    """How long the flow's passing attempt took."""

    run: str
    flow: str
    environment: str
    started_at: str
    seconds: float

    @property
    def key(self) -> tuple[str, ...]:
        """What names the row within its tenant."""
        return (self.run, self.flow)


@dataclass(slots=True, kw_only=True)
class DecisionRow:
    """One decision of the gate."""

    run: str
    seq: int
    environment: str
    purpose: str
    deployment: str
    revision: str
    apk: str
    verdict: str
    exit_code: int
    decided_at: str
    expires_at: str
    policy: str
    policy_digest: str

    @property
    def key(self) -> tuple[str, ...]:
        """What names the row within its tenant."""
        return (self.run, str(self.seq))


@dataclass(slots=True, kw_only=True)
class DecisionActRow:
    """What a person said about a decision."""

    id: str
    run: str
    seq: int
    kind: str
    at: str
    by: str
    reason: str
    environment: str
    deployment: str
    revision: str
    expires_at: str
    replaces: str

    @property
    def key(self) -> tuple[str, ...]:
        """What names the row within its tenant."""
        return (self.id,)


@dataclass(slots=True, kw_only=True)
class AccountUseRow:
    """Accounts taken out of a budget."""

    id: str
    run: str
    environment: str
    address: str
    at: str
    accounts: int

    @property
    def key(self) -> tuple[str, ...]:
        """What names the row within its tenant."""
        return (self.id,)


@dataclass(slots=True, kw_only=True)
class AlertRow:
    """One alert on one channel, and what became of it."""

    run: str
    dedup: str
    channel: str
    state: str
    required: bool
    queued_at: str
    not_before: str
    tries: int = 0
    reason: str = ""
    receipt: str = ""
    body: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What names the row within its tenant."""
        return (self.run, self.dedup, self.channel)


Row = (
    RunRow
    | AttemptRow
    | RunCauseRow
    | FlowOutcomeRow
    | FlowTimingRow
    | DecisionRow
    | DecisionActRow
    | AccountUseRow
    | AlertRow
)
