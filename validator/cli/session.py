"""One run from its parts to its exit code: the folder, the journal, the observers, the signals."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from validator.alerts.port import Channel
from validator.cli.signals import stopping
from validator.history.journal import FILE_NAME, Journal
from validator.model.decision import ExitCode
from validator.model.events import AlertFailed, Decided, Record
from validator.pipeline.recorder import Recorder
from validator.pipeline.run import Validation
from validator.reports.console import ConsoleReport
from validator.reports.files import report_files
from validator.reports.folder import new_run_folder
from validator.reports.github import GitHubActions
from validator.reports.port import Observer
from validator.support.clock import SystemClock
from validator.support.ids import new_run_id
from validator.support.stop import Stop
from validator.wiring.parts import run_parts
from validator.wiring.prepare import Prepared


def validate(
    prepared: Prepared,
    stop: Stop,
    *,
    console: Console,
    as_json: bool = False,
    reports: Path | None = None,
    channels: Sequence[Channel] | None = None,
) -> ExitCode:
    """Run a validation and report it.

    Args:
        prepared: What is run.
        stop: Ends the run; signals set it too.
        console: Where progress is shown.
        as_json: Print `decision.json` on standard output at the end.
        reports: The folder to write to, instead of the configuration's.
        channels: Who is told, instead of the configuration's.

    Returns:
        The decision's exit code, or `UNDELIVERED` when an alert or a report could not be delivered.
    """
    clock = SystemClock()
    run = new_run_id(clock.now())
    folder = new_run_folder(reports if reports is not None else prepared.reports, run)
    parts = run_parts(prepared, run, folder, clock)
    if channels is not None:
        parts = replace(parts, channels=channels)
    recorder = Recorder(
        run=run,
        tenant=prepared.config.tenant,
        clock=clock,
        journal=Journal(folder / FILE_NAME),
        observers=_observers(folder, console),
        redact=prepared.redactor.redact,
    )
    with stopping(stop), closing(recorder):
        code = _exit_code(recorder.record(Validation(parts=parts, stop=stop).events()))
    for failure in recorder.failures:
        click.echo(f"validator: a report could not be written: {failure}", err=True)
    if as_json and (folder / "decision.json").is_file():
        click.echo((folder / "decision.json").read_text(encoding="utf-8"), nl=False)
    return ExitCode.UNDELIVERED if recorder.failures else code


def _exit_code(records: Iterable[Record]) -> ExitCode:
    """Until a decision comes by, nothing is decided."""
    code, undelivered = ExitCode.UNDECIDED, False
    for record in records:
        match record.event:
            case Decided():
                code = record.event.decision.exit_code
            case AlertFailed():
                undelivered = True
            case _:
                pass
    return ExitCode.UNDELIVERED if undelivered else code


def _observers(folder: Path, console: Console) -> Sequence[Observer]:
    shown = os.path.relpath(folder)
    files = report_files(folder, shown_as=shown)
    actions = GitHubActions(summary=_path("GITHUB_STEP_SUMMARY"), output=_path("GITHUB_OUTPUT"))
    return (ConsoleReport(console, SystemClock(), folder=shown), *files, actions)


def _path(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value) if value else None
