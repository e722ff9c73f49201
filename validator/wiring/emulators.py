"""`devices: [{avd: …}]` -> what is booted, and what `doctor` says about it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from validator.config.resolvers import Resolvers
from validator.config.sections.devices import AvdDevice
from validator.devices.avd.folder import read_avd
from validator.devices.avd.program import (
    Acceleration,
    check_acceleration,
    list_avds,
    locate_avdmanager,
    locate_emulator,
)
from validator.devices.avd.settings import Avd
from validator.model.errors import ValidatorError
from validator.support.stop import Stop
from validator.wiring.doctor_check import Check, checked, unwell, well

_COLD = "none"


def avd_of(entry: AvdDevice, resolvers: Resolvers) -> Avd:
    """The entry, its references resolved."""
    snapshot = entry.snapshot.resolve(resolvers) if entry.snapshot is not None else _COLD
    return Avd(
        name=entry.avd.resolve(resolvers),
        count=entry.count,
        system_image=entry.system_image.resolve(resolvers) if entry.system_image is not None else "",
        device_profile=entry.device_profile.resolve(resolvers) if entry.device_profile is not None else "",
        disk_mb=entry.disk,
        memory_mb=entry.memory,
        snapshot="" if snapshot == _COLD else snapshot,
        options=entry.options,
        boot_seconds=entry.boot_timeout.total_seconds(),
        tries=entry.tries,
        networked=entry.network,
    )


def emulator_program(entry: AvdDevice, resolvers: Resolvers) -> str | None:
    """The configured program; None: it is looked for."""
    return str(entry.emulator.resolve(resolvers)) if entry.emulator is not None else None


def emulators(entries: Sequence[AvdDevice], resolvers: Resolvers) -> Iterator[Check]:
    """What the configured emulators need: the program, acceleration, and each AVD with room on its disk."""
    programs = {emulator_program(entry, resolvers) for entry in entries}
    for configured in sorted(programs, key=str):
        own = [avd_of(entry, resolvers) for entry in entries if emulator_program(entry, resolvers) == configured]
        yield from _with_program(configured, own)


def any_emulator() -> Iterator[Check]:
    """The emulator of this machine, if there is one."""
    yield from _with_program(None, ())


def _with_program(configured: str | None, avds: Sequence[Avd]) -> Iterator[Check]:
    needed = bool(avds)
    try:
        program = locate_emulator(configured, os.environ)
        known = list_avds(program, os.environ, Stop())
        acceleration = check_acceleration(program, os.environ, Stop())
    except ValidatorError as error:
        yield unwell("emulator", error.text, error.remedy, needed=needed)
        return
    yield well("emulator", program)
    yield _accelerated(acceleration, needed=any(avd.accelerated for avd in avds))
    yield well("avds", ", ".join(known) or "none")
    for avd in avds:
        yield from _avd(avd, known)


def _accelerated(found: Acceleration, *, needed: bool) -> Check:
    name = "emulator acceleration"
    return well(name, found.said) if found.usable else unwell(name, found.said, found.remedy, needed=needed)


def _avd(avd: Avd, known: Iterable[str]) -> Iterator[Check]:
    name = f"avd {avd.name}"
    if avd.name not in known:
        if not avd.system_image:
            yield unwell(name, "there is none of this name", "say with `system_image:` what to create it from")
        else:
            yield checked(name, lambda: f"is created from {avd.system_image} by {locate_avdmanager(os.environ)}")
        return
    folder = read_avd(avd.name, os.environ)
    if folder is None:
        yield well(name, "is there")
        return
    free, needed = folder.free_mb(), folder.needed_mb
    words = f"{folder.system_image or 'unknown image'} in {folder.path}, {free:.0f} MB free"
    remedy = "free space there, or put the AVDs on another disk (ANDROID_AVD_HOME)"
    yield well(name, words) if free >= needed else unwell(name, f"{words}, booting takes {needed:.0f} MB", remedy)
