"""`devices:` -> where devices come from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import assert_never

from validator.config.environment import EnvironmentConfig
from validator.config.resolvers import Resolvers
from validator.config.sections.devices import AvdDevice, Device, SerialDevice, VirtualDevices
from validator.devices.adb_binary import AdbBinary, locate_adb
from validator.devices.avd.source import EmulatorSource
from validator.devices.mixed import MixedSource
from validator.devices.port import DeviceSource
from validator.devices.serials import SerialSource
from validator.devices.several import LeftOut, warned
from validator.devices.virtual import VirtualSource
from validator.model.errors import UsageError
from validator.wiring.emulators import avd_of, emulator_program
from validator.wiring.hosts import all_on_hosts, host_sources


def adb_program(config: EnvironmentConfig, resolvers: Resolvers) -> AdbBinary | None:
    """The adb program of this machine that the environment uses; None when there is none, and none is needed.

    Raises:
        UsageError: There is none that works.
    """
    configured = str(config.adb.path.resolve(resolvers)) if config.adb.path is not None else None
    try:
        return locate_adb(configured, os.environ)
    except UsageError:
        if configured is not None or not all_on_hosts(config):
            raise
        return None


def device_source(  # noqa: PLR0913, PLR0917 - what all kinds of sources need together
    config: EnvironmentConfig,
    resolvers: Resolvers,
    adb: AdbBinary | None,
    runner: str,
    logs: Path,
    redact: Callable[[str], str],
    left_out: LeftOut = warned,
) -> DeviceSource:
    """All devices of an environment as one source; `runner` is the flow runner's name and version."""
    port = config.adb.server_port
    there = host_sources(config, resolvers, adb, runner, logs, redact, left_out)
    if adb is None:
        return MixedSource(list(there), left_out)
    entries = [entry for entry in config.devices if isinstance(entry, SerialDevice) and entry.host is None]
    labels = {entry.serial.resolve(resolvers): labels_of(entry) for entry in entries}
    here = [SerialSource(list(labels), adb, port, labels=labels, redact=redact, left_out=left_out)] if labels else []
    started = _started(config, resolvers, adb, logs, redact, left_out)
    return MixedSource([*here, *there, *started], left_out)


def labels_of(entry: Device) -> tuple[str, ...]:
    """What the configuration calls a device; labels hold no references."""
    return tuple(dict.fromkeys(label.source for label in entry.labels))


def _started(  # noqa: PLR0913, PLR0917 - as above
    config: EnvironmentConfig,
    resolvers: Resolvers,
    adb: AdbBinary,
    logs: Path,
    redact: Callable[[str], str],
    left_out: LeftOut,
) -> Iterator[DeviceSource]:
    had: set[int] = set()
    for number, entry in enumerate(config.devices):
        match entry:
            case SerialDevice():
                pass
            case AvdDevice() if entry.host is not None:
                pass  # of another machine, see `hosts`
            case AvdDevice():
                yield EmulatorSource(
                    avd_of(entry, resolvers),
                    binary=adb,
                    server_port=config.adb.server_port,
                    logs=logs,
                    redact=redact,
                    emulator=emulator_program(entry, resolvers),
                    labels=labels_of(entry),
                    left_out=left_out,
                    had=had,
                )
            case VirtualDevices():
                yield _virtual(entry, adb, logs / f"virtual-{number}.log", redact)
            case _:
                assert_never(entry)


def _virtual(entry: VirtualDevices, adb: AdbBinary, log: Path, redact: Callable[[str], str]) -> VirtualSource:
    return VirtualSource(
        entry.virtual,
        abi=entry.abi or "",
        sdk=entry.api,
        form_factor=entry.form_factor,
        labels=labels_of(entry),
        adb_path=adb.path,
        redact=redact,
        log=log,
    )
