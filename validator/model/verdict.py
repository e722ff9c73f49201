"""What the gate says, in words and as an exit code. Apart from the rest of a decision, so that asking loads no more."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Purpose(StrEnum):
    """Why the run was made."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    """Runs and reports everything and never closes the gate: the way out is not blocked."""


class Verdict(StrEnum):
    """What the gate says. Only the first two open it."""

    APPROVED = "approved"
    APPROVED_WITH_WARNINGS = "approved_with_warnings"
    BLOCKED = "blocked"
    UNDECIDED = "undecided"

    @property
    def opens(self) -> bool:
        """Whether the gate is open."""
        return self in (Verdict.APPROVED, Verdict.APPROVED_WITH_WARNINGS)


class ExitCode(IntEnum):
    """What the process tells its caller. Each member's sentence stands in `sentence`."""

    OPEN = 0
    BLOCKED = 1
    USAGE = 2
    UNDECIDED = 3
    MISSING = 4
    UNDELIVERED = 5
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143

    @property
    def sentence(self) -> str:
        """What the code means, for documentation and `--help`."""
        return _SENTENCES[self]


_SENTENCES = {
    ExitCode.OPEN: "gate open: approved, or approved with warnings",
    ExitCode.BLOCKED: "gate closed: blocked, a confirmed product or backend failure, or not the production build",
    ExitCode.USAGE: "usage or configuration error; nothing was run",
    ExitCode.UNDECIDED: "gate closed: undecided, it could not be measured (infrastructure, throttling, flow, unknown)",
    ExitCode.MISSING: "gate closed: expected flows did not run, or none were selected",
    ExitCode.UNDELIVERED: "decided, but a required alert or deploy block could not be delivered",
    ExitCode.BUG: "bug in validator itself; the gate stays closed",
    ExitCode.INTERRUPTED: "interrupted (SIGINT); devices released, reports written, the gate stays closed",
    ExitCode.TERMINATED: "terminated (SIGTERM); devices released, reports written, the gate stays closed",
}
