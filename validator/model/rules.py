"""What causes are derived by, as a run records it: so that it can be derived again, by the same or by others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from validator.model.causes import Cause


class Source(StrEnum):
    """Where a line of evidence comes from."""

    EXIT_INFO = "exit_info"
    CRASH_LOG = "crash_log"
    DEVICE = "device"
    PREPARATION = "preparation"
    BACKEND = "backend"
    HTTP = "http"
    FOCUS = "focus"
    SCENE = "scene"
    RUNNER = "runner"


TEAM = "team:"
"""What the ids of a team's own rules begin with in records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRule:
    """A team's own rule, as it is written in a configuration or a gate file."""

    id: str
    """Without `team:`."""
    source: Source
    match: str
    """A regular expression."""
    cause: Cause
    why: str
    example: str
    near_miss: str = ""
    overrules: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that a run's causes and its decision are derived by, apart from its evidence."""

    policy: str
    """The gate's policy as canonical JSON; the SHA-256 of these bytes is the policy's digest."""
    limits: str
    """How often a flow may be run again, as canonical JSON."""
    team_rules: tuple[TeamRule, ...] = ()
    built_in_rules: str = ""
    """`sha256:…` of the built-in rules."""
