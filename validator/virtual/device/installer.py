"""Installing and removing packages on a running device: the file's checks, faults, and the processes concerned."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from validator.virtual.device.apps import Apps
from validator.virtual.device.installed import InstalledApp, InstalledApps, InstallOptions
from validator.virtual.device.instrumentation import DRIVER_PACKAGES, Instrumentation
from validator.virtual.device.log import LogBuffer
from validator.virtual.device.obituary import SYSTEM_SERVER_PID
from validator.virtual.device.services import Services
from validator.virtual.faults import Event
from validator.virtual.packages.apk import read_apk
from validator.virtual.packages.refusal import InstallCode, InstallRefusedError
from validator.virtual.ports import Death


@dataclass(slots=True, kw_only=True)
class Session:
    """An install session: options given when it was created, APK files written to it since."""

    options: InstallOptions
    files: dict[str, bytes] = field(default_factory=dict)


class Installer:
    """What `pm install` and `pm uninstall` do."""

    def __init__(
        self, services: Services, installed: InstalledApps, apps: Apps, instrumentation: Instrumentation
    ) -> None:
        self._services = services
        self._installed = installed
        self._apps = apps
        self._instrumentation = instrumentation
        self._numbers = count(1_234_567)
        self.sessions: dict[int, Session] = {}
        self.refuse_drivers = False
        """The fault: packages of UI drivers are not installed."""

    def create_session(self, options: InstallOptions) -> int:
        """Open an install session; returns its number."""
        number = next(self._numbers)
        self.sessions[number] = Session(options=options)
        return number

    async def install(self, files: Sequence[bytes], options: InstallOptions) -> InstalledApp:
        """Install a package from its APK files.

        Raises:
            InstallRefusedError: Android would refuse.
        """
        sdk = self._services.profile.sdk
        # Hashing megabytes releases the interpreter lock; in a thread the other devices go on meanwhile.
        apks = [await asyncio.to_thread(read_apk, data, sdk) for data in files]
        if not apks:
            raise InstallRefusedError(InstallCode.INVALID_APK, "Session staged with no packages")
        package = apks[0].manifest.package
        await self._services.happened(Event.INSTALL, package)
        if self.refuse_drivers and package in DRIVER_PACKAGES:
            raise InstallRefusedError(InstallCode.USER_RESTRICTED, "Install canceled by user")
        app = self._installed.install(tuple(apks), options)
        self._stop(package, f"stop {package} due to installPackageLI")
        self._say(f"Package {package} installed, version code {app.manifest.version_code}")
        return app

    def uninstall(self, package: str, *, keep_data: bool = False) -> bool:
        """Remove a package; False when it is not installed. What it stored goes with it unless `keep_data`."""
        app = self._installed.get(package)
        if app is None:
            return False
        self._stop(package, f"stop {package} due to deletePackageX")
        if not keep_data:
            self._services.exits.clear(package)
        self._installed.uninstall(package, keep_data=keep_data)
        self._say(f"Package {package} removed")
        return True

    def _stop(self, package: str, reason: str) -> None:
        if package in DRIVER_PACKAGES:
            self._instrumentation.stop(reason)
        if (running := self._apps.get(package)) is not None:
            self._apps.end(running, Death.USER_REQUESTED, reason=reason)

    def _say(self, message: str) -> None:
        self._services.log.write("I", "PackageManager", message, pid=SYSTEM_SERVER_PID, buffer=LogBuffer.SYSTEM)
