"""A demo in which validator itself is killed: the beginning of a run, by a process that then dies."""

from __future__ import annotations

import sys
from pathlib import Path

from validator.model.errors import UsageError
from validator.support.process import NotReadyError, Spawned
from validator.support.stop import Stop

_LONGEST_SECONDS = 60.0


def begin_and_kill(config: Path, settled: int, stop: Stop) -> None:
    """Start `validator run` and kill it once so many flows have an outcome.

    Raises:
        UsageError: It never came that far.
    """
    seen: list[str] = []

    def far_enough(line: str) -> bool:
        if line.startswith("flow "):
            seen.append(line)
        return len(seen) >= settled

    argv = [sys.executable, "-m", "validator", "run", "-c", str(config), "--no-alerts"]
    with Spawned(argv, ready=far_enough, grace=0.0) as child:
        try:
            child.wait_ready(_LONGEST_SECONDS, stop)
        except NotReadyError as error:
            raise UsageError(f"the run that was to be killed did not come that far: {error.what}") from error
