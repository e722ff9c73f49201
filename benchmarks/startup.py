"""How long the command line takes to say anything, and the gate to answer."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measure import alternately, tell, wall_time
from tests.fakes.runs import approved
from tests.history.samples import a_run
from validator.history.store import open_store

ROUNDS = 15
RUNS = 10_000
PROGRAM = str(Path(sys.executable).with_name("validator"))


def main() -> None:
    """`validator --help` beside importing click, and `gate check` on a full record beside Python itself."""
    ours, theirs = _beside([PROGRAM, "--help"], "import click")
    tell("validator --help", ours, theirs, 'python -c "import click"', goal=2.0)
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{folder}/history.db"
        question = [PROGRAM, "gate", "check", "-e", "production", "--deployment-id", _filled(store), "--history", store]
        ours, theirs = _beside(question, "pass")
    tell(f"gate check, {RUNS:,} runs recorded", ours, theirs, 'python -c "pass"', goal=8.0)


def _beside(command: Sequence[str], code: str) -> tuple[float, float]:
    return alternately(lambda: wall_time(command), lambda: wall_time([sys.executable, "-c", code]), ROUNDS)


def _filled(address: str) -> str:
    """A record of approved runs, one a minute until now; the deployment of the last."""
    began = datetime.fromisoformat(approved()[0].at)
    age = (datetime.now(UTC) - timedelta(minutes=RUNS + 10) - began) / timedelta(days=1)
    with open_store(address) as store:
        log = store.tenant("default").log
        for number in range(RUNS):
            log.append(a_run(f"run-{number:06d}", approved, days=age + number / 1440, deployment=f"dep-{number}"))
    return f"dep-{RUNS - 1}"
