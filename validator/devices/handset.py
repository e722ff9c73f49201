"""One device behind one adb server, for the code that asks it things: adb's errors come out as the stage's."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from validator.devices.adb import SHELL_SECONDS, Adb, AdbError
from validator.devices.seat import Seat
from validator.devices.shell_frames import ShellResult
from validator.model.causes import Cause
from validator.model.errors import StageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Handset:
    """A serial and the adb that knows it."""

    adb: Adb
    """The server that knows it, as it is reached from here."""
    serial: str
    """As that server names it."""
    owner: Seat | None = None
    """The machine that it is attached to, where that is another one."""

    @property
    def name(self) -> str:
        """What people call it: the serial, after the host's name where it is another machine's."""
        return f"{self.owner.machine.name}/{self.serial}" if self.owner is not None else self.serial

    @property
    def seat(self) -> Seat:
        """Where the programs run that drive it."""
        return self.owner or Seat(serial=self.serial, adb=self.adb.address)

    def ask(self, script: str, seconds: float = SHELL_SECONDS) -> str:
        """What the script prints, whatever its exit status.

        Raises:
            StageError: `device_lost` when the device does not answer.
        """
        with self.reached():
            return self.adb.shell(self.serial, script, seconds=seconds).text

    def do(self, *words: str, seconds: float = SHELL_SECONDS) -> ShellResult:
        """Run one command, its words quoted for the device's shell.

        Raises:
            StageError: `device_lost` when the device does not answer.
        """
        with self.reached():
            return self.adb.shell(self.serial, shlex.join(words), seconds=seconds)

    def try_all(self, commands: Sequence[str], seconds: float) -> None:
        """Run the commands in one go; a device that is gone, or does not know them, is left alone."""
        try:
            self.adb.shell(self.serial, "; ".join(commands), seconds=seconds)
        except AdbError:
            return

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Turn an error of adb inside the block into the stage's."""
        try:
            yield
        except AdbError as error:
            raise self.lost(error.what) from error

    def lost(self, why: str) -> StageError:
        """The error of a stage whose device went away."""
        remedy = "see that `adb devices` shows it as `device`; restart it when it does not come back"
        return StageError(Cause.DEVICE_LOST, why, where=self.name, remedy=remedy)
