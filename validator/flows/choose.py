"""Which runner drives the flows: the one that the configuration names, or what is installed."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import assert_never

from validator.flows import maestro, maestro_runner_program
from validator.flows.maestro import Maestro
from validator.flows.maestro_runner import MaestroRunner
from validator.flows.port import FlowRunner
from validator.model.errors import UsageError
from validator.support.stop import Stop


class RunnerKind(StrEnum):
    """The values of `flows.runner`."""

    AUTO = "auto"
    """maestro-runner where it is installed (a project that pins it means it), otherwise the official CLI."""
    MAESTRO = "maestro"
    MAESTRO_RUNNER = "maestro-runner"


def choose(kind: RunnerKind, *, path: Path | None, directory: Path, adb_port: int, stop: Stop) -> FlowRunner:
    """Find a runner that works.

    Args:
        kind: Which one.
        path: `flows.runner_path`, relative to the directory; None to look for it.
        directory: The project's folder.
        adb_port: The port of the adb server that the devices are attached to.
        stop: Ends the search.

    Raises:
        UsageError: It is not installed, does not work, or cannot reach that adb server.
    """
    match kind:
        case RunnerKind.AUTO:
            return choose(_installed(path, directory), path=path, directory=directory, adb_port=adb_port, stop=stop)
        case RunnerKind.MAESTRO:
            if adb_port != maestro.ADB_PORT:
                raise UsageError(maestro.other_port(adb_port), where="flows.runner", remedy=maestro.PORT_REMEDY)
            return Maestro.find(path, directory, stop)
        case RunnerKind.MAESTRO_RUNNER:
            return MaestroRunner.find(path, directory, stop)
        case _:
            assert_never(kind)


def elsewhere(kind: RunnerKind, program: Path, version: str) -> FlowRunner:
    """A runner that other machines have, and this one need not.

    Args:
        kind: Which one; not `auto`.
        program: What it is called there.
        version: Its version; empty when nobody has said.
    """
    return Maestro(program, version) if kind is RunnerKind.MAESTRO else MaestroRunner(program, version)


def kind_of(program: Path) -> RunnerKind:
    """Which runner a program is, by its name."""
    return RunnerKind.MAESTRO if program.stem == maestro.NAME else RunnerKind.MAESTRO_RUNNER


def _installed(path: Path | None, directory: Path) -> RunnerKind:
    """By the name of the program where one is configured, otherwise by what can be found."""
    if path is not None:
        return kind_of(path)
    try:
        maestro_runner_program.find_program(None, directory)
    except UsageError as missing:
        return _official_or(missing, directory)
    return RunnerKind.MAESTRO_RUNNER


def _official_or(missing: UsageError, directory: Path) -> RunnerKind:
    try:
        maestro.find_program(None, directory)
    except UsageError:
        raise UsageError(
            "no flow runner is installed: neither maestro-runner nor the official Maestro CLI",
            where=str(directory),
            remedy=missing.remedy,
        ) from missing
    return RunnerKind.MAESTRO
