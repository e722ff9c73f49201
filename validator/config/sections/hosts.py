"""`hosts:`: how other machines are reached that devices are attached to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from validator.config.errors import Problem
from validator.config.fields import EarlyPath, EarlyText, Host, Section
from validator.config.sections.devices import AvdDevice, Device, SerialDevice
from validator.config.spelling import did_you_mean


class HostConfig(Section):
    """A machine that is reached over ssh. Without an entry here a host is reached as `ssh` would reach it."""

    host: Host = Field(description="The machine, as devices name it: `ci@emu1`.")
    key: EarlyPath | None = Field(
        None, description="A private key. Without it: as ~/.ssh/config says, the agent's keys, and those in ~/.ssh."
    )
    known_hosts: EarlyPath | None = Field(
        None, description="The file with the host's key. Without it: `~/.ssh/known_hosts`."
    )
    jump: Host | None = Field(None, description="The host that it is reached through. Without it: as `ProxyJump` says.")
    adb: EarlyText | None = Field(
        None, description="Its adb program. Without it: the one on its PATH, or in its ANDROID_HOME."
    )
    adb_server_port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        None, description="Its adb server's port. Without it: its ANDROID_ADB_SERVER_PORT, or 5037."
    )
    emulator: EarlyText | None = Field(
        None, description="Its emulator's program. Without it: that of its ANDROID_HOME, or the one on its PATH."
    )
    runner: EarlyText | None = Field(None, description="Its flow runner's program. Without it: the one on its PATH.")


def host_problems(hosts: Sequence[HostConfig], devices: Sequence[Device]) -> Iterator[Problem]:
    """Hosts that are described twice, and those that no device is attached to."""
    attached = [entry.host.source for entry in devices if isinstance(entry, SerialDevice | AvdDevice) and entry.host]
    yield from _made_here(devices)
    seen: dict[str, int] = {}
    for entry in hosts:
        name = entry.host.source
        if name in seen:
            message, remedy = f"{name!r} is already there, on line {seen[name]}", "describe each host once"
            yield Problem.at(entry.host.position, message, path=entry.host.path, remedy=remedy)
        elif name not in attached:
            message = f"no device is attached to {name!r}{did_you_mean(name, attached)}"
            remedy = "name it as `host:` of a device, or remove this entry"
            yield Problem.at(entry.host.position, message, path=entry.host.path, remedy=remedy)
        seen.setdefault(name, entry.host.position.line)


def _made_here(devices: Sequence[Device]) -> Iterator[Problem]:
    """AVDs are created, and programs named, on the machine itself."""
    for entry in devices:
        if isinstance(entry, AvdDevice) and entry.host is not None:
            if entry.system_image is not None:
                message, remedy = "AVDs are created on this machine only", "create it on the host, and leave this out"
                place = entry.system_image
                yield Problem.at(place.position, message, path=place.path, remedy=remedy)
            if entry.emulator is not None:
                message, remedy = (
                    "names a program of this machine",
                    "name the host's program as `emulator:` in `hosts:`",
                )
                program = entry.emulator.template
                yield Problem.at(program.position, message, path=program.path, remedy=remedy)
