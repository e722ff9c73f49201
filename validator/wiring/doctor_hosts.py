"""Other machines: can they be reached, and do they have what their devices need?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from validator.config.environment import EnvironmentConfig
from validator.config.resolvers import Resolvers
from validator.config.sections.devices import AvdDevice, SerialDevice
from validator.model.errors import ValidatorError
from validator.wiring.doctor_check import Check, unwell, well
from validator.wiring.hosts import host_accesses, host_of, on_hosts

if TYPE_CHECKING:
    from validator.devices.hosts import HostAccess


def hosts(config: EnvironmentConfig, resolvers: Resolvers, runner: str) -> Iterator[Check]:
    """Ask each host that a device is attached to.

    Args:
        config: The environment.
        resolvers: What its references refer to.
        runner: Name and version of the flow runner of this machine; empty when there is none.
    """
    entries = on_hosts(config)
    if not entries:
        return
    try:
        accesses = host_accesses(config, resolvers)
    except ValidatorError as error:
        yield unwell("hosts", error.text, error.remedy)
        return
    for access in accesses:
        own = [entry for entry in entries if host_of(entry, resolvers) == access.target]
        serials = [entry.serial.resolve(resolvers) for entry in own if isinstance(entry, SerialDevice)]
        avds = [entry.avd.resolve(resolvers) for entry in own if isinstance(entry, AvdDevice)]
        yield from _host(access, serials, avds, runner)


def _host(access: HostAccess, serials: Sequence[str], avds: Sequence[str], runner: str) -> Iterator[Check]:
    from validator.devices.host_check import look  # noqa: PLC0415 - ssh takes long to load, and most have no host

    name = f"host {access.target}"
    for found in look(access, serials, avds, runner):
        said = found.what.removeprefix("the host ")
        yield unwell(name, said, found.remedy) if found.remedy else well(name, said)
