"""What a step of GitHub Actions leaves behind: a job summary, and outputs that later steps read.

Sources: GitHub Actions, "Workflow commands": `$GITHUB_STEP_SUMMARY` takes at most 1 MiB per step, and more is not
shown at all; `$GITHUB_OUTPUT` takes one `name=value` a line. Both files are appended to.
"""

from __future__ import annotations

from pathlib import Path

from validator.model.decision import Verdict
from validator.model.events import Record
from validator.reports.state import RunState, apply
from validator.reports.summary import LIMIT, render_summary
from validator.reports.words import exit_code

_SMALLEST = 10_000
"""Bytes below which a summary says nothing useful."""


class GitHubActions:
    """Appends to the files that GitHub names; either may be absent."""

    def __init__(self, *, summary: Path | None, output: Path | None) -> None:
        self._summary = summary
        self._output = output
        self._state = RunState()

    def handle(self, record: Record) -> None:
        """Take one record."""
        self._state = apply(self._state, record)

    def close(self) -> None:
        """Append the summary and the outputs, for a run without a decision too."""
        if self._output is not None:
            _append(self._output, outputs(self._state))
        if self._summary is not None:
            room = LIMIT - (self._summary.stat().st_size if self._summary.exists() else 0)
            if room >= _SMALLEST:
                _append(self._summary, render_summary(self._state, base=None, limit=room))


def outputs(state: RunState) -> str:
    """The outputs `decision`, `gate` and `exit_code`; without a decision the gate is closed."""
    decision = state.decision
    verdict = decision.verdict if decision is not None else Verdict.UNDECIDED
    gate = "open" if verdict.opens else "closed"
    return f"decision={verdict}\ngate={gate}\nexit_code={exit_code(state).value}\n"


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
