"""When a run's attempts ran and as whom, for the account of its traffic."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from validator.model.events import AttemptFinished, AttemptStarted, Event
from validator.model.traffic import TrafficAccounted
from validator.support.clock import Clock
from validator.support.stop import Stop

Span: TypeAlias = tuple[float, float]
"""From and to, seconds since 1970."""
AccountFor: TypeAlias = Callable[[Sequence[Span], Collection[str], Stop], TrafficAccounted]
"""Accounts for what a run sent while its attempts ran, as these users."""


@dataclass(slots=True, kw_only=True)
class Sent:
    """Takes a run's events as they happen."""

    clock: Clock
    before: str = ""
    """When a run began that a former process had begun: what it did since is one span. UTC, ISO 8601, or empty."""
    _ended: list[Span] = field(default_factory=list)
    _running: dict[tuple[str, int], float] = field(default_factory=dict)
    _users: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Remember the former process."""
        if self.before:
            self._ended.append((datetime.fromisoformat(self.before).timestamp(), self._now()))

    def take(self, event: Event) -> None:
        """Take the next event, now."""
        match event:
            case AttemptStarted():
                self._running[event.flow, event.number] = self._now()
            case AttemptFinished() if (event.flow, event.number) in self._running:
                self._ended.append((self._running.pop((event.flow, event.number)), self._now()))
                self._users.update(event.evidence.sign_in.users)
            case _:
                pass

    @property
    def spans(self) -> tuple[Span, ...]:
        """One per attempt; one that has no end lasts to now."""
        return (*self._ended, *((began, self._now()) for began in self._running.values()))

    @property
    def users(self) -> frozenset[str]:
        """The anonymous users that were read back from attempts."""
        return frozenset(self._users)

    def _now(self) -> float:
        return self.clock.now().timestamp()
