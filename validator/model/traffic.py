"""How a run's own traffic was told from that of real users: what it was marked with, and what an access log shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class WhenUnmarked(StrEnum):
    """What the gate makes of test traffic that production could not tell from real users."""

    WARN = "warn"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRequest:
    """One line of an access log, safe to show: control characters are gone, secrets are masked, texts are cut."""

    file: str
    line: int
    """1 for the first."""
    at: str
    """As the log writes it."""
    request: str
    """`POST /v1/orders 201`."""
    user: str = ""
    address: str = ""
    """Of a request that is not ours the network alone, such as `203.0.113.0/24`."""
    run: str = ""
    """The run that it says it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficProof:
    """What access logs show of a run's requests. Examples are the first few of each kind."""

    files: tuple[str, ...]
    lines: int
    marked: int
    """Requests with the run's mark, sent while its flows ran, from its addresses where those are known."""
    unmarked: int
    """Requests by the run's users or from its addresses while its flows ran, without a mark: leaks."""
    foreign: int
    """Requests with the run's mark that are none of its own: sent at another time or from elsewhere."""
    other_runs: int
    """Requests with the mark of another run, or with one that names no run."""
    broken: int
    """Lines that could not be read."""
    users: int
    """How many users were known by the end: those that were told, and those that marked requests name."""
    user_ids: tuple[str, ...] = ()
    """The first of them."""
    unmarked_examples: tuple[SeenRequest, ...] = ()
    foreign_examples: tuple[SeenRequest, ...] = ()
    broken_examples: tuple[SeenRequest, ...] = ()
    problem: str = ""
    """Why the logs prove nothing; empty when they do."""

    @property
    def separated(self) -> bool:
        """Whether they show the run's requests, each of them marked."""
        return not self.problem and self.marked > 0 and self.unmarked == 0

    @property
    def why_not(self) -> str:
        """What keeps them from proving that; empty when nothing does."""
        if self.problem:
            return self.problem
        if self.unmarked:
            first = self.unmarked_examples[0].request if self.unmarked_examples else ""
            such = f", such as {first}" if first else ""
            return f"requests of this run without its mark ({self.unmarked}) > limit (0){such}"
        return "" if self.marked else "the access log has no request with the mark of this run, so it proves nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficAccounted:
    """What the run's traffic was marked with, and whether production could tell it from that of real users."""

    marks: tuple[str, ...]
    """The ways by which the run's id travelled: `property`, `header`, `argument`."""
    addresses: tuple[str, ...] = ()
    """Addresses or networks that the run's requests come from, as they are configured."""
    unmarked: WhenUnmarked = WhenUnmarked.WARN
    proof: TrafficProof | None = None
    """None when no access log was to be read."""
    fields: tuple[tuple[str, str], ...] = ()
    """What the access log calls its fields, where the configuration says so: role and name."""
    form: str = ""
    """How it writes its lines, as configured; empty when no access log was to be read."""
    type: Literal["TrafficAccounted"] = "TrafficAccounted"
