"""A program as the leader of its own process group and session, which ends as a whole."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from validator.model.errors import PermanentError
from validator.support.guard import GUARD, unmarked

_UNKILLABLE_SECONDS = 5.0
"""How long the kernel gets to take away what SIGKILL has hit; it needs longer only inside a broken driver."""


class ProgramMissingError(PermanentError):
    """A program cannot be started."""


class Group:
    """One running program and all that it starts. Its output must be read: it blocks when the pipe is full."""

    def __init__(self, child: subprocess.Popen[bytes], *, guarded: bool, on_exit: Callable[[], None]) -> None:
        self._child = child
        self._guarded = guarded
        self._on_exit = on_exit
        self._exited = threading.Event()
        if guarded:
            GUARD.add(child.pid)
        self._waiter = threading.Thread(target=self._await_exit, name=f"exit of {child.pid}", daemon=True)
        self._waiter.start()

    @classmethod
    def start(
        cls,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None,
        cwd: Path | None,
        guarded: bool,
        on_exit: Callable[[], None],
    ) -> Group:
        """Start the program. `on_exit` is called in another thread when the leader has exited.

        Raises:
            ProgramMissingError: It cannot be started.
        """
        inherited = os.environ if env is None else env
        try:
            child = subprocess.Popen(
                list(argv),
                env=GUARD.environment(inherited) if guarded else unmarked(inherited),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise _cannot_start(argv[0], cwd, error) from error
        return cls(child, guarded=guarded, on_exit=on_exit)

    @property
    def output(self) -> IO[bytes]:
        """The reading end of the pipe that both output streams go to."""
        return cast("IO[bytes]", self._child.stdout)

    @property
    def exited(self) -> bool:
        """Whether the leader has exited."""
        return self._exited.is_set()

    @property
    def exit_code(self) -> int | None:
        """The leader's exit status, negative for a signal; None before `end`."""
        return self._child.returncode

    def end(self, grace: float) -> None:
        """End the whole group: SIGTERM, then SIGKILL after `grace` seconds; at once when the leader is gone."""
        try:
            if not self.exited:
                self._signal(signal.SIGTERM)
                self._exited.wait(grace)
        finally:
            # The leader is not reaped yet, so that its number cannot have become another group's.
            self._signal(signal.SIGKILL)
            self._exited.wait(_UNKILLABLE_SECONDS)
            self._reap()

    def _reap(self) -> None:
        if self.exited:
            if self._guarded:
                GUARD.remove(self._child.pid)
            self._child.wait()
            self._waiter.join()

    def _signal(self, number: signal.Signals) -> None:
        if self._child.returncode is None:
            with suppress(ProcessLookupError, PermissionError):  # the latter is macOS' answer for a group of zombies
                os.killpg(self._child.pid, number)

    def _await_exit(self) -> None:
        if hasattr(os, "waitid"):  # macOS has it from Python 3.13 on
            with suppress(ChildProcessError):
                os.waitid(os.P_PID, self._child.pid, os.WEXITED | os.WNOWAIT)
        else:
            self._child.wait()
        self._exited.set()
        self._on_exit()


def _cannot_start(program: str, cwd: Path | None, error: OSError) -> ProgramMissingError:
    if cwd is not None and not cwd.is_dir():
        return ProgramMissingError(
            f"the working directory {cwd} does not exist", where=program, remedy="create it, or correct its name"
        )
    remedy = "install it, or correct its name or PATH"
    if isinstance(error, PermissionError):
        remedy = "make it executable (chmod +x)"
    return ProgramMissingError(f"{program} cannot be started: {error.strerror}", remedy=remedy)
