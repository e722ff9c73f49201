"""What would keep an AVD from booting, found before it is tried."""

from __future__ import annotations

from collections.abc import Mapping

from validator.devices.avd.creation import provide_avd
from validator.devices.avd.folder import AvdFolder, lock_holder, read_avd
from validator.devices.avd.program import require_acceleration
from validator.devices.avd.settings import Avd
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.machine import HERE, Machine
from validator.support.stop import Stop

GROWS_MB = 2048
"""What each further instance may write beside the image."""


def require_bootable(emulator: str, avd: Avd, environ: Mapping[str, str], stop: Stop, machine: Machine = HERE) -> None:
    """See that the AVD exists, that this machine accelerates it, that its disk has room, and that it is free.

    Raises:
        StageError: `no_device`, with what to do about it.
    """
    provide_avd(emulator, avd, environ, stop, machine)
    if avd.accelerated:
        require_acceleration(emulator, environ, stop, machine)
    if (folder := read_avd(avd.name, environ)) is not None:
        _require_room(avd, folder)
        _require_free(avd, folder)


def _require_room(avd: Avd, folder: AvdFolder) -> None:
    needed = folder.needed_mb + GROWS_MB * (avd.count - 1)
    free = folder.free_mb()
    if free < needed:
        raise StageError(
            Cause.NO_DEVICE,
            f"{free:.0f} MB are free for the AVD {avd.name}, and booting it takes {needed:.0f} MB",
            where=str(folder.path),
            remedy="free space there, put the AVDs on another disk (ANDROID_AVD_HOME), or give it a smaller `disk`",
        )


def _require_free(avd: Avd, folder: AvdFolder) -> None:
    if holder := lock_holder(folder, shared=avd.shared):
        raise StageError(
            Cause.NO_DEVICE,
            f"the AVD {avd.name} is in use by {holder}",
            where=str(folder.path),
            remedy="shut that emulator down, configure it with `serial:`, or create an AVD of another name for runs",
        )
