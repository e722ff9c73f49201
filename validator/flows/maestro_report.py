"""What the official Maestro CLI 2.7+ writes about one flow, read with distrust.

From its documentation and source, 2.8.0: `commands.json` has one entry per execution of a command, `manifest.json`
names the artefacts, and a JUnit file is written when the session itself came to its end. Three things matter here:

- An app that crashed on Android is no error to Maestro: only a `CRASH_REPORT` or `ANR_REPORT` in the manifest tells.
- A command left `RUNNING` without an error lost its device.
- JUnit says `Unknown error` where `commands.json` has the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict, JsonValue
from pydantic.alias_generators import to_camel

from validator.flows import junit
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
from validator.support.codec import UndecodableError, decode
from validator.support.text import one_line

_MOST_FILES: Final = 20_000
_SECRETIVE: Final = ("defineVariablesCommand", "applyConfigurationCommand")
"""Commands whose values are those of variables."""
_IDLE: Final = (*_SECRETIVE, "runFlowCommand", "repeatCommand", "retryCommand")

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
    duration: float | None = None
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
        commands = decode_file(tuple[_Executed, ...], _only(artefacts, "commands.json"))
        manifest = decode_file(_Manifest, _only(artefacts, "manifest.json"))
    except ReportError as error:
        return Reading(problem=str(error))
    steps = tuple(_step(index, executed) for index, executed in enumerate(commands))[-MAX_STEPS:]
    crash = next(_crashes(manifest), "")
    try:
        verdict = junit.read(read_file(junit_file))
    except (junit.JunitError, ReportError) as error:
        return Reading(steps=steps, message=crash or _message(steps, ""), problem=f"JUnit: {error}")
    complete = not any(step.status in (StepStatus.RUNNING, StepStatus.PENDING) for step in steps)
    claimed = verdict.passed and complete and not crash
    executed = any(_is_executed(command) for command in commands)
    return Reading(
        passed=claimed and executed,
        complete=complete,
        steps=steps,
        message=crash or ("" if verdict.passed else _message(steps, verdict.failure)),
        problem=nothing_executed(len(commands)) if claimed and not executed else "",
    )


def _is_executed(executed: _Executed) -> bool:
    """Whether it did something itself: commands that only hold others, or prepare the flow, do not count."""
    name = next(iter(executed.command or {}), "")
    return name not in _IDLE and _STATUSES.get(executed.metadata.status or "") in (StepStatus.PASSED, StepStatus.WARNED)


def scrubbed(commands: bytes) -> bytes:
    """`commands.json` without the values of variables, which Maestro writes into it in clear.

    Raises:
        ReportError: It is not JSON of that shape; whoever keeps files should not keep this one.
    """
    try:
        entries = decode(list[dict[str, JsonValue]], commands)
    except UndecodableError as error:
        raise ReportError(f"commands.json: {one_line(str(error), 200)}") from error
    return json.dumps([_without_values(entry) for entry in entries], ensure_ascii=False).encode("utf-8", "replace")


def _without_values(entry: dict[str, JsonValue]) -> dict[str, JsonValue]:
    kept = dict(entry)
    command, metadata = entry.get("command"), entry.get("metadata")
    if isinstance(command, dict):
        kept["command"] = {name: {} if name in _SECRETIVE else value for name, value in command.items()}
    if isinstance(metadata, dict):
        kept["metadata"] = {name: value for name, value in metadata.items() if name != "evaluatedCommand"}
    return kept


def _crashes(manifest: _Manifest) -> Iterator[str]:
    for artefact in manifest.entries or ():
        if artefact.kind in _CRASHES:
            said = artefact.metadata.message if artefact.metadata is not None else None
            yield one_line(f"{_CRASHES[artefact.kind]} {said or 'see its report'}", MAX_TEXT)


def _message(steps: Sequence[Step], failure: str) -> str:
    errors = [step.error for step in steps if step.status is StepStatus.FAILED and step.error]
    hidden = failure in ("", "Unknown error", "failed")
    first_line = failure.strip().split("\n", 1)[0]
    return one_line(errors[-1] if errors and hidden else first_line, MAX_TEXT)


def _step(index: int, executed: _Executed) -> Step:
    about = executed.metadata
    return Step(
        index=index,
        text=_text(executed.command or {}),
        status=_STATUSES.get(about.status or "", StepStatus.PENDING),
        seconds=seconds(about.duration),
        error=one_line(about.error.message or "", MAX_TEXT) if about.error is not None else "",
    )


def _text(command: Mapping[str, JsonValue]) -> str:
    name, value = next(iter(command.items()), ("command", None))
    plain = name.removesuffix("Command")
    shown = name not in _SECRETIVE and value not in (None, {}, "")
    return one_line(f"{plain}: {json.dumps(value, ensure_ascii=False)}" if shown else plain, MAX_TEXT)


def _only(folder: Path, name: str) -> Path:
    """The one file of this name: Maestro puts it into a folder named after the time, in one named after the flow."""
    found: list[Path] = []
    for seen, path in enumerate(folder.rglob("*")):
        if seen > _MOST_FILES:
            raise ReportError(f"more than {_MOST_FILES} artefacts were written")
        if path.name == name and path.is_file() and not path.is_symlink():
            found.append(path)
    if len(found) != 1:
        raise ReportError(f"{name} was {f'written {len(found)} times' if found else 'not written'}")
    return found[0]
