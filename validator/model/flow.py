"""One Maestro flow file of the team."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from validator.model.needs import NOTHING, Needs


class FlowOutcome(StrEnum):
    """What all attempts of one flow come to."""

    PASSED = "passed"
    FLAKY = "flaky"
    """Passed only after failing."""
    FAILED = "failed"
    """The app or the backend did something wrong, and did it again."""
    INCONCLUSIVE = "inconclusive"
    """Could not be measured."""
    MISSING = "missing"
    """Expected, and never run: absence is not a pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One flow: what it is called, where it lies, and whether the gate needs it."""

    name: str
    """The `name:` of its header, or its file name without the ending."""
    file: str
    """The path relative to the workspace, with `/`."""
    app_id: str = ""
    tags: tuple[str, ...] = ()
    required: bool = True
    digest: str = ""
    """`sha256:…` of the file as it was run."""
    uses: str = ""
    """`sha256:…` over the file and all that it calls for: subflows, scripts, media. Empty in older records."""
    needs: Needs = NOTHING
    """What it asks of the device that it runs on."""
    after: str = ""
    """The flow that has to have its outcome before this one begins: the workspace's own order."""
    after_pass: bool = False
    """Whether it has to have passed; otherwise this one does not run."""
    problem: str = ""
    """Why the file cannot be a flow, as `file:line:col: reason`; empty when it can."""
