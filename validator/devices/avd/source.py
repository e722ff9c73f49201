"""Emulators that are booted for a run and shut down after it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from validator.devices.adb_binary import AdbBinary
from validator.devices.adb_server import adb_server
from validator.devices.android import AndroidDevice
from validator.devices.avd.booting import Booter
from validator.devices.avd.preflight import require_bootable
from validator.devices.avd.program import locate_emulator
from validator.devices.avd.settings import Avd
from validator.devices.avd.slot import Slot
from validator.devices.several import LeftOut, all_opened, warned
from validator.support.stop import Stop


class EmulatorSource:
    """Implements `DeviceSource` for one AVD, booted once or several times; one that is lost can be replaced."""

    def __init__(  # noqa: PLR0913 - all by keyword, nearly all with a default
        self,
        avd: Avd,
        *,
        binary: AdbBinary,
        server_port: int,
        emulator: str | None = None,
        environ: Mapping[str, str] = os.environ,
        labels: Sequence[str] = (),
        logs: Path | None = None,
        redact: Callable[[str], str] = str,
        locks: Path | None = None,
        left_out: LeftOut = warned,
        had: set[int] | None = None,
    ) -> None:
        """Take what `open` needs.

        Args:
            avd: What to boot, and how often.
            binary: The adb program.
            server_port: The adb server's port.
            emulator: The emulator's program; looked for when None.
            environ: Where it is looked for, and what it is started with.
            labels: What the configuration calls the devices.
            logs: A folder for what the emulators print; None keeps only the last lines.
            redact: Takes secrets out of every log line that is kept.
            locks: The folder of the leases, this user's when None.
            left_out: Told of those that do not boot while others do.
            had: Console ports that are not used again; one set for all sources of a machine.
        """
        self._left_out = left_out
        self._had = had if had is not None else set[int]()
        self._avd = avd
        self._binary = binary
        self._server_port = server_port
        self._emulator = emulator
        self._environ = environ
        self._labels = tuple(labels)
        self._logs = logs
        self._redact = redact
        self._locks = locks

    @contextmanager
    def open(self, stop: Stop) -> Iterator[Sequence[AndroidDevice]]:
        """Boot the emulators side by side; see the port."""
        program = locate_emulator(self._emulator, self._environ)
        require_bootable(program, self._avd, self._environ, stop)
        with adb_server(self._binary, self._server_port, stop) as adb:
            booter = Booter(
                avd=self._avd,
                program=program,
                adb=adb,
                environ=self._environ,
                labels=self._labels,
                logs=self._logs,
                redact=self._redact,
                locks=self._locks,
                had=self._had,
            )
            with all_opened([_filled(booter, stop) for _ in range(self._avd.count)], self._left_out) as devices:
                yield devices


@contextmanager
def _filled(booter: Booter, stop: Stop) -> Iterator[AndroidDevice]:
    slot = Slot(booter.boot, booter.avd.tries)
    try:
        yield slot.start(stop)
    finally:
        slot.close()
