"""One app process: the system's record of it, and what the system offers to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, MutableMapping
from typing import Protocol

from validator.virtual.device.installed import InstalledApp
from validator.virtual.device.services import Services
from validator.virtual.faults import Event
from validator.virtual.ports import AppProcess, Death

Extras = Mapping[str, str | int | float | bool]
_CLOSING_DEADLINE_S = 5.0


class Undertaker(Protocol):
    """Who buries a process. Implemented by `Apps`."""

    def end(self, running: HostedApp, death: Death, *, reason: str, details: str = "") -> None:
        """The process has ended."""
        ...

    def block(self, running: HostedApp, reason: str) -> None:
        """The process does not respond."""
        ...


class HostedApp:
    """Implements `validator.virtual.ports.AppHost`. Once the process has ended it ignores what the app still says."""

    def __init__(self, services: Services, undertaker: Undertaker, app: InstalledApp, *, pid: int) -> None:
        self._services = services
        self._undertaker = undertaker
        self._pid = pid
        self._alive = True
        self._closing: asyncio.Task[object] | None = None
        self.app = app
        self.process: AppProcess | None = None
        """The app itself; None while it is starting."""
        self.responding = True
        """Whether its main thread handles input."""

    @property
    def package(self) -> str:
        """The application id."""
        return self.app.package

    @property
    def pid(self) -> int:
        """The process id."""
        return self._pid

    @property
    def activity(self) -> str:
        """The activity in front, such as `.MainActivity`."""
        if self.process is not None:
            return self.process.activity
        return (self.app.component or "").rpartition("/")[2]

    @property
    def storage(self) -> MutableMapping[str, str]:
        """The app's private data."""
        return self.app.data

    def log(self, priority: str, tag: str, message: str) -> None:
        """Write one logcat line."""
        if self._alive:
            self._services.log.write(priority, tag, message, pid=self._pid)

    def network_available(self) -> bool:
        """Whether the device reaches any network now."""
        return self._services.network_available()

    def refuses(self, *, secure: bool) -> str:
        """Why the device itself lets no such call end well."""
        return self._services.refuses(secure=secure)

    def system_value(self, name: str) -> str:
        """A system property, or a global setting where no such property is set."""
        return self._services.system_value(name)

    def died(self, death: Death, *, reason: str, details: str = "") -> None:
        """The app's process has ended by itself."""
        if self._alive:
            self._undertaker.end(self, death, reason=reason, details=details)

    def not_responding(self, reason: str) -> None:
        """The app blocks its main thread."""
        if self._alive and self.responding:
            self._undertaker.block(self, reason)

    async def happened(self, event: str, text: str) -> None:
        """Tell the fault switchboard what is about to be done."""
        if self._alive:
            await self._services.happened(Event(event), text)

    def close(self) -> None:
        """Silence the app and let it unwind in a task of its own."""
        self._alive = False
        if self.process is not None and self._closing is None:
            self._closing = self._services.start_task(self.process.close())

    async def closed(self) -> None:
        """Wait until the app has unwound after `close`."""
        if self._closing is not None:
            await asyncio.wait({self._closing}, timeout=_CLOSING_DEADLINE_S)
