"""What a device offers the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from validator.devices.seat import Seat
from validator.model.attempt import AppEvidence, DeviceEvidence, Scene
from validator.model.device import AdbAddress, DeviceInfo
from validator.support.stop import Stop


class Watch(Protocol):
    """A watch over one device while a flow runs on it."""

    @property
    def stop(self) -> Stop:
        """Set as soon as there is nothing left to wait for.

        That is: the device is lost, frozen, rebooted, reconnected or without its network, or the app has crashed.
        """
        ...

    def evidence(self) -> DeviceEvidence:
        """Ask the device once more, within 5 s, and say what became of it."""
        ...


class Device(Protocol):
    """Something that flows run on. Every call ends within its own deadline or raises StageError."""

    @property
    def info(self) -> DeviceInfo:
        """What the device said about itself when it was opened."""
        ...

    @property
    def adb(self) -> AdbAddress:
        """The adb program and server that reach it: virtual devices have a server of their own."""
        ...

    @property
    def seat(self) -> Seat:
        """Where the programs run that drive it."""
        ...

    @property
    def renew(self) -> Renew | None:
        """Ends this device, which is lost or sick, and starts another one in its place; None where that cannot be."""
        ...

    def install(self, apk: Path, package: str) -> None:
        """Install the APK, replacing an installation signed by another key; all permissions granted.

        Raises:
            StageError: `apk_incompatible` when Android refuses this APK, `device_unhealthy` or `device_lost` otherwise.
        """
        ...

    def prepare(self, package: str, *, fresh_user: bool, marks: Sequence[tuple[str, str]]) -> None:
        """Make the device ready for one attempt: healthy, the app's data wiped for a fresh user, traffic marks set.

        Args:
            package: The application id.
            fresh_user: Wipe the app's data (`pm clear`), so that the app signs in as a new anonymous user.
            marks: Values to set as system property `debug.validator.NAME` and global setting `validator_NAME`.

        Raises:
            StageError: In the infrastructure family.
        """
        ...

    def watch(self, stop: Stop) -> AbstractContextManager[Watch]:
        """Watch the device until the block ends. The watch's own `stop` is also set when the given one is."""
        ...

    def app_evidence(self, package: str, folder: Path) -> AppEvidence:
        """What Android recorded about the app since `prepare`; that time's log goes to `folder`/logcat.txt.

        Never raises for what the device does: one that is gone leaves what had come from it until then.
        """
        ...

    def scene(self, folder: Path, *, pictured: bool) -> Scene | None:
        """What the device is like right after a flow has failed; None when it does not answer.

        Unless the runner has left pictures, its screen goes to `folder`/screenshot.png and the elements on it to
        `folder`/hierarchy.xml. Ends within 15 s and never raises for what the device does.

        Args:
            folder: The attempt's folder.
            pictured: Whether the runner has left a screenshot and a hierarchy of this moment.
        """
        ...

    def unmark(self, names: Sequence[str]) -> None:
        """Remove the marks that `prepare` set; a device that no longer answers is left alone."""
        ...


Renew = Callable[[Stop], Device]
"""Starts another device, which is released with the block of the source. Called once, from any thread; raises
StageError (`no_device`) when none can be had, or a stop was asked for."""


class DeviceSource(Protocol):
    """Where devices come from."""

    def open(self, stop: Stop) -> AbstractContextManager[Sequence[Device]]:
        """Boot, attach or find the devices, lease them for this process, and release them at the end of the block.

        Raises:
            StageError: `no_device` when not a single one could be had, naming what was found instead.
        """
        ...
