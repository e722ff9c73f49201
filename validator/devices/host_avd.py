"""Emulators that are booted on another machine, reached over ssh, and shut down there."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from validator.devices.adb_binary import AdbBinary
from validator.devices.adb_server import command, environment
from validator.devices.android import AndroidDevice
from validator.devices.avd.meeting import CONSOLE_PORTS, met
from validator.devices.avd.refusals import remedy_for
from validator.devices.avd.settings import Avd, boot_command
from validator.devices.avd.slot import Slot
from validator.devices.handset import Handset
from validator.devices.host_emulators import host_emulator, taken_ports
from validator.devices.hosts import HostAccess, HostLink, linked, told
from validator.devices.several import LeftOut, all_opened, warned
from validator.model.causes import Cause
from validator.model.errors import StageError, ValidatorError
from validator.support.machine import Machine
from validator.support.process import Completed
from validator.support.ssh_session import HeldElsewhereError
from validator.support.stop import Stop
from validator.support.text import one_line

_LONGEST_RUN: Final = 7 * 24 * 3600.0
_CONSOLE_SECONDS: Final = 10.0
_SHUTDOWN_SECONDS: Final = 20.0
_SAID: Final = 600

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class HostEmulatorSource:
    """Implements `DeviceSource` for one AVD of a host, booted once or several times; one that is lost is replaced."""

    access: HostAccess
    avd: Avd
    binary: AdbBinary | None
    """The adb program of this machine, where there is one."""
    runner: str
    """Name and version of the flow runner."""
    labels: Sequence[str] = ()
    logs: Path | None = None
    redact: Callable[[str], str] = str
    left_out: LeftOut = warned
    """Told of those that do not boot while others do."""
    _had: set[int] = field(default_factory=set)
    """Ports of emulators that there were: what adb and runners remember of a serial outlives its device."""

    @contextmanager
    def open(self, stop: Stop) -> Iterator[Sequence[AndroidDevice]]:
        """Boot the emulators side by side; see the port."""
        with all_opened([self._filled(stop) for _ in range(self.avd.count)], self.left_out) as devices:
            yield devices

    @contextmanager
    def _filled(self, stop: Stop) -> Iterator[AndroidDevice]:
        slot = Slot(self._boot, self.avd.tries)
        try:
            yield slot.start(stop)
        finally:
            slot.close()

    @contextmanager
    def _boot(self, stop: Stop, number: int) -> Iterator[AndroidDevice]:
        with ExitStack() as stack:
            with told():
                link = stack.enter_context(linked(self.access, self.runner))
                program = host_emulator(link.connection, self.access.emulator, self.avd.name)
                port, handset = self._claim(link, stack)
            lost = Stop(stop)
            stack.callback(lost.detach)
            child = stack.enter_context(self._started(program, port, handset, lost))
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

    def _claim(self, link: HostLink, stack: ExitStack) -> tuple[int, Handset]:
        """A console port of the host that nobody uses, locked as the serial that comes of it."""
        taken = taken_ports(link.connection, link.tools)
        for port in CONSOLE_PORTS:
            if port not in self._had and not {port, port + 1} & taken:
                with suppress(HeldElsewhereError):  # of another run, which has not opened the port yet
                    handset = stack.enter_context(link.handset(f"emulator-{port}", self.binary, lock_seconds=0))
                    self._had.add(port)
                    return port, handset
        ports = f"{CONSOLE_PORTS[0]} to {CONSOLE_PORTS[-1]}"
        remedy = "shut down other emulators there"
        raise StageError(
            Cause.NO_DEVICE, f"no console port from {ports} is free", where=self.access.target, remedy=remedy
        )

    def _started(self, program: str, port: int, handset: Handset, lost: Stop) -> _RunningEmulator:
        if self.logs is not None:
            self.logs.mkdir(parents=True, exist_ok=True)
        name = handset.name.replace("/", "-").replace(":", "-")
        seat = handset.seat
        return _RunningEmulator(
            seat.machine,
            boot_command(program, self.avd, port),
            environment(seat.adb, seat.machine.environment),
            output=self.logs / f"{name}.log" if self.logs is not None else None,
            kill=command(seat.adb, "-s", seat.serial, "emu", "kill"),
            lost=lost,
        )

    def _ended(self, handset: Handset, child: _RunningEmulator) -> StageError | None:
        if not child.exited:
            return None
        said = self.redact(one_line(child.said, _SAID)) or "(it said nothing)"
        return StageError(
            Cause.NO_DEVICE,
            f"the emulator with {self.avd.name} ended while booting: {said}",
            where=handset.name,
            remedy=remedy_for(child.tail),
        )


class _RunningEmulator:
    """An emulator's process on a host: runs in a thread of ours until the block ends."""

    def __init__(  # noqa: PLR0913 - the last three by keyword
        self,
        machine: Machine,
        argv: Sequence[str],
        env: Mapping[str, str],
        *,
        output: Path | None,
        kill: Sequence[str],
        lost: Stop,
    ) -> None:
        self._machine = machine
        self._argv = argv
        self._env = env
        self._output = output
        self._kill = kill
        self._lost = lost
        self._stop = Stop()
        self._completed: Completed | None = None
        self._error = ""
        self._thread = threading.Thread(target=self._run, name=f"emulator on {machine.name}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ask it through its console; end it by signals if that does not."""
        if not self.exited:
            with suppress(ValidatorError):  # a host that is lost ends it itself
                self._machine.run(self._kill, deadline=_CONSOLE_SECONDS, stop=Stop())
                self._thread.join(_SHUTDOWN_SECONDS)
        self._stop.set("the run is over")
        self._thread.join(_SHUTDOWN_SECONDS)

    @property
    def exited(self) -> bool:
        """Whether it is no more, or the host is lost."""
        return bool(self._completed or self._error)

    @property
    def tail(self) -> tuple[str, ...]:
        """What it printed last."""
        return self._completed.tail if self._completed is not None else ()

    @property
    def said(self) -> str:
        """Its last words, or why it did not start."""
        return self._error or " | ".join(self.tail[-5:])

    def _run(self) -> None:
        try:
            self._completed = self._machine.run(
                self._argv, deadline=_LONGEST_RUN, stop=self._stop, env=self._env, output=self._output
            )
        except (ValidatorError, OSError) as error:
            self._error = str(error)
        self._lost.set("the emulator ended")
