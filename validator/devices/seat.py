"""Where the programs run that drive a device: on the machine that it is attached to.

adb's forwards, and the ports that flow runners use, are ports of that machine; they cannot be had from another one.
"""

from __future__ import annotations

from dataclasses import dataclass

from validator.model.device import AdbAddress
from validator.support.machine import HERE, Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """The machine that owns a device, and what the device is called there."""

    serial: str
    """As adb there names it."""
    adb: AdbAddress
    """The adb program and server there."""
    machine: Machine = HERE
    runner: str = ""
    """The flow runner's program there; empty: the one that was found on this machine."""
