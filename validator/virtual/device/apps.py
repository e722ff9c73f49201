"""Running apps: what the activity manager starts, brings to the front, stops and buries."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from validator.virtual.app import AppSpecError, java_crash_text, start_app
from validator.virtual.device import obituary
from validator.virtual.device.exits import FORCE_STOP, UNKNOWN, ExitRecord
from validator.virtual.device.hosted_app import Extras, HostedApp
from validator.virtual.device.installed import InstalledApp
from validator.virtual.device.log import LogBuffer
from validator.virtual.device.obituary import SYSTEM_SERVER_PID
from validator.virtual.device.services import Services
from validator.virtual.faults import Event
from validator.virtual.packages.archive import ArchiveError
from validator.virtual.ports import Death

_LAUNCHER_INTENT = "act=android.intent.action.MAIN cat=[android.intent.category.LAUNCHER] flg=0x10000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What `am start -W` reports: whether the process was already there, and how long it took in seconds."""

    component: str
    warm: bool
    seconds: float


class Apps:
    """The processes of installed apps and which of them is in front; None in front means launcher (or browser)."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._running: dict[str, HostedApp] = {}
        self._next_pid = 4_200
        self.front: str | None = None
        self.browsing: str | None = None
        """The address the browser shows, when it is in front."""

    def get(self, package: str) -> HostedApp | None:
        """The running process of a package."""
        return self._running.get(package)

    def all(self) -> list[HostedApp]:
        """Every running app."""
        return list(self._running.values())

    def in_front(self) -> HostedApp | None:
        """The app whose window is in front."""
        return self._running.get(self.front) if self.front else None

    async def launch(self, app: InstalledApp, extras: Extras) -> Launch:
        """Bring an app to the front, starting its process when it has none.

        An app that cannot run crashes and is logged, as on a device; the launch itself still counts as done.
        """
        began = time.monotonic()
        component = app.component or app.package
        self._log(
            f"START u0 {{{_LAUNCHER_INTENT} cmp={component}}} with LAUNCH_MULTIPLE from uid 2000",
            tag="ActivityTaskManager",
        )
        warm = app.package in self._running
        self.front, self.browsing = app.package, None
        if not warm:
            await self._start(app, component, extras)
        await self._services.happened(Event.LAUNCH, app.package)
        seconds = time.monotonic() - began
        if app.package in self._running:
            self._log(f"Displayed {component} for user 0: +{int(seconds * 1000)}ms", tag="ActivityTaskManager")
        return Launch(component=component, warm=warm, seconds=seconds)

    async def _start(self, app: InstalledApp, component: str, extras: Extras) -> None:
        running = HostedApp(self._services, self, app, pid=self._pid())
        app.stopped = False
        self._running[app.package] = running
        self._log(f"Start proc {running.pid}:{app.package}/u0a{app.uid - 10_000} for next-top-activity {{{component}}}")
        try:
            process = await start_app(app.base.assets(), running, extras)
        except (AppSpecError, ArchiveError) as problem:
            text = java_crash_text(app.package, running.pid, "java.lang.RuntimeException", str(problem))
            self.end(running, Death.CRASH, reason="java.lang.RuntimeException", details=text)
            return
        if self.get(app.package) is running:
            running.process = process
        else:  # it died, or was stopped, while it was starting
            await process.close()

    def to_background(self) -> None:
        """The launcher comes to the front; processes go on."""
        self.front = self.browsing = None

    def browse(self, url: str) -> None:
        """The browser comes to the front."""
        self.front, self.browsing = None, url

    async def force_stop(self, package: str, caller_pid: int) -> None:
        """End a package's process for the user, as `am force-stop` does."""
        running = self.get(package)
        if running is None:
            return
        reason = f"stop {package} due to from pid {caller_pid}"
        self._log(f"Force stopping {package} appid={running.app.uid} user=0: from pid {caller_pid}")
        running.app.stopped = True
        self.end(running, Death.USER_REQUESTED, reason=reason, subreason=FORCE_STOP)
        await running.closed()

    def end(
        self,
        running: HostedApp,
        death: Death,
        *,
        reason: str,
        details: str = "",
        subreason: tuple[int, str] = UNKNOWN,
    ) -> None:
        """Bury a process: log, exit record, launcher to the front. The app itself unwinds in a task of its own."""
        app = running.app
        if self._running.get(app.package) is not running:
            return
        del self._running[app.package]
        foreground = self.front == app.package
        if foreground:
            self.front = None
        self._services.dismiss_dialogs(app.package)
        for notice in obituary.notices(self._deceased(running), death, reason, details):
            self._write(notice)
        self._services.exits.add(
            ExitRecord(
                package=app.package,
                pid=running.pid,
                uid=app.uid,
                at=self._services.now(),
                death=death,
                subreason=subreason,
                foreground=foreground,
                description=_description(death, reason),
            )
        )
        running.close()

    def block(self, running: HostedApp, reason: str) -> None:
        """The app does not respond: log it and show the dialog, or end it where error dialogs are hidden."""
        running.responding = False
        self._write(obituary.not_responding(self._deceased(running), reason))
        if self._services.error_dialogs_hidden():
            self.end(running, Death.ANR, reason=reason)
        else:
            self._services.show_not_responding(
                running.app.label, running.package, close=lambda: self.end(running, Death.ANR, reason=reason)
            )

    def power_off(self) -> None:
        """Every process ends without a trace, as when the device restarts."""
        for running in self.all():
            running.close()
        self._running.clear()
        self.to_background()

    def _deceased(self, running: HostedApp) -> obituary.Deceased:
        app, profile = running.app, self._services.profile
        return obituary.Deceased(
            package=app.package,
            pid=running.pid,
            uid=app.uid,
            component=app.component or app.package,
            code_path=app.code_path,
            abi=profile.abis[0],
            fingerprint=profile.properties()["ro.build.fingerprint"],
        )

    def _pid(self) -> int:
        self._next_pid += 37
        return self._next_pid

    def _write(self, notice: obituary.Notice) -> None:
        self._services.log.write(notice.priority, notice.tag, notice.message, pid=notice.pid, buffer=notice.buffer)

    def _log(self, message: str, tag: str = "ActivityManager") -> None:
        self._services.log.write("I", tag, message, pid=SYSTEM_SERVER_PID, buffer=LogBuffer.SYSTEM)


def _description(death: Death, reason: str) -> str:
    """What the record's `description=` says for that cause."""
    described: Mapping[Death, str] = {
        Death.CRASH: "crash",
        Death.CRASH_NATIVE: "crash",
        Death.LOW_MEMORY: "null",
        Death.EXIT_SELF: "null",
    }
    if death is Death.ANR:
        return f"user request after error: {reason}"
    return described.get(death, reason)
