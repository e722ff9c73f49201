"""Flows driven by the official Maestro CLI, 2.0 or later, one process per flow.

Written from its documentation and its source, 2.8.0, and tested against a stand-in that writes the documented
artefacts: no official CLI ran while this was made. Its traps, and what is done about them:

- It reports errors to its makers with its command line: nothing secret is on it, and the address leads nowhere.
- A run within 21 s of a killed one on the same device believes that the driver still runs: each run has its own home.
- It deletes folders older than 14 days beside its output folder: that folder is alone in a private one.
- It writes the values of variables into its reports, logs and file names: what is kept has none of those that are
  secret, and `commands.json` none at all.
- It speaks to the adb server on port 5037 alone.
- Before 2.5 it forwards port 7001 of this machine to the device: two of those at once would meet there.
- One flow file given by itself is run without the workspace's `config.yaml`: tags and order are applied by us before.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

from validator.flows import maestro_report
from validator.flows.env_file import VariableError
from validator.flows.maestro_artefacts import keep
from validator.flows.maestro_console import session_error
from validator.flows.maestro_environment import apart, control, hand_over
from validator.flows.port import FlowRequest, not_started
from validator.flows.program import VERSION_SECONDS, configured, on_path, version_of
from validator.flows.report import report
from validator.flows.surroundings import Surroundings, surroundings
from validator.flows.unset import unset_variable
from validator.model.attempt import RunnerEnd, RunnerReport
from validator.model.errors import UsageError
from validator.support.codec import map_text
from validator.support.machine import MachineError
from validator.support.process import ProgramMissingError
from validator.support.redact import Redactor
from validator.support.stop import Stop

NAME: Final = "maestro"
ADB_PORT: Final = 5037
PORT_REMEDY: Final = f"set `adb.server_port: {ADB_PORT}`, or use `flows.runner: maestro-runner`"
_OLDEST: Final = (2, 0)
_WITHOUT_FORWARD: Final = (2, 5)
"""Since then it reaches the driver through adb itself (its changelog, 2.5.0)."""
_DRIVER: Final = ("dev.mobile.maestro", "dev.mobile.maestro.test")
_DRIVER_SECONDS: Final = 5.0
_FORWARDED = threading.Lock()


class Maestro:
    """Implements `FlowRunner`."""

    def __init__(self, program: Path, version: str) -> None:
        self._program = program
        self._version = version

    @classmethod
    def find(cls, path: Path | None, directory: Path, stop: Stop) -> Self:
        """Find the program: as configured, on PATH, or where its installer puts it.

        Args:
            path: What the configuration names, relative to the directory; None to look for it.
            directory: The project's folder.
            stop: Ends the question for its version.

        Raises:
            UsageError: It is not there, does not work, or is older than 2.0.
        """
        program = find_program(path, directory)
        version = version_of(program, stop, control(VERSION_SECONDS))
        require_recent(version, str(program))
        return cls(program, version)

    @property
    def name(self) -> str:
        """Name and version."""
        return f"{NAME} {self._version}".rstrip()

    def run(self, request: FlowRequest, stop: Stop) -> RunnerReport:
        """Run the flow until it ends, its deadline passes, or `stop` is set. Never raises for what they do."""
        try:
            if request.adb.server_port != ADB_PORT:
                return not_started(self.name, f"{other_port(request.adb.server_port)}: {PORT_REMEDY}")
            if any(request.folder.iterdir()):
                return not_started(
                    self.name, f"{request.folder.name} is not empty: an older report could be taken for this one"
                )
            arguments, environment = hand_over(request.variables, request.secrets)
            given = {**environment, **control(request.deadline, request.machine)}
            with surroundings(request.adb, given, request.machine) as around:
                unset = unset_variable(request.file, request.workspace, {*request.variables, *around.environment})
                return not_started(self.name, unset) if unset else self._alone(request, around, arguments, stop)
        except MachineError as error:
            return not_started(self.name, error.text)
        except (VariableError, ProgramMissingError, OSError) as error:
            return not_started(self.name, str(error))

    def _alone(
        self, request: FlowRequest, around: Surroundings, arguments: tuple[str, ...], stop: Stop
    ) -> RunnerReport:
        """Run it, one at a time where two would meet, and leave nothing secret in what it left."""
        redactor = Redactor()
        for name in request.secrets & request.variables.keys():
            redactor.register(request.variables[name], name)
        with _one_at_a_time(stop, needed=_numbers(self._version) < _WITHOUT_FORWARD):
            seen = self._run(request, around, arguments, stop)

        def clean(text: str) -> str:
            return redactor.redact(request.machine.named(text))

        keep(around.folder / "output", request.folder, clean)
        return map_text(seen, clean)

    def _run(self, request: FlowRequest, around: Surroundings, arguments: tuple[str, ...], stop: Stop) -> RunnerReport:
        home, output = around.folder / "home", around.folder / "output" / "run"  # alone: it cleans up beside it
        home.mkdir()
        output.mkdir(parents=True)
        junit = request.folder / "junit.xml"
        where = ("--format", "junit", "--output", str(junit), "--test-output-dir", str(output), "--no-ansi")
        program = request.program or str(self._program)
        command = (program, "--device", request.serial, "test", *where, *arguments, str(request.file))
        completed = request.machine.run(
            command,
            deadline=request.deadline,
            stop=stop,
            env={**around.environment, **apart(home)},
            cwd=request.folder,
            output=request.folder / "console.txt",
            grace=10.0,  # seconds; its shutdown hook stops the driver on the device
            stopped_grace=3.0,  # where the device is gone the hook waits for it in vain
            reads=(around.folder, request.workspace),
            writes=(request.folder, around.folder / "output", home),
        )
        with suppress(OSError):
            for log in home.rglob("maestro.log"):  # of the session; those of flows are with their artefacts
                log.replace(output / "session.log")
        reading = maestro_report.read(junit, output)
        if not (reading.complete or reading.message):
            reading = replace(reading, message=session_error(request.folder / "console.txt"))
        seen = report(self.name, completed, reading, command=command)
        if seen.end is not RunnerEnd.EXITED or (seen.exit_code or 0) < 0:
            _end_driver(request, stop)
        return seen


def require_recent(version: str, where: str) -> None:
    """See that it can be told where to write.

    Raises:
        UsageError: It is older than 2.0.
    """
    if _numbers(version) < _OLDEST:
        raise UsageError(
            f"Maestro {version} is too old: it cannot be told where to write what it saw (`--test-output-dir`)",
            where=where,
            remedy="install 2.7 or later (2.0 at least), which also records crashes of the app: "
            "https://docs.maestro.dev/getting-started/installing-maestro",
        )


def find_program(path: Path | None, directory: Path) -> Path:
    """The CLI's start script.

    Raises:
        UsageError: There is none.
    """
    installed = Path.home() / ".maestro" / "bin" / NAME
    found = configured(path, directory) or on_path(NAME) or (installed if installed.is_file() else None)
    if found is None:
        raise UsageError(
            "the official Maestro CLI is not installed",
            where=str(directory),
            remedy="install it (https://docs.maestro.dev/getting-started/installing-maestro), set `flows.runner_path`, "
            "or use `flows.runner: maestro-runner`",
        )
    return found


@contextmanager
def _one_at_a_time(stop: Stop, *, needed: bool) -> Iterator[None]:
    """Wait until no other run of this process is on its way; not for longer than until the stop."""
    held = False
    while needed and not stop.is_set and not held:
        held = _FORWARDED.acquire(timeout=0.2)
    try:
        yield
    finally:
        if held:
            _FORWARDED.release()


def _end_driver(request: FlowRequest, stop: Stop) -> None:
    """End what a CLI that could not do it itself has left running on the device. It may be gone."""
    adb = (request.adb.path, "-P", str(request.adb.server_port), "-s", request.serial, "shell", "am", "force-stop")
    with suppress(ProgramMissingError, MachineError):
        for package in _DRIVER:
            request.machine.run((*adb, package), deadline=_DRIVER_SECONDS, stop=stop)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def other_port(port: int) -> str:
    """Why the CLI is of no use with this adb server."""
    return f"the official Maestro CLI speaks only to the adb server on port {ADB_PORT}, not {port}"
