"""Devices that are attached to other machines, which are reached over ssh.

The flow runner, `adb install` and whatever else needs a port of the device run on the machine that owns it. From here
its adb server is asked through one forwarded port, which is all that a watch, a log and a shell need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from validator.devices.adb import Adb, AdbError
from validator.devices.adb_binary import AdbBinary
from validator.devices.android import AndroidDevice
from validator.devices.avd.slot import Slot
from validator.devices.handset import Handset
from validator.devices.host_tools import HostTools, host_tools, note_forwards, require_runner, start_server
from validator.devices.introduction import opened
from validator.devices.lease import lock_file_there
from validator.devices.seat import Seat
from validator.devices.serials import BOOT_SECONDS, attach
from validator.model.causes import Cause
from validator.model.device import AdbAddress
from validator.model.errors import StageError, UsageError
from validator.support.machine import MachineError
from validator.support.ssh import SshConnection, connected
from validator.support.ssh_forward import forwarded
from validator.support.ssh_scripts import LOCK_SECONDS
from validator.support.ssh_session import facts, session
from validator.support.ssh_target import SshOptions
from validator.support.stop import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAccess:
    """A host, and how it and its programs are found."""

    target: str
    """`user@host:port`."""
    ssh: SshOptions = field(default_factory=SshOptions)
    adb: str = ""
    """Its adb program; empty: on its PATH, or in its SDK."""
    server_port: int = 0
    """Its adb server's port; 0: as its environment says, or 5037."""
    runner: str = ""
    """Its flow runner's program; empty: on its PATH."""
    emulator: str = ""
    """Its emulator's program; empty: in its SDK, or on its PATH."""


class HostSource:
    """Implements `DeviceSource` for one device that is attached to a host."""

    def __init__(  # noqa: PLR0913 - half of them by keyword, with a default
        self,
        access: HostAccess,
        serial: str,
        binary: AdbBinary | None,
        runner: str,
        *,
        labels: Sequence[str] = (),
        redact: Callable[[str], str] = str,
        boot_seconds: float = BOOT_SECONDS,
    ) -> None:
        """Take what `open` needs.

        Args:
            access: The host.
            serial: The device, as adb there names it.
            binary: The adb program of this machine, where there is one.
            runner: Name and version of the flow runner: `maestro-runner 1.1.27`.
            labels: What the configuration calls the device.
            redact: Takes secrets out of every log line that is kept.
            boot_seconds: Deadline for the device to be up.
        """
        self._access = access
        self._serial = serial
        self._binary = binary
        self._runner = runner
        self._labels = tuple(labels)
        self._redact = redact
        self._boot_seconds = boot_seconds

    @contextmanager
    def open(self, stop: Stop) -> Iterator[Sequence[AndroidDevice]]:
        """Connect, lock the device on the host, and meet it; see the port."""
        slot = Slot(self._meet, tries=1)
        try:
            yield [slot.start(stop)]
        finally:
            slot.close()

    @contextmanager
    def _meet(self, stop: Stop, _number: int) -> Iterator[AndroidDevice]:
        with ExitStack() as stack:
            with told():
                link = stack.enter_context(linked(self._access, self._runner))
                handset = stack.enter_context(link.handset(self._serial, self._binary))
                attach(handset.adb, self._serial)
            device = opened(handset, stop, redact=self._redact, labels=self._labels, boot_seconds=self._boot_seconds)
            yield stack.enter_context(device)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLink:
    """A connection to a host whose programs are known to be there."""

    connection: SshConnection
    tools: HostTools

    @contextmanager
    def handset(self, serial: str, binary: AdbBinary | None, *, lock_seconds: int = LOCK_SECONDS) -> Iterator[Handset]:
        """A device of the host, locked for us there while the block runs.

        Args:
            serial: The device, as adb there names it.
            binary: The adb program of this machine, where there is one.
            lock_seconds: How long its lock is waited for.

        Raises:
            HeldElsewhereError: Somebody else uses it.
            StageError: `no_device`: the host's adb server is of no use.
            MachineError: The host is lost, or its disk is full.
        """
        connection, tools = self.connection, self.tools
        lock = lock_file_there(serial, facts(connection).user)
        with session(connection, lock, lock_seconds=lock_seconds) as machine:
            start_server(connection, tools)
            note_forwards(connection, machine.place.folder, serial, tools)
            with forwarded(connection, tools.server_port) as port:
                adb = Adb(AdbAddress(path=binary.path if binary is not None else "", server_port=port))
                _require_version(adb, tools, binary, connection.name)
                there = AdbAddress(path=tools.adb, server_port=tools.server_port)
                seat = Seat(serial=serial, adb=there, machine=machine, runner=tools.runner)
                yield Handset(adb=adb, serial=serial, owner=seat)


@contextmanager
def linked(access: HostAccess, runner: str) -> Iterator[HostLink]:
    """A connection to a host that has what a run needs.

    Args:
        access: The host.
        runner: Name and version of the flow runner.

    Raises:
        StageError: `no_device`: a program is missing there.
        MachineError: The host is not reached, or lets us not in.
    """
    with connected(access.target, access.ssh) as connection:
        tools = found_tools(connection, access, runner)
        require_runner(connection, tools, runner)
        yield HostLink(connection=connection, tools=tools)


def _require_version(adb: Adb, tools: HostTools, binary: AdbBinary | None, host: str) -> None:
    """A program of another version would restart the host's server, with all of its devices."""
    try:
        running = adb.server_version()
    except AdbError as error:
        raise StageError(
            Cause.NO_DEVICE,
            f"its adb server on port {tools.server_port} cannot be reached through ssh: {error.what}",
            where=host,
            remedy="see that its sshd_config has `AllowTcpForwarding yes`",
        ) from error
    here = [(f"{binary.path} here", binary.protocol)] if binary is not None else []
    for name, protocol in ((tools.adb, tools.adb_protocol), *here):
        if protocol != running:
            raise StageError(
                Cause.NO_DEVICE,
                f"its adb server speaks version 1.0.{running}, {name} speaks 1.0.{protocol}",
                where=host,
                remedy="install the same version of the Android platform tools on both machines",
            )


def found_tools(connection: SshConnection, access: HostAccess, runner: str) -> HostTools:
    """The programs of a host.

    Raises:
        StageError: `no_device`: there is no adb that works.
        MachineError: The host does not answer.
    """
    return host_tools(
        connection,
        adb=access.adb,
        server_port=access.server_port,
        runner=access.runner,
        kind=runner.partition(" ")[0],
    )


@contextmanager
def told() -> Iterator[None]:
    """Tell what is wrong with a host as the stage's error: it costs its devices."""
    try:
        yield
    except (MachineError, UsageError) as error:
        raise StageError(Cause.NO_DEVICE, error.what, where=error.where, remedy=error.remedy) from error
