"""The files of a run's folder, each kept by an observer of its own: one that cannot be written spares the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from validator.model.events import Decided, Record, RunFinished, RunStarted
from validator.reports.decision_json import render_decision
from validator.reports.html import render_html
from validator.reports.junit import render_junit
from validator.reports.port import Observer
from validator.reports.run_json import render_run
from validator.reports.state import RunState, apply
from validator.reports.summary import render_summary
from validator.support.files import write_atomic


class ReportFile:
    """A file that tells of the whole run: written when the gate has spoken, and again when no more will come.

    It is also written for a run that was interrupted, or that never came to a decision.
    """

    def __init__(self, path: Path, render: Callable[[RunState], bytes | str]) -> None:
        self._path = path
        self._render = render
        self._state = RunState()
        self._written = -1

    def handle(self, record: Record) -> None:
        """Take one record; write at the decision and at the end."""
        self._state = apply(self._state, record)
        if isinstance(record.event, Decided | RunFinished):
            self._write()

    def close(self) -> None:
        """Write what came since."""
        if self._state.seq > self._written:
            self._write()

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(self._path, self._render(self._state))
        self._written = self._state.seq


class DecisionFile:
    """`decision.json`: there only after the gate has spoken, so that whoever finds it may trust it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._state = RunState()

    def handle(self, record: Record) -> None:
        """Take one record; an old decision goes when a run starts, the new one comes when it is made."""
        self._state = apply(self._state, record)
        match record.event:
            case RunStarted():
                self._path.unlink(missing_ok=True)
            case Decided():
                content = render_decision(self._state)
                if content is not None:
                    self._path.parent.mkdir(parents=True, exist_ok=True)
                    write_atomic(self._path, content)
            case _:
                pass

    def close(self) -> None:
        """Nothing: no decision, no file."""


class SignedFile:
    """A statement that is signed when the gate has spoken, and gone before; there is no half of it."""

    def __init__(self, path: Path, seal: Callable[[bytes], bytes | None]) -> None:
        self._path = path
        self._seal = seal
        self._state = RunState()

    def handle(self, record: Record) -> None:
        """Take one record."""
        self._state = apply(self._state, record)
        if isinstance(record.event, RunStarted):
            self._path.unlink(missing_ok=True)
        decision = render_decision(self._state) if isinstance(record.event, Decided) else None
        sealed = self._seal(decision) if decision is not None else None
        if sealed is not None:
            write_atomic(self._path, sealed)

    def close(self) -> None:
        """Nothing: no decision, no file."""


def report_files(folder: Path, *, shown_as: str) -> tuple[Observer, ...]:
    """An observer for each file of a run's folder but the journal, the decision first.

    Args:
        folder: The run's folder; made when it is not there.
        shown_as: The folder as seen from where CI looks for attachments, usually relative to the checkout.
    """
    attachments = shown_as.rstrip("/") + "/" if shown_as else ""
    return (
        DecisionFile(folder / "decision.json"),
        ReportFile(folder / "junit.xml", lambda state: render_junit(state, attachments)),
        ReportFile(folder / "run.json", render_run),
        ReportFile(folder / "summary.md", render_summary),
        ReportFile(folder / "index.html", render_html),
    )
