"""`devices:` -> where devices come from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import assert_never

from validator.config.environment import EnvironmentConfig
from validator.config.resolvers import Resolvers
from validator.config.sections.devices import AvdDevice, SerialDevice, VirtualDevices
from validator.devices.adb_binary import AdbBinary, locate_adb
from validator.devices.emulator import EmulatorSource
from validator.devices.mixed import MixedSource
from validator.devices.port import DeviceSource
from validator.devices.serials import SerialSource
from validator.devices.virtual import VirtualSource


def adb_program(config: EnvironmentConfig, resolvers: Resolvers) -> AdbBinary:
    """The adb program that this environment uses.

    Raises:
        UsageError: There is none that works.
    """
    configured = str(config.adb.path.resolve(resolvers)) if config.adb.path is not None else None
    return locate_adb(configured, os.environ)


def device_source(
    config: EnvironmentConfig, resolvers: Resolvers, adb: AdbBinary, logs: Path, redact: Callable[[str], str]
) -> DeviceSource:
    """All devices of an environment as one source."""
    port = config.adb.server_port
    serials = [entry.serial.resolve(resolvers) for entry in config.devices if isinstance(entry, SerialDevice)]
    sources = [SerialSource(serials, adb, port, redact=redact)] if serials else []
    return MixedSource([*sources, *_started(config, resolvers, adb, logs, redact)])


def _started(
    config: EnvironmentConfig, resolvers: Resolvers, adb: AdbBinary, logs: Path, redact: Callable[[str], str]
) -> Iterator[DeviceSource]:
    for number, entry in enumerate(config.devices):
        match entry:
            case SerialDevice():
                pass
            case AvdDevice():
                yield EmulatorSource(
                    avd=entry.avd.resolve(resolvers),
                    count=entry.count,
                    binary=adb,
                    server_port=config.adb.server_port,
                    logs=logs,
                    redact=redact,
                    boot_seconds=entry.boot_timeout.total_seconds(),
                )
            case VirtualDevices():
                log = logs / f"virtual-{number}.log"
                yield VirtualSource(entry.virtual, abi=entry.abi or "", adb_path=adb.path, redact=redact, log=log)
            case _:
                assert_never(entry)
