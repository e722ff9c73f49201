"""No process outlives us: a watchdog kills every process group we started when we die without cleaning up.

It also removes the private folders that we had, which may hold secrets.

A process that is killed with SIGKILL can clean up nothing, and the kernel's own answer (`PR_SET_PDEATHSIG`) is bound to
the *thread* that started the child. So the first child brings one small, long-lived process with it that holds the
reading end of a pipe: the kernel closes the writing end when we die, whatever we die of.
"""

from __future__ import annotations

import atexit
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

MARK_NAME = "VALIDATOR_GUARD"
"""The environment variable that tells whose child a process is."""

_PROGRAM = Path(__file__).with_name("watchdog.py")
_FAREWELL_SECONDS = 2.0


class Guard:
    """Keeps the list of our process groups in the watchdog's hands. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._groups: set[int] = set()
        self._folders: set[str] = set()
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._token = secrets.token_hex(16)

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """The environment for a child that must not outlive us; starts the watchdog where none runs."""
        with self._lock:
            if self._watchdog is None or self._watchdog.poll() is not None:
                self._restart()
        return {**inherited, MARK_NAME: self._token}

    def add(self, group: int) -> None:
        """Guard this process group from now on."""
        with self._lock:
            self._groups.add(group)
            self._tell(f"+{group}\n")

    def remove(self, group: int) -> None:
        """The group is gone: its number may soon be another's."""
        with self._lock:
            self._groups.discard(group)
            self._tell(f"-{group}\n")

    def add_folder(self, folder: Path) -> None:
        """Have this folder removed when we die without having done so."""
        name = os.fsencode(folder).hex()
        with self._lock:
            self._folders.add(name)
            self._tell(f">{name}\n")

    def remove_folder(self, folder: Path) -> None:
        """The folder is gone: its name may be another's."""
        name = os.fsencode(folder).hex()
        with self._lock:
            self._folders.discard(name)
            self._tell(f"<{name}\n")

    def close(self) -> None:
        """Let the watchdog go. What still runs is left alone: we end in order, and whoever started it ended it."""
        with self._lock:
            watchdog, self._watchdog = self._watchdog, None
        if watchdog is None:
            return
        try:
            watchdog.communicate(b".\n", timeout=_FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:  # a machine too busy to let it go: nothing is left for it to guard
            watchdog.kill()
            watchdog.wait()

    def forget(self) -> None:
        """In a forked child: what was guarded is the parent's, and so is the watchdog."""
        self._lock = threading.RLock()
        self._groups = set()
        self._folders = set()
        self._token = secrets.token_hex(16)
        watchdog, self._watchdog = self._watchdog, None
        if watchdog is not None and watchdog.stdin is not None:
            watchdog.stdin.close()
            watchdog.returncode = 0

    def _tell(self, line: str) -> None:
        pipe = self._watchdog.stdin if self._watchdog is not None else None
        try:
            if pipe is not None:
                pipe.write(line.encode())
                return
        except BrokenPipeError:  # somebody killed the watchdog
            pass
        self._restart()

    def _restart(self) -> None:
        """Start a watchdog, in the place of one that is dead, and tell it about every group that there is."""
        self._bury()
        self._watchdog = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_PROGRAM), f"{MARK_NAME}={self._token}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # It must not carry the mark of a guard above us, or it would be killed before it has done its work.
            env=unmarked(os.environ),
            start_new_session=True,
            bufsize=0,
        )
        for group in sorted(self._groups):
            self._tell(f"+{group}\n")
        for folder in sorted(self._folders):
            self._tell(f">{folder}\n")

    def _bury(self) -> None:
        watchdog, self._watchdog = self._watchdog, None
        if watchdog is not None:
            watchdog.kill()
            watchdog.communicate()


def unmarked(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a child that may outlive us, such as an adb server that others use too."""
    return {name: value for name, value in environment.items() if name != MARK_NAME}


GUARD = Guard()
"""This process' guard. Others are for tests of the guard itself."""

atexit.register(GUARD.close)
os.register_at_fork(after_in_child=GUARD.forget)
