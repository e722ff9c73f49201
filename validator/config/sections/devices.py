"""`devices:`: what flows run on."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from validator.config.fields import Duration, EarlyPath, EarlyText, Host, Label, Section, mistake, refuse_reference
from validator.config.kinds import OneOf
from validator.config.sizes import Megabytes
from validator.model.needs import FormFactor


class Abi(StrEnum):
    """A processor architecture as Android names it (https://developer.android.com/ndk/guides/abis)."""

    ARM64 = "arm64-v8a"
    ARM = "armeabi-v7a"
    X86_64 = "x86_64"
    X86 = "x86"


OWN_OPTIONS: Final = (
    *("-avd", "-port", "-ports", "-qemu", "-read-only", "-list-avds", "-accel-check", "-help", "-version"),
    *("-snapshot", "-no-snapshot", "-no-snapshot-load", "-no-snapshot-save", "-memory"),
)
"""Options of the emulator that are said by another key, or would break what the others stand for."""
_INSTEAD: Final = ("avd", "count", "snapshot", "memory")
_PASSWORD: Final = re.compile(r"//[^/@\s]*:[^/@\s]*@|^[^/@\s]*:[^/@\s]*@")
_OTHER_PROXY: Final = "use a proxy without one"
_HOST = "The machine that it is attached to, reached over ssh: `ci@emu1`. Without it: this one."
_BOOTED = "The machine that it is started on, reached over ssh: `ci@emu1`. Without it: this one."
_LABELS = "What flows may ask for under `flows.needs`: `[tablet-lab, eu]`."


class SerialDevice(Section):
    """A device that is attached already."""

    serial: EarlyText = Field(description="Its serial number, as `adb devices` shows it.")
    host: Host | None = Field(None, description=_HOST)
    labels: tuple[Label, ...] = Field((), description=_LABELS)


def _check_option(value: object) -> object:
    refuse_reference(value)
    if isinstance(value, str) and (value in OWN_OPTIONS or value.startswith("@")):
        raise mistake(f"{value[:40]} is not for you to say", f"use the other keys: {', '.join(_INSTEAD)}")
    if isinstance(value, str) and _PASSWORD.search(value):
        raise mistake("a password stands in the file, and would be seen in the list of processes", _OTHER_PROXY)
    return value


_EmulatorOption = Annotated[str, BeforeValidator(_check_option)]


class AvdDevice(Section):
    """An emulator that is started for the run."""

    avd: EarlyText = Field(description="The name of the AVD, as `emulator -list-avds` shows it.")
    host: Host | None = Field(None, description=_BOOTED)
    count: Annotated[int, Field(ge=1, le=16)] = Field(1, description="How many instances of it to start.")
    boot_timeout: Duration = Field(
        timedelta(minutes=5),
        description="How long one of them may take to boot; a second try twice as long, and so on.",
    )
    tries: Annotated[int, Field(ge=1, le=5)] = Field(2, description="How often booting one is tried.")
    system_image: EarlyText | None = Field(
        None,
        description="What the AVD is created from when there is none of this name, as `sdkmanager --list` shows it: "
        "`system-images;android-34;google_apis;x86_64`.",
    )
    device_profile: EarlyText | None = Field(
        None, description="The hardware that it is created with, such as `pixel_7`: see `avdmanager list device`."
    )
    disk: Megabytes | None = Field(None, description="The size of the data partition that it is created with: `6G`.")
    memory: Megabytes | None = Field(None, description="The memory that it has: `2048M`.")
    snapshot: EarlyText | None = Field(
        None, description="The snapshot that it boots from, read only. Without it, or with `none`: a cold boot."
    )
    network: bool = Field(True, description="Whether flows need a network; without one it is not ready.")
    emulator: EarlyPath | None = Field(
        None, description="The emulator's program. Without it: that of ANDROID_HOME, else of PATH."
    )
    options: tuple[_EmulatorOption, ...] = Field(
        (), description="More options for the emulator: `[-dns-server, 10.0.0.2]`."
    )
    labels: tuple[Label, ...] = Field((), description=_LABELS)


class VirtualDevices(Section):
    """Built-in virtual devices: real adb and flows, simulated Android. For trying things out."""

    virtual: Annotated[int, Field(ge=1, le=64)] = Field(description="How many to start.")
    abi: Annotated[Abi, Field(strict=False)] | None = Field(
        None, description="The only architecture whose apps they install. Without it: as the virtual device decides."
    )
    api: Annotated[int, Field(ge=26, le=36)] = Field(34, description="Their API level.")
    form_factor: Annotated[FormFactor, Field(strict=False)] = Field(
        FormFactor.PHONE, description="What kind of device they say they are; the display stays the same."
    )
    labels: tuple[Label, ...] = Field((), description=_LABELS)


Device = Annotated[
    SerialDevice | AvdDevice | VirtualDevices,
    OneOf({"serial": SerialDevice, "avd": AvdDevice, "virtual": VirtualDevices}),
]
