"""A host over ssh as a machine: the same programs, the same files, the same deadlines as here."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from validator.support.machine import MachineError
from validator.support.process import Completed, Ended
from validator.support.spawned import GRACE
from validator.support.ssh import SshConnection
from validator.support.ssh_errors import DISK_FULL, disk_full
from validator.support.ssh_mirror import Pair, SshMirror
from validator.support.ssh_program import SshProgram
from validator.support.ssh_scripts import Pulse
from validator.support.ssh_sending import Host, send
from validator.support.stop import Stop

_FOLDERS_SECONDS = 20.0
_READ_ONLY = ("BASHOPTS", "EUID", "PPID", "SHELLOPTS", "UID")
"""Of bash, where that is `sh`: to unset one would end it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A session's folders on a host."""

    state: str
    """What is kept from run to run."""
    session: str
    """The session's name."""

    @property
    def folder(self) -> str:
        """What is removed when the session is over."""
        return f"{self.state}/sessions/{self.session}"

    @property
    def temporary(self) -> str:
        """For temporary files of programs."""
        return f"{self.folder}/tmp"  # noqa: S108 - in a folder that is ours alone

    @property
    def root(self) -> str:
        """Below it lies what was sent, each file under its whole path here."""
        return f"{self.folder}/root"


class SshMachine:
    """Implements `Machine`. May be used by several threads."""

    def __init__(self, connection: SshConnection, place: Place, environment: Mapping[str, str], pulse: Pulse) -> None:
        self.connection = connection
        self._pulse = pulse
        self.place = place
        self._given = environment

    @property
    def name(self) -> str:
        """The host, as the configuration names it."""
        return self.connection.name

    @property
    def environment(self) -> Mapping[str, str]:
        """What the host gives to programs, and a folder for temporary files that goes with the session."""
        return {**self._given, "TMPDIR": self.place.temporary}

    def run(  # noqa: PLR0913 - as the port has it
        self,
        argv: Sequence[str],
        *,
        deadline: float,
        stop: Stop,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        output: Path | None = None,
        on_line: Callable[[str], None] | None = None,
        grace: float = GRACE,
        stopped_grace: float | None = None,
        reads: Sequence[Path] = (),
        writes: Sequence[Path] = (),
    ) -> Completed:
        """Run a program on the host; see the port. When the host is lost it ends as one that was stopped, by SIGHUP."""
        if stop.is_set:
            return Completed(exit_code=None, ended=Ended.STOPPED, tail=(), seconds=0.0)
        began = time.monotonic()
        folders = (*writes, *([cwd] if cwd is not None else []))
        there = self._mapped((*reads, *folders))
        self._bring(reads, folders)
        given = self.environment if env is None else env
        program = SshProgram(
            self.connection,
            self.place.folder,
            argv=[there(argument) for argument in argv],
            env={name: there(value) for name, value in given.items()},
            unset=[name for name in ("LC_ALL", *self._given) if name not in given and name not in _READ_ONLY],
            cwd=there(str(cwd)) if cwd is not None else "",
            output=output,
            named=self.named,
            on_line=on_line,
            pulse=self._pulse,
        )
        pairs = [Pair(here=folder, there=f"{self.place.root}{folder}") for folder in writes]
        with SshMirror(self.connection, pairs) as mirror, program:
            ended = _await_end(program, deadline, stop)
            program.end(stopped_grace if ended is Ended.STOPPED and stopped_grace is not None else grace)
        self._remove(reads)
        return self._completed(program, ended, time.monotonic() - began, mirror.problem)

    def _completed(self, program: SshProgram, ended: Ended, seconds: float, problem: str) -> Completed:
        if problem and ended is Ended.EXITED:  # a log that is not here could be the one that tells of a lost device
            raise MachineError(f"what the program wrote is not here: {problem}", where=self.name)
        return Completed(
            exit_code=program.exit_code if program.exit_code is not None else -signal.SIGHUP,
            ended=ended,
            tail=tuple(map(self.named, program.tail)),
            seconds=seconds,
            problem=program.output_problem or problem,
        )

    def named(self, text: str) -> str:
        """The text without the folder on the host below which our paths lie."""
        return text.replace(f"{self.place.root}{os.sep}", os.sep)

    def _mapped(self, paths: Sequence[Path]) -> Callable[[str], str]:
        """What gives a text the host's paths for ours."""
        known = sorted({str(path) for path in paths}, key=len, reverse=True)
        if not known:
            return str
        pattern = re.compile("|".join(f"{re.escape(path)}(?![^/:=,;\\s\"'])" for path in known))
        return lambda text: pattern.sub(lambda found: f"{self.place.root}{found[0]}", text)

    def _remove(self, reads: Sequence[Path]) -> None:
        """Take away what was sent for one program: it may hold secrets. What is kept from run to run stays."""
        if reads:
            with suppress(MachineError):  # the session's end removes it, too
                self.connection.ask(
                    'rm -rf -- "$@"', *(f"{self.place.root}{path}" for path in reads), seconds=_FOLDERS_SECONDS
                )

    def _bring(self, reads: Sequence[Path], folders: Sequence[Path]) -> None:
        host = Host(connection=self.connection, state=self.place.state, session=self.place.session)
        for path in reads:
            send(host, path, f"{self.place.root}{path if path.is_dir() else path.parent}")
        if folders:
            there = [f"{self.place.root}{folder}" for folder in folders]
            answer = self.connection.ask('mkdir -p "$@"', *there, seconds=_FOLDERS_SECONDS)
            if any(word in answer.complaint for word in DISK_FULL):
                raise disk_full(self.name, answer.complaint.strip()[:300], self.place.state)
            if answer.code:
                raise MachineError(answer.complaint.strip()[:300] or "mkdir failed", where=self.name)


def _await_end(program: SshProgram, deadline: float, stop: Stop) -> Ended:
    if program.wait(deadline, stop):
        return Ended.EXITED
    return Ended.STOPPED if stop.is_set or program.lost else Ended.TIMED_OUT
