"""Flows driven by the official Maestro CLI, 2.7 or later, one process per flow.

Written from its documentation and its source, 2.8.0, and tested against a stand-in that writes the documented
artefacts: no official CLI ran while this was made. Its traps, and what is done about them:

- It reports errors to its makers with its command line: nothing secret is on it, and the address leads nowhere.
- A run within 21 s of a killed one on the same device believes that the driver still runs: each run has its own home.
- It deletes folders older than 14 days beside its output folder: that folder is alone in a private one.
- It writes the values of variables into `commands.json`: what is kept of it has none.
- It speaks to the adb server on port 5037 alone.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from validator.flows import maestro_report
from validator.flows.env_file import VariableError, check_name
from validator.flows.port import FlowRequest, not_started
from validator.flows.program import configured, on_path, version_of
from validator.flows.reading import ReportError, read_file
from validator.flows.report import report
from validator.flows.surroundings import Surroundings, passed_on, surroundings
from validator.flows.unset import unset_variable
from validator.model.attempt import RunnerReport
from validator.model.errors import UsageError
from validator.support.files import write_atomic
from validator.support.process import ProgramMissingError, run
from validator.support.stop import Stop

NAME: Final = "maestro"
ADB_PORT: Final = 5037
PORT_REMEDY: Final = f"set `adb.server_port: {ADB_PORT}`, or use `flows.runner: maestro-runner`"
_OLDEST: Final = (2, 7)
_PASSED: Final = ("JAVA_HOME", "ANDROID_HOME", "ANDROID_SDK_ROOT")
_PREFIX: Final = "MAESTRO_"
_CONTROL: Final = {
    "MAESTRO_CLI_NO_ANALYTICS": "1",
    "MAESTRO_DISABLE_UPDATE_CHECK": "true",
    "MAESTRO_CLI_ANALYSIS_NOTIFICATION_DISABLED": "true",
    "MAESTRO_API_URL": "http://127.0.0.1:9",  # the discard port: its error reports contain the command line
    "MAESTRO_DRIVER_STARTUP_TIMEOUT": "60000",  # milliseconds; its own 15 s are too short for a busy machine
}
_RESERVED: Final = (*_CONTROL, "MAESTRO_OPTS", "MAESTRO_SHARD_ID", "MAESTRO_SHARD_INDEX", "MAESTRO_CLOUD_API_KEY")
_KEPT_FILES: Final = 500
_KEPT_BYTES: Final = 64 * 1024 * 1024


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
            UsageError: It is not there, does not work, or is older than 2.7.
        """
        program = find_program(path, directory)
        version = version_of(program, stop, {**passed_on(*_PASSED, "PATH"), **_CONTROL})
        numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
        if numbers < _OLDEST:
            raise UsageError(
                f"Maestro {version} is too old: its reports cannot be told apart from those of a lost device",
                where=str(program),
                remedy="install 2.7 or later: https://docs.maestro.dev/getting-started/installing-maestro",
            )
        return cls(program, version)

    @property
    def name(self) -> str:
        """Name and version."""
        return f"{NAME} {self._version}"

    def run(self, request: FlowRequest, stop: Stop) -> RunnerReport:
        """Run the flow until it ends, its deadline passes, or `stop` is set. Never raises for what they do."""
        try:
            if request.adb.server_port != ADB_PORT:
                return not_started(self.name, f"{other_port(request.adb.server_port)}: {PORT_REMEDY}")
            arguments, environment = hand_over(request.variables, request.secrets)
            with surroundings(request.adb, {**passed_on(*_PASSED), **environment, **_CONTROL}) as around:
                unset = unset_variable(request.file, request.workspace, {*request.variables, *around.environment})
                return not_started(self.name, unset) if unset else self._run(request, around, arguments, stop)
        except (VariableError, ProgramMissingError, OSError) as error:
            return not_started(self.name, str(error))

    def _run(self, request: FlowRequest, around: Surroundings, arguments: tuple[str, ...], stop: Stop) -> RunnerReport:
        home, output = around.folder / "home", around.folder / "output" / "run"
        home.mkdir()
        output.mkdir(parents=True)
        junit = request.folder / "junit.xml"
        where = ("--format", "junit", "--output", str(junit), "--test-output-dir", str(output), "--no-ansi")
        command = (str(self._program), "--device", request.serial, "test", *where, *arguments, str(request.file))
        completed = run(
            command,
            deadline=request.deadline,
            stop=stop,
            env={**around.environment, "MAESTRO_OPTS": f"-Duser.home={home}", "XDG_STATE_HOME": str(home)},
            cwd=request.folder,
            output=request.folder / "console.txt",
            grace=10.0,  # seconds; its shutdown hook stops the driver on the device
        )
        reading = maestro_report.read(junit, output)
        keep(output, request.folder)
        return report(self.name, completed, reading, command=command)


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


def hand_over(variables: Mapping[str, str], secrets: frozenset[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """How variables reach the CLI: arguments, and environment.

    The CLI takes variables from its command line, which every user of the machine can read, and those named `MAESTRO_…`
    from its environment as well. So a secret must bear such a name.

    Raises:
        VariableError: A secret would have to go on the command line, or a name means something to the CLI itself.
    """
    arguments: list[str] = []
    environment: dict[str, str] = {}
    for name, value in variables.items():
        check_name(name)
        if name in _RESERVED:
            raise VariableError(f"the flow variable {name} means something to Maestro itself: give it another name")
        if name.startswith(_PREFIX):
            environment[name] = value
        elif name in secrets:
            raise VariableError(
                f"the flow variable {name} is secret, and Maestro would take it only on its command line, which all "
                f"users of this machine can read: name it {_PREFIX}{name} in the flows and the configuration"
            )
        else:
            arguments += ["-e", f"{name}={value}"]
    return tuple(arguments), environment


def keep(output: Path, folder: Path) -> None:
    """Move what Maestro wrote to the attempt's folder, flat: at most 500 files of together 64 MiB, no links.

    What cannot be kept is left out: it is evidence, not the result.
    """
    room = _KEPT_BYTES
    for number, file in enumerate(_files(output)):
        size = file.stat().st_size
        if number >= _KEPT_FILES or size > room:
            continue
        room -= size
        target = folder / "-".join(file.relative_to(output).parts[-2:])
        with suppress(OSError, ReportError):
            if file.name == "commands.json":
                write_atomic(folder / file.name, maestro_report.scrubbed(read_file(file)))
            else:
                shutil.move(file, target)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def other_port(port: int) -> str:
    """Why the CLI is of no use with this adb server."""
    return f"the official Maestro CLI speaks only to the adb server on port {ADB_PORT}, not {port}"
