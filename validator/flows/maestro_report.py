"""What the official Maestro CLI writes about one flow, read with distrust.

From its documentation and source, 2.8.0: `commands.json` has one entry per execution of a command, `manifest.json`
names the artefacts, and a JUnit file is written when the session itself came to its end. Before 2.7 there is no
manifest, and the commands are in no order (an `IdentityHashMap`) but that of their sequence numbers. What matters:

- An app that crashed on Android is no error to Maestro: only a `CRASH_REPORT` or `ANR_REPORT` in the manifest tells.
- A command left `RUNNING` without an error lost its device.
- JUnit says `Unknown error` where `commands.json` has the reason.
- A flow that Maestro cannot read has no commands at all: only JUnit says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict, JsonValue
from pydantic.alias_generators import to_camel

from validator.flows import junit
from validator.flows.maestro_artefacts import UnwrittenError, locate
from validator.flows.maestro_steps import VARIABLES, written
from validator.flows.reading import (
    MAX_STEPS,
    MAX_TEXT,
    Reading,
    ReportError,
    decode_file,
    nothing_executed,
    read_file,
    seconds,
)
from validator.model.attempt import Step, StepStatus
from validator.support.text import one_line

_IDLE: Final = (*VARIABLES, "runFlowCommand", "repeatCommand", "retryCommand")
_HIDDEN: Final = ("", "Unknown error", "failed")
"""What JUnit says where it does not know."""
_FRAME: Final = "\n\tat "
"""A line of a Java stack trace."""

_CONFIG = ConfigDict(alias_generator=to_camel)
_STATUSES = {
    "PENDING": StepStatus.PENDING,
    "RUNNING": StepStatus.RUNNING,
    "COMPLETED": StepStatus.PASSED,
    "FAILED": StepStatus.FAILED,
    "WARNED": StepStatus.WARNED,
    "SKIPPED": StepStatus.SKIPPED,
}
_CRASHES = {"CRASH_REPORT": "app crashed:", "ANR_REPORT": "app stopped responding (ANR):"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Error:
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Metadata:
    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG
    status: str | None = None
    timestamp: float | None = None
    duration: float | None = None
    sequence_number: int | None = None
    error: _Error | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Executed:
    command: Mapping[str, JsonValue] | None = None
    metadata: _Metadata = _Metadata()


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Artefact:
    kind: str
    metadata: _About | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manifest:
    entries: tuple[_Artefact, ...] | None = None


def read(junit_file: Path, artefacts: Path) -> Reading:
    """Read the reports of a run of one flow. Whether it passed also depends on the exit status.

    Never raises: what cannot be read or believed is a `problem`.
    """
    try:
        verdict: junit.Verdict | None = junit.read(read_file(junit_file))
        unwritten = ""
    except (junit.JunitError, ReportError) as error:
        verdict, unwritten = None, f"JUnit: {error}"
    try:
        commands, manifest = _read(artefacts)
    except UnwrittenError as error:
        return _without_commands(verdict, str(error))
    except ReportError as error:
        return Reading(problem=str(error))
    steps = tuple(_step(index, executed) for index, executed in enumerate(commands))[-MAX_STEPS:]
    crash = next(_crashes(manifest), "")
    if verdict is None:
        return Reading(steps=steps, message=crash or _message(steps, ""), problem=unwritten)
    complete = not any(step.status in (StepStatus.RUNNING, StepStatus.PENDING) for step in steps)
    claimed = verdict.passed and complete and not crash
    executed = any(_is_executed(command) for command in commands)
    return Reading(
        passed=claimed and executed,
        complete=complete,
        steps=steps,
        message=crash or ("" if verdict.passed and complete else _message(steps, verdict.failure)),
        problem=nothing_executed(len(commands)) if claimed and not executed else "",
    )


def _read(artefacts: Path) -> tuple[Sequence[_Executed], _Manifest]:
    """The commands in the order in which they began, and the manifest.

    Raises:
        ReportError: They cannot be read.
    """
    found = locate(artefacts)
    commands = decode_file(tuple[_Executed, ...], found.commands)
    if found.manifest is None:
        return sorted(commands, key=_began), _Manifest()
    return commands, decode_file(_Manifest, found.manifest)


def _began(executed: _Executed) -> tuple[int, float]:
    return executed.metadata.sequence_number or 0, executed.metadata.timestamp or 0.0


def _without_commands(verdict: junit.Verdict | None, problem: str) -> Reading:
    """A flow that Maestro refused before its first command: JUnit alone has the reason."""
    if verdict is None or verdict.passed or verdict.failure in _HIDDEN:
        return Reading(problem=problem)
    return Reading(complete=True, message=_first_words(verdict.failure))


def _is_executed(executed: _Executed) -> bool:
    """Whether it did something itself: commands that only hold others, or prepare the flow, do not count."""
    name = next(iter(executed.command or {}), "")
    return name not in _IDLE and _STATUSES.get(executed.metadata.status or "") in (StepStatus.PASSED, StepStatus.WARNED)


def _crashes(manifest: _Manifest) -> Iterator[str]:
    for artefact in manifest.entries or ():
        if artefact.kind in _CRASHES:
            said = artefact.metadata.message if artefact.metadata is not None else None
            yield one_line(f"{_CRASHES[artefact.kind]} {said or 'see its report'}", MAX_TEXT)


def _message(steps: Sequence[Step], failure: str) -> str:
    """Why the flow did not pass: what JUnit says, or what the command says that JUnit does not name."""
    if failure not in _HIDDEN:
        return _first_words(failure)
    errors = [step.error for step in steps if step.status is StepStatus.FAILED and step.error]
    left = [step.text for step in steps if step.status is StepStatus.RUNNING and not step.error]
    if errors or not left:
        return one_line(errors[-1] if errors else failure, MAX_TEXT)
    return one_line(f"Device became unreachable: a command was left running without an error: {left[-1]}", MAX_TEXT)


def _first_words(failure: str) -> str:
    """A stack trace is told by its first line, which has the exception's name; anything else is one text."""
    text = failure.strip()
    return one_line(text.split("\n", 1)[0] if _FRAME in text else text, MAX_TEXT)


def _step(index: int, executed: _Executed) -> Step:
    about = executed.metadata
    return Step(
        index=index,
        text=one_line(written(executed.command or {}), MAX_TEXT),
        status=_STATUSES.get(about.status or "", StepStatus.PENDING),
        seconds=seconds(about.duration),
        error=one_line(about.error.message or "", MAX_TEXT) if about.error is not None else "",
    )
