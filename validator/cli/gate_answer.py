"""What commands share that record what a person says about a run: the run's decision, its policy, and the person."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from validator.gates.policy import Policy
    from validator.history.store import History
    from validator.history.views import GateRecord


def decided(history: History, run: str, policy: str | None) -> tuple[GateRecord, Policy]:
    """The run's decision, and the policy that it was made by. A recorded policy cannot be replaced.

    Raises:
        UsageError: The run has not decided, or did not record its policy and none was given.
    """
    from validator.gates.file import load_policy
    from validator.model.events import RunStarted
    from validator.pipeline.terms import recorded_basis

    gate = decision_of(history, run)
    started = next(record.event for record in history.log.records(run) if isinstance(record.event, RunStarted))
    given = load_policy(Path(policy)) if policy is not None and started.terms is None else None
    return gate, recorded_basis(started, policy=given).policy


def decision_of(history: History, run: str) -> GateRecord:
    """The run's decision.

    Raises:
        UsageError: It has not decided, or there is no such run.
    """
    from validator.model.errors import UsageError

    gate = history.decisions.of_run(run)
    if gate is None:
        remedy = "name a run of `validator runs` that has decided"
        raise UsageError("this run has no decision that anybody could answer", where=run, remedy=remedy)
    return gate


def spoken(text: str) -> str:
    """A reason as it is recorded for good: without what looks like a secret, which people paste by mistake."""
    from validator.support.redact import Redactor
    from validator.support.text import visible

    return Redactor().redact(visible(text))


def git_user() -> str:
    """The address that git knows this person by; empty for none."""
    try:
        asked = subprocess.run(["git", "config", "user.email"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""
