"""One emulator: started on a pair of ports of its own, waited for until flows can run on it, and ended."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from validator.devices.adb import HOST, Adb, AdbError
from validator.devices.adb_server import environment
from validator.devices.android import AndroidDevice
from validator.devices.avd.console import ConsoleError, kill
from validator.devices.avd.meeting import CONSOLE_PORTS, met
from validator.devices.avd.refusals import remedy_for
from validator.devices.avd.settings import Avd, boot_command
from validator.devices.handset import Handset
from validator.devices.lease import lease
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.process import ProgramMissingError, Spawned
from validator.support.stop import Stop
from validator.support.text import one_line

_CONSOLE_SECONDS = 5.0
_SHUTDOWN_SECONDS = 15.0
_LONGEST = 600

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Booter:
    """Boots emulators of one AVD. Used by several threads at once."""

    avd: Avd
    program: str
    adb: Adb
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    labels: Sequence[str] = ()
    logs: Path | None = None
    redact: Callable[[str], str] = str
    locks: Path | None = None
    had: set[int] = field(default_factory=set)
    """Ports of emulators that there were: what adb and runners remember of a serial outlives its device."""

    @contextmanager
    def boot(self, stop: Stop, number: int) -> Iterator[AndroidDevice]:
        """Boot one, and end it with the block.

        Args:
            stop: Ends the waiting, and later the installations.
            number: Which try it is: each may take as much longer as the first one may take.

        Raises:
            StageError: `no_device` or `device_unhealthy` when flows cannot run on it.
        """
        with ExitStack() as stack:
            port = self._claim(stack)
            handset = Handset(adb=self.adb, serial=f"emulator-{port}")
            lost = Stop(stop)
            stack.callback(lost.detach)
            child = self._started(handset, port, lost, stack)
            stack.callback(self._end, port, child)
            device = met(
                handset,
                self.avd,
                lost,
                port=port,
                number=number,
                labels=self.labels,
                redact=self.redact,
                ended=lambda: self._ended(handset, child),
            )
            yield stack.enter_context(device)

    def _started(self, handset: Handset, port: int, lost: Stop, stack: ExitStack) -> Spawned:
        argv = boot_command(self.program, self.avd, port)
        log_file = self.logs / f"{handset.serial}.log" if self.logs else None
        env = environment(self.adb.address, self.environ)
        child = Spawned(argv, env=env, log=log_file, on_exit=lambda: lost.set("the emulator ended"))
        try:
            if self.logs:
                self.logs.mkdir(parents=True, exist_ok=True)
            return stack.enter_context(child)
        except ProgramMissingError as error:
            raise StageError(Cause.NO_DEVICE, error.what, where=self.program, remedy=error.remedy) from error
        except OSError as error:
            remedy = "make the run's folder writable"
            raise StageError(Cause.NO_DEVICE, f"its log cannot be kept: {error}", remedy=remedy) from error

    def _claim(self, stack: ExitStack) -> int:
        """A console port that nobody uses, leased as the serial that comes of it."""
        try:
            known = {device.serial for device in self.adb.devices()}
        except AdbError as error:
            raise StageError(Cause.NO_DEVICE, error.what, remedy="see what `adb devices` says") from error
        for port in CONSOLE_PORTS:
            if port not in self.had and f"emulator-{port}" not in known and is_free(port) and is_free(port + 1):
                with suppress(StageError):  # in use by another process, which has not opened the port yet
                    stack.enter_context(lease(f"emulator-{port}", self.locks))
                    self.had.add(port)
                    return port
        ports = f"{CONSOLE_PORTS[0]} to {CONSOLE_PORTS[-1]}"
        raise StageError(Cause.NO_DEVICE, f"no console port from {ports} is free", remedy="shut down other emulators")

    def _ended(self, handset: Handset, child: Spawned) -> StageError | None:
        if not child.exited:
            return None
        child.terminate()  # it has ended; what it printed last may still be on its way to us
        said = self.redact(one_line(" | ".join(child.tail[-5:]), _LONGEST)) or "(it said nothing)"
        return StageError(
            Cause.NO_DEVICE,
            f"the emulator with {self.avd.name} ended while booting: {said}",
            where=handset.name,
            remedy=remedy_for(child.tail),
        )

    def _end(self, port: int, child: Spawned) -> None:
        """Ask the emulator through its console; leaving the block that holds the child ends it if that does not."""
        if child.exited:
            return
        try:
            kill(port, self.avd.name, self.environ, _CONSOLE_SECONDS)
        except ConsoleError as error:
            log.info("emulator-%d is ended by signal: %s", port, error.what)
        else:
            child.wait(_SHUTDOWN_SECONDS, Stop())


def is_free(port: int) -> bool:
    """Whether nobody uses a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
