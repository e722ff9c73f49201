"""One run from its parts to its exit code: the folder, the record, the observers, the signals."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.console import Console

from validator.alerts.port import Channel
from validator.cli.signals import stopping
from validator.history.journal import FILE_NAME, Journal
from validator.history.log import EventLog
from validator.history.observer import HistoryObserver, UnrecordedError
from validator.history.recover import recover
from validator.model.decision import ExitCode
from validator.model.events import AlertFailed, Decided, Record, StopReason
from validator.pipeline.parts import Parts
from validator.pipeline.past import Past, remember
from validator.pipeline.recorder import Recorder
from validator.pipeline.run import Validation
from validator.reports.console import ConsoleReport
from validator.reports.files import report_files
from validator.reports.folder import find_run_folder, held, new_run_folder
from validator.reports.github import GitHubActions
from validator.reports.port import Observer
from validator.support.clock import SystemClock
from validator.support.ids import new_run_id
from validator.support.stop import Stop
from validator.telemetry.observer import Telemetry
from validator.wiring.accounts import run_accounts
from validator.wiring.alerts import run_channels
from validator.wiring.baselines import baselines
from validator.wiring.begun import BeginningTold
from validator.wiring.history import open_history
from validator.wiring.parts import run_parts
from validator.wiring.prepare import Prepared
from validator.wiring.resume import require_resumable
from validator.wiring.signing import signed_files
from validator.wiring.telemetry import require_encoder, run_telemetry

_SIGNALLED = {StopReason.INTERRUPTED: ExitCode.INTERRUPTED, StopReason.TERMINATED: ExitCode.TERMINATED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A run that this process holds."""

    run: str
    folder: Path
    records: Sequence[Record] = ()
    """What is recorded already; empty for a new run."""


def validate(
    prepared: Prepared,
    stop: Stop,
    *,
    console: Console,
    as_json: bool = False,
    channels: Sequence[Channel] | None = None,
    resume: str = "",
) -> ExitCode:
    """Run a validation and report it.

    Args:
        prepared: What is run.
        stop: Ends the run; signals set it too.
        console: Where progress is shown.
        as_json: Print `decision.json` on standard output at the end.
        channels: Who is told, instead of the configuration's.
        resume: The run to go on with, instead of a new one.

    Returns:
        The decision's exit code, or `UNDELIVERED` when an alert or a report could not be delivered.
    """
    if prepared.config.telemetry.otlp is not None:
        require_encoder()
    with open_history(prepared) as store:
        history = store.tenant(prepared.config.tenant)
        told = run_channels(prepared, store, SystemClock()) if channels is None else channels
        with _resumed(prepared.reports, resume, history.log) if resume else _new(prepared.reports) as session:
            past = remember(record.event for record in session.records)
            if resume:
                require_resumable(past, prepared, session.run)
            telemetry = run_telemetry(prepared, session.run, SystemClock())
            recorder = _recorder(prepared, session, history.log, console, stop, telemetry, told)
            with stopping(stop), closing(recorder):
                parts = run_parts(prepared, session.run, session.folder, SystemClock(), channels=told)
                usual = baselines(history, prepared.config.environment)
                accounts = run_accounts(prepared.config, prepared.resolvers, history, session.run, SystemClock())
                code = _played(replace(parts, baselines=usual, accounts=accounts), past, recorder, stop)
    for failure in recorder.failures:
        click.echo(f"validator: a report could not be written: {failure}", err=True)
    if telemetry is not None and telemetry.problem:
        click.echo(f"validator: the run's spans and metrics were not sent: {telemetry.problem}", err=True)
    if as_json and (session.folder / "decision.json").is_file():
        click.echo((session.folder / "decision.json").read_text(encoding="utf-8"), nl=False)
    return ExitCode.UNDELIVERED if recorder.failures else code


@contextmanager
def _new(reports: Path) -> Iterator[Session]:
    run = new_run_id(SystemClock().now())
    folder = new_run_folder(reports, run)
    with held(folder):
        yield Session(run=run, folder=folder)


@contextmanager
def _resumed(reports: Path, run: str, log: EventLog) -> Iterator[Session]:
    folder = find_run_folder(reports, run)
    with held(folder):
        records = recover(folder / FILE_NAME, folder.name, log)
        yield Session(run=folder.name, folder=folder, records=records)


def _recorder(
    prepared: Prepared,
    session: Session,
    log: EventLog,
    console: Console,
    stop: Stop,
    telemetry: Telemetry | None,
    told: Sequence[Channel],
) -> Recorder:
    clock, lasts = SystemClock(), prepared.config.deadline.total_seconds()
    journal = HistoryObserver(Journal(session.folder / FILE_NAME), log, clock, lasts=lasts, stop=stop)
    beginning = BeginningTold(channels=told, is_stored=lambda: not journal.unstored)
    recorder = Recorder(
        run=session.run,
        tenant=prepared.config.tenant,
        clock=clock,
        journal=journal,
        observers=(
            *_observers(session.folder, console),
            *signed_files(prepared, session.folder),
            *((telemetry,) if telemetry is not None else ()),
            *(() if session.records else (beginning,)),
        ),
        redact=prepared.redactor.redact,
    )
    recorder.replay(session.records)
    return recorder


def _played(parts: Parts, past: Past, recorder: Recorder, stop: Stop) -> ExitCode:
    """Play the run to its end; what it comes to."""
    events = Validation(parts=parts, stop=stop, past=past).events()
    decided = past.decision.exit_code if past.decision is not None else ExitCode.UNDECIDED
    try:
        return _exit_code(recorder.record(events), decided)
    except UnrecordedError as error:
        click.echo(f"validator: {error.diagnostics()}", err=True)
        return _SIGNALLED.get(StopReason(stop.reason), ExitCode.UNDECIDED) if stop.is_set else ExitCode.UNDECIDED


def _exit_code(records: Iterable[Record], code: ExitCode) -> ExitCode:
    """Until a decision comes by, nothing is decided."""
    undelivered = False
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
    commands = sys.stderr if os.environ.get("GITHUB_ACTIONS") == "true" else None
    actions = GitHubActions(summary=_path("GITHUB_STEP_SUMMARY"), output=_path("GITHUB_OUTPUT"), commands=commands)
    return (ConsoleReport(console, SystemClock(), folder=shown), *files, actions)


def _path(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value) if value else None
