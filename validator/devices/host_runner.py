"""The flow runner that a host has, where this machine has no say in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from validator.devices.hosts import HostAccess, found_tools
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.ssh import connected


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRunner:
    """A runner that works on a host."""

    kind: str
    version: str
    program: str


def host_runner(access: HostAccess, kinds: Sequence[str]) -> HostRunner:
    """Ask a host which runner it has.

    Args:
        access: The host.
        kinds: What the runner may be called; the first that is there counts.

    Raises:
        UsageError: The host's name is none, or OpenSSH's configuration cannot be read.
        StageError: `no_device`: there is none, or no adb.
        MachineError: The host is not reached, or lets us not in.
    """
    with connected(access.target, access.ssh) as connection:
        for kind in kinds:
            tools = found_tools(connection, access, kind)
            if tools.runner:
                return HostRunner(kind=kind, version=tools.runner_version, program=tools.runner)
    raise StageError(
        Cause.NO_DEVICE,
        f"the host has no {' and no '.join(kinds)}",
        where=access.target,
        remedy=f"install it on the host, or set `hosts.{access.target}.runner` to its program there",
    )
