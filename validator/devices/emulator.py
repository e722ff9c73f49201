"""Emulators that are booted for a run and shut down after it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from validator.devices.adb import HOST, Adb, AdbError
from validator.devices.adb_binary import AdbBinary
from validator.devices.adb_server import adb_server, command, environment
from validator.devices.android import AndroidDevice
from validator.devices.emulator_program import boot_command, locate_emulator, require_avd
from validator.devices.handset import Handset
from validator.devices.introduction import BOOT_SECONDS, opened
from validator.devices.lease import lease
from validator.devices.several import all_opened
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.process import ProgramMissingError, Spawned, run
from validator.support.stop import Stop

_CONSOLE_PORTS = range(5554, 5683, 2)
"""Ports that the emulator accepts for its console (developer.android.com/studio/run/emulator-commandline, -port)."""
_ASK_SECONDS = 10.0
_SHUTDOWN_SECONDS = 20.0


class EmulatorSource:
    """Implements `DeviceSource` for one AVD, booted once or several times."""

    def __init__(  # noqa: PLR0913 - all by keyword, nearly all with a default
        self,
        *,
        avd: str,
        count: int,
        binary: AdbBinary,
        server_port: int,
        emulator: str | None = None,
        environ: Mapping[str, str] = os.environ,
        logs: Path | None = None,
        redact: Callable[[str], str] = str,
        boot_seconds: float = BOOT_SECONDS,
        locks: Path | None = None,
    ) -> None:
        """Take what `open` needs.

        Args:
            avd: The AVD's name.
            count: How many of it to boot; more than one boot from the same image and write nothing to it.
            binary: The adb program.
            server_port: The adb server's port.
            emulator: The emulator's program; looked for when None.
            environ: Where it is looked for, and what it is started with.
            logs: A folder for what the emulators print; None keeps only the last lines.
            redact: Takes secrets out of every log line that is kept.
            boot_seconds: Deadline for booting.
            locks: The folder of the leases, this user's when None.
        """
        self._avd = avd
        self._count = count
        self._binary = binary
        self._server_port = server_port
        self._emulator = emulator
        self._environ = environ
        self._logs = logs
        self._redact = redact
        self._boot_seconds = boot_seconds
        self._locks = locks

    @contextmanager
    def open(self, stop: Stop) -> Iterator[Sequence[AndroidDevice]]:
        """Boot the emulators side by side; see the port."""
        program = locate_emulator(self._emulator, self._environ)
        require_avd(program, self._avd, self._environ, stop)
        with (
            adb_server(self._binary, self._server_port, stop) as adb,
            all_opened([self._one(adb, program, stop) for _ in range(self._count)]) as devices,
        ):
            yield devices

    @contextmanager
    def _one(self, adb: Adb, program: str, stop: Stop) -> Iterator[AndroidDevice]:
        with ExitStack() as stack:
            port = self._claim(adb, stack)
            handset = Handset(adb=adb, serial=f"emulator-{port}")
            lost = Stop(stop)
            stack.callback(lost.detach)
            argv = boot_command(program, self._avd, port, shared=self._count > 1)
            log = self._logs / f"{handset.serial}.log" if self._logs else None
            env = environment(adb.address, self._environ)
            child = Spawned(argv, env=env, log=log, on_exit=lambda: lost.set("the emulator ended"))
            try:
                stack.enter_context(child)
            except ProgramMissingError as error:
                raise StageError(Cause.NO_DEVICE, error.what, where=program, remedy=error.remedy) from error
            stack.callback(_shut_down, handset, child)
            yield stack.enter_context(self._booted(handset, child, lost))

    @contextmanager
    def _booted(self, handset: Handset, child: Spawned, stop: Stop) -> Iterator[AndroidDevice]:
        def introduce_to_server() -> None:  # most emulators do it themselves; twice does no harm
            with suppress(AdbError):
                handset.adb.attach_emulator(_adb_port(handset))

        device = opened(
            handset,
            stop,
            redact=self._redact,
            kind="emulator",
            boot_seconds=self._boot_seconds,
            while_away=introduce_to_server,
        )
        with ExitStack() as stack:
            try:
                found = stack.enter_context(device)
            except StageError as error:
                if not child.exited:
                    raise
                raise self._ended(handset, child) from error
            yield found

    def _claim(self, adb: Adb, stack: ExitStack) -> int:
        """A console port that nobody uses, leased as the serial that comes of it."""
        known = {device.serial for device in adb.devices()}
        for port in _CONSOLE_PORTS:
            if f"emulator-{port}" not in known and _is_free(port) and _is_free(port + 1):
                with suppress(StageError):  # in use by another process, which has not opened the port yet
                    stack.enter_context(lease(f"emulator-{port}", self._locks))
                    return port
        ports = f"{_CONSOLE_PORTS[0]} to {_CONSOLE_PORTS[-1]}"
        raise StageError(Cause.NO_DEVICE, f"no console port from {ports} is free", remedy="shut down other emulators")

    def _ended(self, handset: Handset, child: Spawned) -> StageError:
        child.terminate()  # it has ended; what it printed last may still be on its way to us
        return StageError(
            Cause.NO_DEVICE,
            f"the emulator with {self._avd} ended while booting: {' | '.join(child.tail[-5:]) or '(it said nothing)'}",
            where=handset.serial,
            remedy="run `emulator -accel-check`; an AVD that another emulator uses can be booted twice with count: 2",
        )


def _adb_port(handset: Handset) -> int:
    return int(handset.serial.removeprefix("emulator-")) + 1


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _shut_down(handset: Handset, child: Spawned) -> None:
    """Ask the emulator through its console; leaving the block that holds the child ends it if that does not."""
    address, nobody = handset.adb.address, Stop()
    if not child.exited:
        run(command(address, "-s", handset.serial, "emu", "kill"), deadline=_ASK_SECONDS, stop=nobody)
        child.wait(_SHUTDOWN_SECONDS, nobody)
