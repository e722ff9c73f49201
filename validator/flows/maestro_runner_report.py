"""What maestro-runner 1.1.x writes about one flow, read with distrust. Pure but for reading two small files.

`report.json` is the index and `flows/flow-000.json` holds the commands. Traps, all measured:

- An interrupted run leaves `status: running`, and its JUnit file says that all passed; so JUnit is not read at all.
- A failed *optional* command has status `failed` as well, and the flow's own `error` is that of the *first* failed
  command, optional or not. The command that ended the flow is the last failed one that is not optional.
- What `onFlowStart` did is not recorded: when it fails, all commands stay pending and only the index says why.
- A `runFlow`, `repeat` or `retry` whose condition was not met has passed, and looks like one whose own commands are all
  nested and therefore not recorded. Only its log tells them apart: its last count has every command that ran.
- Only a selector carries the mark `optional`; on `assertTrue`, `runFlow` or `runScript`, and inside `subCommands`,
  nothing tells that a failed command was optional. Nested `repeat` and `retry` are not recorded.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

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

_DEEPEST: Final = 20

_CONFIG = ConfigDict(alias_generator=to_camel)
_NESTING = ("runFlow", "repeat", "retry")
_ON_START = "onFlowStart failed:"
_COMPLETED = re.compile(
    rb"=== Flow completed: .*\(status: \w+, duration: \S+, "
    rb"passed: (\d{1,9}), failed: (\d{1,9}), skipped: \d{1,9}\) ===$",
    re.MULTILINE,
)
_DATA_FILE = re.compile(r"flows/flow-\d+\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counts:
    total: int
    passed: int
    failed: int
    skipped: int
    running: int
    pending: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Device:
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG
    id: str
    data_file: str
    status: str
    commands: _Counts
    device: _Device | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    status: str
    summary: _Counts
    flows: tuple[_Entry, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Selector:
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Params:
    selector: _Selector | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Error:
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Command:
    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG
    status: str
    type: str = ""
    yaml: str = ""
    duration: float | None = None
    params: _Params | None = None
    error: _Error | None = None
    sub_commands: tuple[_Command, ...] | None = None

    @property
    def optional(self) -> bool:
        return self.params is not None and self.params.selector is not None and self.params.selector.optional


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flow:
    id: str
    commands: tuple[_Command, ...] | None = None


def read(folder: Path, serial: str) -> Reading:
    """Read the reports of a run of one flow on one device. Whether it passed also depends on the exit status.

    Never raises: what cannot be read or believed is a `problem`.
    """
    try:
        index = decode_file(_Index, folder / "report.json")
        entry = _only_flow(index, serial)
        flow = decode_file(_Flow, folder / entry.data_file)
    except ReportError as error:
        return Reading(problem=str(error))
    if flow.id != entry.id:
        return Reading(problem=f"{entry.data_file} is about another flow: {one_line(flow.id, 80)}")
    reading = _judge(index, entry, flow.commands or ())
    if reading.passed and not _anything_executed(flow.commands or (), folder):
        return replace(reading, passed=False, problem=nothing_executed(len(flow.commands or ())))
    return reading


def _anything_executed(commands: Sequence[_Command], folder: Path) -> bool:
    """Whether a command ran that is more than a frame for others; where only frames are recorded, the log counts."""
    known = any(
        command.type not in _NESTING and status in (StepStatus.PASSED, StepStatus.WARNED)
        for command, status in _rows(commands, None, 0)
    )
    return known or _executed_by_log(folder / "maestro-runner.log")


def _executed_by_log(log: Path) -> bool:
    try:
        counts = _COMPLETED.findall(read_file(log))
    except ReportError:
        return False
    return bool(counts) and any(int(number) for number in counts[-1])


def _judge(index: _Index, entry: _Entry, commands: Sequence[_Command]) -> Reading:
    states = (index.status, entry.status)
    passed = states == ("passed", "passed") and index.summary.passed == 1
    failed = states == ("failed", "failed") and index.summary.failed == 1
    still_open = sum(counts.running + counts.pending for counts in (index.summary, entry.commands))
    unfinished = any(command.status in ("running", "pending") for command in commands)
    ended = (passed or failed or entry.status == "skipped") and not still_open and not unfinished
    complete = ended or (failed and _failed_on_start(entry, commands))
    ended_by = _last_failed(commands) if failed else None
    return Reading(
        passed=passed and complete,
        complete=complete,
        steps=_steps(commands, ended_by),
        message=_message(entry, ended_by) if complete and not passed else "",
    )


def _failed_on_start(entry: _Entry, commands: Sequence[_Command]) -> bool:
    """Whether the flow was over before its first command: the index has the reason, and nothing else is recorded."""
    untouched = all(command.status == "pending" for command in commands)
    return untouched and (entry.error or "").startswith(_ON_START)


def _only_flow(index: _Index, serial: str) -> _Entry:
    flows = index.flows or ()
    if len(flows) != 1 or index.summary.total != 1:
        raise ReportError(
            f"report.json is about {len(flows)} flows (its summary says {index.summary.total}), not about one"
        )
    entry = flows[0]
    if not _DATA_FILE.fullmatch(entry.data_file):
        raise ReportError(f"report.json names a strange data file: {one_line(entry.data_file, 80)}")
    if entry.device is not None and entry.device.id != serial:
        raise ReportError(f"report.json is about the device {one_line(entry.device.id, 80)}, not {serial}")
    return entry


def _last_failed(commands: Sequence[_Command]) -> _Command | None:
    """The command that ended a failed flow: the first failure of one that is not optional stops it."""
    failed = [command for command in commands if command.status == "failed" and not command.optional]
    return failed[-1] if failed else None


def _message(entry: _Entry, ended_by: _Command | None) -> str:
    said = ended_by.error.message if ended_by is not None and ended_by.error is not None else entry.error
    return one_line(said or f"the flow ended as {entry.status}, without a message", MAX_TEXT)


def _steps(commands: Sequence[_Command], ended_by: _Command | None) -> tuple[Step, ...]:
    rows = deque(enumerate(_rows(commands, ended_by, 0)), maxlen=MAX_STEPS)
    return tuple(
        Step(
            index=index,
            text=one_line(command.yaml or command.type, MAX_TEXT),
            status=status,
            seconds=seconds(command.duration),
            error=one_line(command.error.message, MAX_TEXT) if command.error is not None else "",
        )
        for index, (command, status) in rows
    )


def _rows(commands: Sequence[_Command], ended_by: _Command | None, depth: int) -> Iterator[tuple[_Command, StepStatus]]:
    """Commands in the order of the flow, each before those that it consists of."""
    for command in commands:
        yield command, _status(command, ended_by)
        inner = command.sub_commands or ()
        if inner and depth < _DEEPEST:
            yield from _rows(inner, _last_failed(inner) if command is ended_by else None, depth + 1)


def _status(command: _Command, ended_by: _Command | None) -> StepStatus:
    if command.status == StepStatus.FAILED and command is not ended_by:
        return StepStatus.WARNED  # the flow went on after it, so it was optional
    known = command.status in (StepStatus.PASSED, StepStatus.FAILED, StepStatus.SKIPPED, StepStatus.RUNNING)
    return StepStatus(command.status) if known else StepStatus.PENDING
