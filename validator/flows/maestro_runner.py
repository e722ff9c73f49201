"""Flows driven by maestro-runner 1.1.x (an npm package), one process per flow.

One flow per process, because each `launchApp` wipes Android's record of the app's last end. Nothing is believed but its
structured reports, and they only together with its exit status (0 when all passed, 1 for everything else).
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

from validator.flows import maestro_runner_report
from validator.flows.belongings import belongings
from validator.flows.client_log import ClientLog
from validator.flows.env_file import VariableError, render
from validator.flows.library import Library, ProblemError
from validator.flows.maestro_runner_program import NAME, find_program
from validator.flows.port import FlowRequest, not_started
from validator.flows.program import version_of
from validator.flows.progress import Progress
from validator.flows.reading import NOT_MEASURABLE
from validator.flows.report import report
from validator.flows.surroundings import Surroundings, passed_on, surroundings
from validator.flows.unchecked import unchecked
from validator.flows.unset import unset_variable
from validator.flows.workspace_copy import WorkspaceCopy
from validator.flows.yaml_source import MAX_BYTES
from validator.model.attempt import RunnerReport
from validator.support.files import scrub, write_atomic
from validator.support.machine import HERE, Machine, MachineError
from validator.support.process import ProgramMissingError
from validator.support.stop import Stop

_PLACE = re.compile(r"parse error: (?P<file>/.+?\.ya?ml):(?P<line>[0-9]{1,7}): ")
STOPPED_GRACE: Final = 0.5
"""Seconds between SIGTERM and SIGKILL when the device is gone or the run is stopped; at a deadline it gets the usual 5.
On a device that answers the runner cleans up within 0.4 s; on one that does not it ignores SIGTERM (both measured), and
whoever waits for it waits in vain."""
_DEAD: Final = (b"Z", b"X", b"x")
"""The states of a process that has ended; proc_pid_stat(5)."""
_FORGET: Final = """
read -r pid <"$1" && ! tr '\\0' ' ' <"/proc/$pid/cmdline" | grep -qF "$2" && rm -f "$1"
"""
_FORGET_SECONDS: Final = 10.0
_LOCKS: Final = Path("/tmp")  # noqa: S108 - the runner has this place built in, whatever TMPDIR says


class MaestroRunner:
    """Implements `FlowRunner`."""

    def __init__(self, program: Path, version: str) -> None:
        self._program = program
        self._version = version

    @classmethod
    def find(cls, path: Path | None, directory: Path, stop: Stop) -> Self:
        """Find the program: as configured, on PATH, or where npm puts it below the directory.

        Args:
            path: What the configuration names, relative to the directory; None to look for it.
            directory: The project's folder.
            stop: Ends the question for its version.

        Raises:
            UsageError: It is not there, or does not work.
        """
        program = find_program(path, directory)
        return cls(program, version_of(program, stop))

    @property
    def name(self) -> str:
        """Name and version."""
        return f"{NAME} {self._version}".rstrip()

    def run(self, request: FlowRequest, stop: Stop) -> RunnerReport:
        """Run the flow until it ends, its deadline passes, or `stop` is set. Never raises for what they do."""
        try:
            if any(request.folder.iterdir()):
                return not_started(
                    self.name, f"{request.folder.name} is not empty: an older report could be taken for this one"
                )
            machine = request.machine
            with surroundings(request.adb, passed_on(machine=machine), machine) as around:
                return (
                    not_started(self.name, why)
                    if (why := _why_not(request, around))
                    else self._run(request, around, stop)
                )
        except MachineError as error:
            return not_started(self.name, error.text)
        except (VariableError, ProgramMissingError, OSError) as error:
            return not_started(self.name, str(error))

    def _run(self, request: FlowRequest, around: Surroundings, stop: Stop) -> RunnerReport:
        variables = around.folder / "variables.env"
        forget_dead_owner(request.serial, request.machine)
        write_atomic(variables, render(request.variables, around.environment), mode=0o600)
        copy = _copied(request, around)
        command = self._command(request, copy.place(request.file), variables)
        own_stop = Stop(parent=stop)
        try:
            with (
                Progress(request.folder, own_stop.set),
                ClientLog(request.folder / "client.log", own_stop.set) as log,
            ):
                completed = request.machine.run(
                    command,
                    deadline=request.deadline,
                    stop=own_stop,
                    env=around.environment,
                    cwd=request.folder,
                    output=request.folder / "console.txt",
                    stopped_grace=STOPPED_GRACE,
                    reads=(around.folder,),
                    writes=(request.folder, copy.root),
                )
        finally:
            own_stop.detach()
        if completed.exit_code is not None and completed.exit_code < 0:
            forget_dead_owner(request.serial, request.machine)
        with suppress(OSError):  # what the flow did counts without its pictures
            copy.keep_pictures(request.workspace, request.folder / "taken")
        scrub(request.folder, lambda text: copy.named(request.machine.named(text)))
        reading = maestro_runner_report.read(request.folder, request.serial)
        tail = tuple(true_place(copy.named(line), request.workspace) for line in completed.tail)
        return report(
            self.name,
            replace(completed, tail=tail),
            reading,
            command=tuple(copy.named(argument) for argument in command),
            transport_errors=log.errors,
            problem=log.problem,
        )

    def _command(self, request: FlowRequest, file: Path, variables: Path) -> tuple[str, ...]:
        device = ("--platform", "android", "--device", request.serial)
        output = ("--output", str(request.folder), "--flatten")
        return (
            request.program or str(self._program),
            "--no-ansi",
            *device,
            "test",
            "--env-file",
            str(variables),
            *output,
            str(file),
        )


def _why_not(request: FlowRequest, around: Surroundings) -> str:
    """Why this flow cannot be measured with this runner; empty when it can."""
    given = {*request.variables, *around.environment}
    found = unchecked(request.file, request.workspace)
    return NOT_MEASURABLE + found if found else unset_variable(request.file, request.workspace, given)


def _copied(request: FlowRequest, around: Surroundings) -> WorkspaceCopy:
    """All that the flow calls for where the runner may write; the whole workspace where only the flow knows what."""
    library = Library(request.workspace)
    try:
        files = [Path(os.path.normpath(request.workspace / name)) for name in belongings(request.file, library)]
        whole = any(flow.unknown_references for flow in library.flows.values())
    except ProblemError:
        files, whole = [request.file], True  # what is wrong with it is told by the runner
    commands = (command for flow in library.flows.values() for command in flow.all_commands)
    records = whole or any(command.name == "startRecording" for command in commands)
    copy = WorkspaceCopy(around.folder / "files", records=records)
    copy.take_files(files)
    if whole:
        copy.take_folder(request.workspace)
    return copy


def true_place(line: str, workspace: Path) -> str:
    """A line of the runner with the place of a mistake as an editor shows it.

    maestro-runner 1.1.27 counts the lines of a flow from the `---` below its header (measured), and names whole paths:
    `/home/ci/shop/.maestro/login.yaml:2: unknown step type` becomes `login.yaml:4: unknown step type`.
    """
    found = _PLACE.search(line)
    if found is not None:
        number = int(found["line"]) + _lines_above_commands(Path(found["file"]))
        line = f"{line[: found.start('line')]}{number}{line[found.end('line') :]}"
    return line.replace(f"{workspace}{os.sep}", "")


def _lines_above_commands(file: Path) -> int:
    try:
        with file.open("rb") as stream:
            lines = stream.read(MAX_BYTES).splitlines()
    except OSError:
        return 0
    separators = [number for number, text in enumerate(lines, start=1) if text.strip() == b"---" and number > 1]
    return separators[0] if separators else 0


def forget_dead_owner(serial: str, machine: Machine = HERE) -> None:
    """Remove the mark of a killed runner that says "device already in use", if that runner is no more.

    A runner ended by SIGKILL leaves /tmp/uia2-SERIAL.sock and .pid. The next one takes the device over when the process
    in the .pid file is gone, but is fooled when its number has been given to another process by then, and by a zombie
    that nobody reaps. The socket stays: it tells the next runner to remove the dead forward in the adb server too.
    """
    mark = _LOCKS / f"uia2-{serial}.pid"
    if machine.name:
        argv = ("/bin/sh", "-c", _FORGET, "sh", str(mark), NAME)
        with suppress(MachineError, ProgramMissingError):  # the run that follows tells what is wrong with the machine
            machine.run(argv, deadline=_FORGET_SECONDS, stop=Stop())
        return
    with suppress(OSError, ValueError):
        if not _is_runner(int(mark.read_text(encoding="ascii"))):
            mark.unlink()


def _is_runner(process: int) -> bool:
    """Whether a living process of this number may be a runner: a dead runner's number may be another process' now."""
    try:
        os.kill(process, 0)
        about = Path(f"/proc/{process}")
        command = (about / "cmdline").read_bytes()  # empty for a zombie, and for a moment in a process that begins
        state = (about / "stat").read_bytes().rpartition(b")")[2].split()[0]
    except ProcessLookupError:
        return False
    except OSError:  # there is no /proc, or it is not ours to look at
        return True
    return may_be_runner(command, state)


def may_be_runner(command: bytes, state: bytes) -> bool:
    """Whether a process may be a runner, by its command line and its state, both as in /proc."""
    return NAME.encode() in command or (not command and state not in _DEAD)
