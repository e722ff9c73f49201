"""Two environments side by side: in what they are alike, in what they differ, and how much that matters."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Importance(StrEnum):
    """How much a difference matters."""

    CRITICAL = "critical"
    """What holds in one environment says nothing about the other."""
    WARNING = "warning"
    """It may explain why something works here and not there."""
    INFO = "info"


class Status(StrEnum):
    """How two environments compare in one thing."""

    MATCH = "match"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One thing, in both environments."""

    name: str
    """Dotted: `outputs.api_url`, `endpoints.readiness.0.tls.issuer`."""
    status: Status
    left: str
    """For a person; empty where it is not there. Never a secret."""
    right: str
    importance: Importance = Importance.INFO
    """Of the difference."""
    remedy: str = ""
    allowed: str = ""
    """Why the difference is meant to be, by the word of a configuration; empty when nobody says so."""

    @property
    def counts(self) -> bool:
        """Whether it is a difference that nobody declared."""
        return self.status is Status.DIFFERS and not self.allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """Everything that was compared."""

    left: str
    right: str
    """The names of the environments."""
    comparisons: tuple[Comparison, ...]

    def words(self, found: Comparison) -> str:
        """One comparison: its name, and both sides."""
        left, right = found.left or "not there", found.right or "not there"
        return f"{found.name}: {left} in {self.left}, {right} in {self.right}"

    def undeclared(self, importance: Importance) -> tuple[Comparison, ...]:
        """The differences of an importance that nobody declared."""
        return tuple(found for found in self.comparisons if found.counts and found.importance is importance)
