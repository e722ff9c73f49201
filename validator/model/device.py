"""Something that flows run on."""

from __future__ import annotations

from dataclasses import dataclass

from validator.model.needs import FormFactor


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
    form_factor: FormFactor | None = None
    """None where it does not tell, and in older records."""
    screen: str = ""
    """Its size in pixels and its dots per inch, such as `1080x2400@420`; empty where it does not tell."""
    labels: tuple[str, ...] = ()
    """Those that the configuration gives to it."""
    put_right: tuple[str, ...] = ()
    """What was in its way when it had booted, and was put right: windows of the system that were closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdbAddress:
    """Which adb is used: the program and the server that it talks to."""

    path: str
    """The adb program, absolute. Two versions of it restart one another's server, so the choice is explicit."""
    server_port: int
    """TCP port of the adb server on this host; 5037 is adb's own default."""
