"""Where programs run: this machine, or another one that has its own implementation (`ssh_machine`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from validator.model.errors import RetryableError
from validator.support.process import Completed, run
from validator.support.spawned import GRACE
from validator.support.stop import Stop


class MachineError(RetryableError):
    """A machine cannot be reached, or cannot do what it was asked for: its disk is full, a tool is missing."""


class NoRoomError(MachineError):
    """The machine's disk is full."""


class Machine(Protocol):
    """Runs programs. Paths are always those of this machine; an implementation finds its own for them."""

    @property
    def name(self) -> str:
        """What people call it; empty for this machine."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment that it gives to programs by itself."""
        ...

    def run(  # noqa: PLR0913 - all by keyword, nearly all with a default
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
        """Run a program to its end, its deadline or a stop, as `support.process.run` does.

        Args:
            argv: The program, as it is called there, and its arguments.
            deadline: Seconds until it is ended.
            stop: Ends it at once.
            env: Its whole environment; the machine's own when None.
            cwd: Its working directory.
            output: A file here that receives what it prints.
            on_line: Called with every line, in another thread.
            grace: Seconds between SIGTERM and SIGKILL.
            stopped_grace: The same where it is the stop that ends it; as `grace` when None.
            reads: Files and folders that it needs; they are there when it begins.
            writes: Folders that it writes to; what it wrote is here while it runs, and all of it when this returns.

        Raises:
            ProgramMissingError: It cannot be started.
            MachineError: What it needs cannot be brought there.
        """
        ...

    def named(self, text: str) -> str:
        """A text in which a program there names files, with the files of this machine that they stand for."""
        ...


class ThisMachine:
    """Implements `Machine` for the one that we run on: nothing has to be brought anywhere."""

    @property
    def name(self) -> str:
        """Empty."""
        return ""

    @property
    def environment(self) -> Mapping[str, str]:
        """Our own."""
        return os.environ

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
        reads: Sequence[Path] = (),  # noqa: ARG002 - they are here
        writes: Sequence[Path] = (),  # noqa: ARG002 - as above
    ) -> Completed:
        """Run a program; see the port."""
        return run(
            argv,
            deadline=deadline,
            stop=stop,
            env=env,
            cwd=cwd,
            output=output,
            on_line=on_line,
            grace=grace,
            stopped_grace=stopped_grace,
        )

    def named(self, text: str) -> str:
        """The text as it is."""
        return text


HERE = ThisMachine()
"""This machine."""
