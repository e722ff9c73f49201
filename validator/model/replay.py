"""A run derived again from its evidence, beside what was recorded."""

from __future__ import annotations

from dataclasses import dataclass

from validator.model.attempt import AttemptOutcome
from validator.model.decision import Decision, SettledFlow
from validator.model.failure import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What one attempt was taken for."""

    outcome: AttemptOutcome
    failure: Failure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedAttempt:
    """One attempt, as it was judged and as it is judged now."""

    flow: str
    number: int
    recorded: Judged
    now: Judged
    made: bool
    """Whether it would have been made now: a flow that is settled earlier runs no more."""

    @property
    def same(self) -> bool:
        """Whether nothing changed."""
        return self.made and self.recorded == self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedFlow:
    """One expected flow, as it was settled and as it is settled now."""

    name: str
    recorded: SettledFlow | None
    now: SettledFlow | None

    @property
    def same(self) -> bool:
        """Whether nothing changed."""
        return self.recorded == self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The whole run, both times."""

    run: str
    attempts: tuple[ReplayedAttempt, ...]
    flows: tuple[ReplayedFlow, ...]
    recorded: Decision
    now: Decision
    notes: tuple[str, ...] = ()
    """What a person should know about the rules and the policy that it was derived by."""

    @property
    def same(self) -> bool:
        """Whether everything came out as it was recorded."""
        attempts, flows = (attempt.same for attempt in self.attempts), (flow.same for flow in self.flows)
        return all(attempts) and all(flows) and self.recorded == self.now
