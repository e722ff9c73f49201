"""What `validator doctor` asks a host: everything that a run on it needs, without beginning one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from validator.devices.adb import Adb
from validator.devices.host_emulators import host_emulator
from validator.devices.host_tools import HostTools, require_runner, start_server
from validator.devices.hosts import HostAccess, found_tools
from validator.devices.serials import attach
from validator.model.device import AdbAddress
from validator.model.errors import ValidatorError
from validator.support.ssh import SshConnection, connected
from validator.support.ssh_forward import forwarded
from validator.support.ssh_session import facts, require_room


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that was looked at."""

    what: str
    remedy: str = ""
    """What to do about it; empty when all is well."""


def look(access: HostAccess, serials: Sequence[str], avds: Sequence[str], runner: str) -> Iterator[Found]:
    """Look at a host, its programs and its devices; nothing is raised.

    Args:
        access: The host.
        serials: The devices that should be attached to it.
        avds: The AVDs that it should have.
        runner: Name and version of the flow runner; empty: whatever it has is well.
    """
    try:
        with connected(access.target, access.ssh) as connection:
            known = facts(connection)
            require_room(connection, known)
            yield Found(what=f"reached; {known.free_mb} MB free in {known.state}")
            yield from _programs(connection, access, serials, runner)
            for avd in avds:
                program = host_emulator(connection, access.emulator, avd)
                yield Found(what=f"AVD {avd} of {program}")
    except ValidatorError as error:
        yield _wrong(error)


def _programs(connection: SshConnection, access: HostAccess, serials: Sequence[str], runner: str) -> Iterator[Found]:
    tools = found_tools(connection, access, runner or "maestro-runner")
    yield Found(what=f"adb {tools.adb_version} at {tools.adb}, server port {tools.server_port}")
    try:
        if runner:
            require_runner(connection, tools, runner)
        yield Found(what=f"{runner.partition(' ')[0] or 'runner'} {tools.runner_version} at {tools.runner}")
    except ValidatorError as error:
        yield _wrong(error)
    start_server(connection, tools)
    with _adb(connection, tools) as adb:
        for serial in serials:
            try:
                attach(adb, serial)
                yield Found(what=f"{serial} is attached")
            except ValidatorError as error:
                yield Found(what=error.text, remedy=error.remedy)


@contextmanager
def _adb(connection: SshConnection, tools: HostTools) -> Iterator[Adb]:
    with forwarded(connection, tools.server_port) as port:
        yield Adb(AdbAddress(path=tools.adb, server_port=port))


def _wrong(error: ValidatorError) -> Found:
    return Found(what=error.what, remedy=error.remedy or "see that ssh to the host works")
