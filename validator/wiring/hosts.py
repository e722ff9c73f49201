"""`hosts:` and devices with a `host:` -> devices that are reached over ssh."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from validator.config.environment import EnvironmentConfig
from validator.config.resolvers import Resolvers
from validator.config.sections.devices import AvdDevice, SerialDevice
from validator.config.sections.hosts import HostConfig
from validator.devices.adb_binary import AdbBinary
from validator.devices.port import DeviceSource
from validator.devices.several import LeftOut
from validator.wiring.emulators import avd_of

if TYPE_CHECKING:
    from validator.devices.hosts import HostAccess


def host_sources(  # noqa: PLR0913, PLR0917 - what all kinds of sources need together
    config: EnvironmentConfig,
    resolvers: Resolvers,
    adb: AdbBinary | None,
    runner: str,
    logs: Path,
    redact: Callable[[str], str],
    left_out: LeftOut,
) -> Iterator[DeviceSource]:
    """The devices of other machines.

    Args:
        config: The environment.
        resolvers: What its references refer to.
        adb: The adb program of this machine, where there is one.
        runner: Name and version of the flow runner.
        logs: A folder for what emulators print.
        redact: Takes secrets out of every log line that is kept.
        left_out: Told of devices that cannot be had while others can.
    """
    entries = on_hosts(config)
    if not entries:
        return
    # Ssh takes long to load, and most runs have no host.
    from validator.devices.host_avd import HostEmulatorSource  # noqa: PLC0415 - as above
    from validator.devices.hosts import HostSource  # noqa: PLC0415 - as above

    known = {access.target: access for access in host_accesses(config, resolvers)}
    for entry in entries:
        access = known[host_of(entry, resolvers)]
        labels = tuple(dict.fromkeys(label.source for label in entry.labels))
        if isinstance(entry, SerialDevice):
            serial = entry.serial.resolve(resolvers)
            yield HostSource(access, serial, adb, runner, labels=labels, redact=redact)
        else:
            avd = avd_of(entry, resolvers)
            yield HostEmulatorSource(
                access=access,
                avd=avd,
                binary=adb,
                runner=runner,
                labels=labels,
                logs=logs,
                redact=redact,
                left_out=left_out,
            )


def on_hosts(config: EnvironmentConfig) -> list[SerialDevice | AvdDevice]:
    """The devices that belong to other machines."""
    return [entry for entry in config.devices if isinstance(entry, SerialDevice | AvdDevice) and entry.host is not None]


def all_on_hosts(config: EnvironmentConfig) -> bool:
    """Whether every device belongs to another machine: then this one needs neither adb nor a flow runner."""
    return 0 < len(on_hosts(config)) == len(config.devices)


def host_of(entry: SerialDevice | AvdDevice, resolvers: Resolvers) -> str:
    """The machine that a device belongs to; empty for this one."""
    return entry.host.resolve(resolvers) if entry.host is not None else ""


def host_accesses(config: EnvironmentConfig, resolvers: Resolvers) -> tuple[HostAccess, ...]:
    """Every host that a device belongs to, and how it is reached."""
    from validator.devices.hosts import HostAccess  # noqa: PLC0415 - as above

    described = {entry.host.resolve(resolvers): entry for entry in config.hosts}
    targets = dict.fromkeys(host_of(entry, resolvers) for entry in on_hosts(config))
    return tuple(
        _access(described[target], target, resolvers) if target in described else HostAccess(target=target)
        for target in targets
    )


def _access(entry: HostConfig, target: str, resolvers: Resolvers) -> HostAccess:
    from validator.devices.hosts import HostAccess  # noqa: PLC0415 - as above
    from validator.support.ssh_target import SshOptions  # noqa: PLC0415 - as above

    ssh = SshOptions(
        key=entry.key.resolve(resolvers) if entry.key is not None else None,
        known_hosts=entry.known_hosts.resolve(resolvers) if entry.known_hosts is not None else None,
        jump=entry.jump.resolve(resolvers) if entry.jump is not None else "",
    )
    return HostAccess(
        target=target,
        ssh=ssh,
        adb=entry.adb.resolve(resolvers) if entry.adb is not None else "",
        server_port=entry.adb_server_port or 0,
        runner=entry.runner.resolve(resolvers) if entry.runner is not None else "",
        emulator=entry.emulator.resolve(resolvers) if entry.emulator is not None else "",
    )
