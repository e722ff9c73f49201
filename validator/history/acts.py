"""What people, and parts other than the pipeline, add to a run after or beside its own events.

They are events like the run's own: stored in the same chain, never changed. They are numbered apart from them
(`Stream.ACT`), so that a decision by a person never takes the number of an event that still waits in a spool.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class ActKind(StrEnum):
    """What a person said about a decision."""

    OVERRIDE = "override"
    ROLLBACK = "rollback"
    FIX_FORWARD = "fix_forward"
    FALSE_POSITIVE = "false_positive"
    TRUE_POSITIVE = "true_positive"

    @property
    def decides(self) -> bool:
        """Whether it answers the question what is to be done now; feedback does not."""
        return self in (ActKind.OVERRIDE, ActKind.ROLLBACK, ActKind.FIX_FORWARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionActed:
    """A named person overrode a decision, chose to roll back or to fix forward, or judged it afterwards."""

    kind: ActKind
    by: str
    reason: str
    environment: str
    deployment: str
    """The id of the one deployment that it holds for."""
    revision: str = ""
    expires_at: str = ""
    """UTC, ISO 8601; empty when it does not expire."""
    after: str = ""
    """The id of the act that it replaces; empty for the first answer to the question."""
    evidence: tuple[str, ...] = ()
    """What the person looked at: report paths, links."""
    type: Literal["DecisionActed"] = "DecisionActed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackRun:
    """The command that goes back was run, because a named person decided so."""

    act: str
    """The id of that decision."""
    command: str
    ended: str
    """`exited`, `timed_out`, `stopped`, or `not_started`."""
    exit_code: int | None
    """Negative: the signal that ended it. None: it was never started."""
    seconds: float
    tail: tuple[str, ...] = ()
    """The last lines that it printed, without secrets."""
    type: Literal["RollbackRun"] = "RollbackRun"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsUsed:
    """A run took new anonymous accounts out of the budget of an environment."""

    environment: str
    address: str
    """The egress address that the backend counts by; empty when it does not."""
    accounts: int
    type: Literal["AccountsUsed"] = "AccountsUsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertQueued:
    """An alert has to go out."""

    key: str
    """The deduplication key: one alert per key and channel, however often it is queued."""
    channel: str
    body: str
    required: bool = True
    type: Literal["AlertQueued"] = "AlertQueued"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDeferred:
    """An alert could not be delivered; it is tried again, not before a moment."""

    key: str
    channel: str
    reason: str
    not_before: str
    type: Literal["AlertDeferred"] = "AlertDeferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDelivered:
    """An alert arrived."""

    key: str
    channel: str
    receipt: str
    type: Literal["AlertDelivered"] = "AlertDelivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStarted:
    """Old runs were exported and removed; the chain goes on from here, and this says what it goes on from."""

    previous_position: int
    previous_head: str
    before: str
    """Runs that began before this moment were removed. UTC, ISO 8601."""
    removed_events: int
    removed_runs: int
    export_name: str
    export_sha256: str
    type: Literal["ChainStarted"] = "ChainStarted"


Act = DecisionActed | RollbackRun | AccountsUsed | AlertQueued | AlertDeferred | AlertDelivered | ChainStarted
