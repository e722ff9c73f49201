"""`devices:`: what flows run on."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from validator.config.fields import Duration, EarlyText, Section
from validator.config.kinds import OneOf


class Abi(StrEnum):
    """A processor architecture as Android names it (https://developer.android.com/ndk/guides/abis)."""

    ARM64 = "arm64-v8a"
    ARM = "armeabi-v7a"
    X86_64 = "x86_64"
    X86 = "x86"


class SerialDevice(Section):
    """A device that is attached already."""

    serial: EarlyText = Field(description="Its serial number, as `adb devices` shows it.")


class AvdDevice(Section):
    """An emulator that is started for the run."""

    avd: EarlyText = Field(description="The name of the AVD, as `emulator -list-avds` shows it.")
    count: Annotated[int, Field(ge=1, le=16)] = Field(1, description="How many instances of it to start.")
    boot_timeout: Duration = Field(timedelta(minutes=5), description="How long one of them may take to boot.")


class VirtualDevices(Section):
    """Built-in virtual devices: real adb and flows, simulated Android. For trying things out."""

    virtual: Annotated[int, Field(ge=1, le=64)] = Field(description="How many to start.")
    abi: Annotated[Abi, Field(strict=False)] | None = Field(
        None, description="The only architecture whose apps they install. Without it: as the virtual device decides."
    )


_NO_HOSTS = "attach the device to this machine and use serial, or start an emulator here with avd"

Device = Annotated[
    SerialDevice | AvdDevice | VirtualDevices,
    OneOf(
        {"serial": SerialDevice, "avd": AvdDevice, "virtual": VirtualDevices},
        unsupported={"host": _NO_HOSTS},
    ),
]
