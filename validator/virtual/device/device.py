"""One simulated Android device: its parts, and the few things that concern all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from functools import partial

from validator.virtual.device.apps import Apps
from validator.virtual.device.exits import ExitHistory
from validator.virtual.device.files import FileSystem
from validator.virtual.device.installed import InstalledApps
from validator.virtual.device.installer import Installer
from validator.virtual.device.instrumentation import Instrumentation
from validator.virtual.device.link import Link, Unplugged
from validator.virtual.device.log import Log
from validator.virtual.device.power import Power
from validator.virtual.device.profile import DeviceProfile
from validator.virtual.device.registry import Namespace, Properties, Settings
from validator.virtual.device.screen import DeviceScreen
from validator.virtual.device.sockets import Sockets
from validator.virtual.device.storage import Storage
from validator.virtual.device.strikes import Strikes
from validator.virtual.faults import Armed, Event, Fault

_KERNEL_SECONDS = 0.2
"""How long a requested reboot keeps the device off the cable."""
_CERTIFICATE_LIFE = 398 * 86_400
"""Seconds for which a server's certificate may be valid (CA/Browser Forum, Baseline Requirements 6.3.2, until 2026)."""


class Device:
    """Everything that is one device except its adb daemon. Implements `Services`. Needs a running event loop."""

    def __init__(self, profile: DeviceProfile) -> None:
        self._profile = profile
        self.clock_off = 0.0
        """Seconds by which the clock is ahead of the right time."""
        self._log = Log(self.now)
        self._exits = ExitHistory()
        self._tasks: set[asyncio.Task[object]] = set()
        self.network_cut = False
        """The no-network fault: no network whatever the airplane mode says."""
        self.connections_break = False
        """The fault: every connection ends at once, though there is a network."""
        self.records_hidden = False
        """The fault: the activity manager does not tell how processes ended."""
        self.link: Link = Unplugged()
        self.properties = Properties(profile.properties())
        self.settings = Settings()
        self.power = Power(self.properties)
        self.storage = Storage(profile.storage_bytes)
        self.installed = InstalledApps(profile, self.storage)
        self.files = FileSystem(self.storage, _LiveFiles(self))
        self.sockets = Sockets()
        self.apps = Apps(self)
        self.screen = DeviceScreen(self, self.apps, self.installed)
        self.instrumentation = Instrumentation(self.screen, profile, self.sockets, self._log)
        self.installer = Installer(self, self.installed, self.apps, self.instrumentation)
        self.strikes = Strikes(self)
        self.power.boot(profile.boot_seconds)

    @property
    def profile(self) -> DeviceProfile:
        """What kind of device this is."""
        return self._profile

    @property
    def log(self) -> Log:
        """Logcat."""
        return self._log

    @property
    def exits(self) -> ExitHistory:
        """Why processes ended."""
        return self._exits

    @property
    def framework_running(self) -> bool:
        """Whether package manager, activity manager and the rest answer."""
        return self.power.framework_running

    def now(self) -> float:
        """The device's clock, seconds since 1970."""
        return time.time() + self.clock_off

    async def happened(self, event: Event, text: str) -> None:
        """Offer an event to the fault switchboard; armed faults that match strike before this returns."""
        await self.strikes.happened(event, text)

    def inflict(self, fault: Fault) -> Armed | None:
        """Let a fault strike now, or arm it when it has a trigger; returns what was armed."""
        return self.strikes.inflict(fault)

    async def heal(self) -> None:
        """Disarm every fault and undo those that last; the device is back on the cable."""
        self.strikes.heal()
        self.link.thaw()
        await self.link.listen()

    def start_task(self, work: Coroutine[object, object, object]) -> asyncio.Task[object]:
        """Run something that outlives the caller, until the device is closed."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def network_available(self) -> bool:
        """Whether the device reaches any network."""
        return not self.network_cut and self.settings.get(Namespace.GLOBAL, "airplane_mode_on") != "1"

    def refuses(self, *, secure: bool) -> str:
        """Why the device itself lets no such call end well: connections break, or its clock believes no certificate."""
        if self.connections_break:
            return "java.net.SocketException: Software caused connection abort"
        believed = abs(self.clock_off) < _CERTIFICATE_LIFE
        return "" if believed or not secure else "javax.net.ssl.SSLHandshakeException: Chain validation failed"

    def system_value(self, name: str) -> str:
        """A system property, else a global setting, else nothing."""
        return self.properties.get(name) or self.settings.get(Namespace.GLOBAL, name) or ""

    def error_dialogs_hidden(self) -> bool:
        """Whether crashes and ANRs show no dialog."""
        return self.settings.get(Namespace.GLOBAL, "hide_error_dialogs") == "1"

    def show_not_responding(self, label: str, package: str, *, close: Callable[[], None]) -> None:
        """Show the dialog about an app that does not respond."""
        self.screen.show_not_responding(label, package, close=close)

    def dismiss_dialogs(self, package: str) -> None:
        """Take away the dialogs about a package."""
        self.screen.dismiss_about(package)

    async def clear_data(self, package: str) -> bool:
        """`pm clear`: end the app, wipe its data and what was granted to it; False when it is not installed."""
        app = self.installed.get(package)
        if app is None:
            return False
        await self.apps.force_stop(package, caller_pid=0)
        app.data.clear()
        app.granted.clear()
        return True

    async def reboot(self, seconds: float = _KERNEL_SECONDS) -> None:
        """Off the cable, everything that runs is gone, and back with a new boot id after so many seconds."""
        self.link.drop()
        self.link.thaw()
        self._power_off()
        await asyncio.sleep(seconds)
        self.properties.reboot()
        self.power.boot(self._profile.boot_seconds)
        await self.link.listen()

    async def close(self) -> None:
        """End everything that runs on the device."""
        self._power_off()
        self.power.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def restart_framework(self, seconds: float) -> None:
        """Android's framework dies with every app and is back after so many seconds; the kernel and adb stay."""
        self._stop_apps()
        self.power.hold_framework(seconds)

    def _power_off(self) -> None:
        self._stop_apps()
        self.installer.sessions.clear()
        self.log.reset()

    def _stop_apps(self) -> None:
        self.instrumentation.stop()
        self.apps.power_off()
        self.screen.dismiss_all()


class _LiveFiles(Mapping[str, Callable[[], bytes]]):
    """Files whose content is made when they are read: the kernel's, and the APKs of installed packages."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def __getitem__(self, path: str) -> Callable[[], bytes]:
        return self._all()[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, Callable[[], bytes]]:
        power = self._device.power
        found: dict[str, Callable[[], bytes]] = {
            "/proc/uptime": f"{power.uptime:.2f} {power.uptime * 1.7:.2f}\n".encode,
            "/proc/sys/kernel/random/boot_id": f"{power.boot_id}\n".encode,
            "/proc/version": lambda: b"Linux version 6.1.23-android14-4 (build@android) #1 SMP PREEMPT\n",
            "/proc/meminfo": lambda: (
                b"MemTotal:        2017432 kB\nMemFree:          251940 kB\nMemAvailable:     913212 kB\n"
            ),
        }
        for app in self._device.installed.all():
            for path, apk in app.files():
                found[path] = partial(bytes, apk.data)
        return found
