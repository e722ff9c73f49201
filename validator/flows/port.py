"""What a flow runner offers the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from validator.model.attempt import RunnerEnd, RunnerReport
from validator.model.device import AdbAddress
from validator.support.machine import HERE, Machine
from validator.support.stop import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRequest:
    """One flow to run once on one device."""

    file: Path
    """The flow file, absolute."""
    workspace: Path
    """The folder it belongs to, absolute."""
    serial: str
    adb: AdbAddress
    """The adb there that knows this serial: the runner is made to use the same program and the same server."""
    machine: Machine = HERE
    """The machine that the device is attached to; the runner runs there."""
    program: str = ""
    """The runner's program there; empty: the one that was found on this machine."""
    package: str
    variables: Mapping[str, str] = field(repr=False)
    """Flow variables; they reach the runner by file or environment, never on its command line."""
    secrets: frozenset[str] = frozenset()
    """The names of the variables that must not be shown to anyone."""
    folder: Path
    """An empty folder for whatever the runner writes; absolute."""
    deadline: float
    """Seconds until the runner is ended."""


class FlowRunner(Protocol):
    """Runs one flow per process, and reads what the process left behind."""

    @property
    def name(self) -> str:
        """Name and version, such as `maestro-runner 1.1.27`."""
        ...

    def run(self, request: FlowRequest, stop: Stop) -> RunnerReport:
        """Run the flow until it ends, its deadline passes, or `stop` is set. Never raises for what they do."""
        ...


def not_started(runner: str, problem: str) -> RunnerReport:
    """The report of a runner that could not even be started."""
    return RunnerReport(
        runner=runner, end=RunnerEnd.NOT_STARTED, exit_code=None, passed=False, complete=False, problem=problem
    )
