"""Devices that are attached to adb already, or that listen on TCP: emulators that run, phones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from validator.devices.adb import Adb, AdbError
from validator.devices.adb_binary import AdbBinary
from validator.devices.adb_server import adb_server
from validator.devices.android import AndroidDevice
from validator.devices.handset import Handset
from validator.devices.introduction import opened
from validator.devices.lease import lease
from validator.devices.several import LeftOut, all_opened, warned
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.stop import Stop

BOOT_SECONDS = 60.0
"""A device that is attached has booted, or nearly so."""
_REMEDIES = {
    "unauthorized": "accept the debugging question on the device's screen",
    "offline": "run `adb reconnect`, or restart the device",
    "no": "allow your user to use USB devices (udev rules), or run `adb kill-server` and start it as that user",
}


class SerialSource:
    """Implements `DeviceSource` for devices named by serial, such as `emulator-5554` or `192.168.1.20:5555`."""

    def __init__(  # noqa: PLR0913 - half of them by keyword, with a default
        self,
        serials: Sequence[str],
        binary: AdbBinary,
        server_port: int,
        *,
        labels: Mapping[str, Sequence[str]] = MappingProxyType({}),
        redact: Callable[[str], str] = str,
        boot_seconds: float = BOOT_SECONDS,
        locks: Path | None = None,
        left_out: LeftOut = warned,
    ) -> None:
        """Take what `open` needs; `labels` are by serial, `locks` is where the leases lie, this user's when None."""
        self._left_out = left_out
        self._labels = labels
        self._serials = tuple(serials)
        self._binary = binary
        self._server_port = server_port
        self._redact = redact
        self._boot_seconds = boot_seconds
        self._locks = locks

    @contextmanager
    def open(self, stop: Stop) -> Iterator[Sequence[AndroidDevice]]:
        """Find the devices and lease them; see the port."""
        with (
            adb_server(self._binary, self._server_port, stop) as adb,
            all_opened([self._one(adb, serial, stop) for serial in self._serials], self._left_out) as devices,
        ):
            yield devices

    @contextmanager
    def _one(self, adb: Adb, serial: str, stop: Stop) -> Iterator[AndroidDevice]:
        with lease(serial, self._locks):
            attach(adb, serial)
            handset = Handset(adb=adb, serial=serial)
            labels = self._labels.get(serial, ())
            with opened(handset, stop, redact=self._redact, labels=labels, boot_seconds=self._boot_seconds) as device:
                yield device


def attach(adb: Adb, serial: str) -> None:
    """See that the adb server knows the device as usable; connect to it when its serial is an address.

    Raises:
        StageError: `no_device`, naming what is attached instead.
    """
    try:
        state = _state(adb, serial)
        if state != "device" and ":" in serial:
            adb.connect(serial)
            state = _state(adb, serial)
        if state != "device":
            raise _not_usable(adb, serial, state)
    except AdbError as error:
        raise StageError(
            Cause.NO_DEVICE, error.what, where=error.where or serial, remedy="see what `adb devices` says"
        ) from error


def _state(adb: Adb, serial: str) -> str:
    return next((device.state for device in adb.devices() if device.serial == serial), "")


def _not_usable(adb: Adb, serial: str, state: str) -> StageError:
    attached = ", ".join(f"{device.serial} ({device.state})" for device in adb.devices()) or "nothing"
    what = f"adb says {state}" if state else "no such device is attached"
    default = "correct the serial in the configuration, or attach the device"
    return StageError(
        Cause.NO_DEVICE,
        f"{what}; attached to the adb server on port {adb.address.server_port}: {attached}",
        where=serial,
        remedy=_REMEDIES.get(state.partition(" ")[0], default),
    )
