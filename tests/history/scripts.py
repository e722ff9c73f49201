"""What a record must contain, kept beside it in the plainest way, and a clock that steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from validator.history.acts import ActKind, DecisionActed
from validator.model.events import Decided, Record

BEGAN = datetime(2026, 11, 21, 3, 26, 54, tzinfo=UTC)


class SteppingClock:
    """A second passes whenever somebody looks."""

    def __init__(self) -> None:
        self._now = BEGAN + timedelta(hours=2)

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now

    def monotonic(self) -> float:
        return self.now().timestamp()


class FixedClock:
    """It is always the same moment."""

    def __init__(self, now: str) -> None:
        self._now = datetime.fromisoformat(now)

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return 0.0


@dataclass(slots=True)
class Script:
    """One run: what it will have said, and how much of that has been stored."""

    tenant: str
    deployment: str
    records: list[Record]
    stored: set[int] = field(default_factory=set)
    acts: list[tuple[str, DecisionActed]] = field(default_factory=list)
    acted_at: str = ""

    @property
    def run(self) -> str:
        return self.records[0].run

    @property
    def counted(self) -> int:
        """How many events are stored from the first on without a gap."""
        return next(number for number in range(len(self.records) + 1) if number not in self.stored)

    @property
    def decided(self) -> Decided | None:
        events = [record.event for record in self.records[: self.counted]]
        return next((event for event in events if isinstance(event, Decided)), None)

    @property
    def answer(self) -> tuple[str, DecisionActed] | None:
        """The last act that answers what to do now."""
        return next((act for act in reversed(self.acts) if act[1].kind.decides), None)

    @property
    def last_at(self) -> str:
        return max([self.acted_at, *(self.records[number].at for number in self.stored)])

    def opens(self, now: str) -> bool:
        """Whether what is in the log opens the gate."""
        if self.answer is not None and (not self.answer[1].expires_at or now < self.answer[1].expires_at):
            return self.answer[1].kind is ActKind.OVERRIDE
        decided = self.decided
        return decided is not None and decided.decision.verdict.opens and now < decided.decision.expires_at
