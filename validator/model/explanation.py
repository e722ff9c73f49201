"""Why a run came to what it came to: what was seen, which rule spoke, what followed, what would have changed it."""

from __future__ import annotations

from dataclasses import dataclass

from validator.model.attempt import AttemptOutcome
from validator.model.decision import SettledFlow, Verdict
from validator.model.failure import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One thing that was seen of an attempt."""

    subject: str
    """`runner`, `device`, `screen`, `app`, `http` or `backend`."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """Something that might have gone otherwise, and what would have followed."""

    had: str
    """`attempt 2 passed`: what follows the word "had"."""
    then: str
    """What would have become of the flow or the run: `the flow would be flaky`."""
    verdict: Verdict | None
    """What would have been decided; None when that cannot be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedAttempt:
    """One attempt, from what was seen to what followed from it."""

    number: int
    serial: str
    purpose: str
    """`first`, `confirm` or `retry`."""
    seconds: float
    outcome: AttemptOutcome | None
    """None when the run ended under it."""
    folder: str
    seen: tuple[Seen, ...] = ()
    failure: Failure | None = None
    """What the rule that spoke made of it, as it was recorded."""
    outweighed: tuple[Failure, ...] = ()
    """What other rules make of it that match too."""
    followed: str = ""
    """What was concluded from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedFlow:
    """One expected flow."""

    name: str
    required: bool
    settled: SettledFlow | None
    attempts: tuple[ExplainedAttempt, ...]
    otherwise: tuple[Otherwise, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One run."""

    run: str
    environment: str
    verdict: Verdict | None
    """None while nothing is decided."""
    flows: tuple[ExplainedFlow, ...]
    otherwise: tuple[Otherwise, ...]
    """What concerns the run as a whole: its policy, its devices."""
    notes: tuple[str, ...] = ()
    decided_by: str = ""
    """The worst reason, with its numbers; empty while nothing is decided."""
