"""What running apps, and the activity manager that keeps them, need from the rest of the system."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Protocol

from validator.virtual.device.exits import ExitHistory
from validator.virtual.device.log import Log
from validator.virtual.device.profile import DeviceProfile
from validator.virtual.faults import Event


class Services(Protocol):
    """Implemented by `validator.virtual.device.device.Device`."""

    @property
    def profile(self) -> DeviceProfile:
        """What kind of device this is."""
        ...

    @property
    def log(self) -> Log:
        """Logcat."""
        ...

    @property
    def exits(self) -> ExitHistory:
        """Why processes ended."""
        ...

    def now(self) -> float:
        """The device's clock, seconds since 1970."""
        ...

    async def happened(self, event: Event, text: str) -> None:
        """Offer an event to the fault switchboard; armed faults that match strike before this returns."""
        ...

    def start_task(self, work: Coroutine[object, object, object]) -> asyncio.Task[object]:
        """Run something that outlives the caller, until the device is closed."""
        ...

    def network_available(self) -> bool:
        """Whether the device reaches any network."""
        ...

    def refuses(self, *, secure: bool) -> str:
        """Why the device itself lets no call of this kind end well, as Java prints it; empty when it does."""
        ...

    def system_value(self, name: str) -> str:
        """A system property, else a global setting, else nothing."""
        ...

    def error_dialogs_hidden(self) -> bool:
        """Whether crashes and ANRs show no dialog (`settings put global hide_error_dialogs 1`)."""
        ...

    def show_not_responding(self, label: str, package: str, *, close: Callable[[], None]) -> None:
        """Show the dialog about an app that does not respond; `close` is what its first button does."""
        ...

    def dismiss_dialogs(self, package: str) -> None:
        """Take away the dialogs about a package."""
        ...
