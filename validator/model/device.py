"""Something that flows run on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInfo:
    """What a device says about itself."""

    serial: str
    model: str
    sdk: int
    abis: tuple[str, ...]
    kind: str
    """`virtual`, `emulator` or `physical`."""
    boot_id: str = ""
    """`/proc/sys/kernel/random/boot_id`: changes with every boot; empty where the device does not let us read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdbAddress:
    """Which adb is used: the program and the server that it talks to."""

    path: str
    """The adb program, absolute. Two versions of it restart one another's server, so the choice is explicit."""
    server_port: int
    """TCP port of the adb server on this host; 5037 is adb's own default."""
