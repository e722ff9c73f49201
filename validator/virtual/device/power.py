"""Booting: the boot id, the uptime, and whether Android's framework runs yet."""

from __future__ import annotations

import asyncio
import time
import uuid

from validator.virtual.device.registry import Properties

_BOOT_COMPLETED = "sys.boot_completed"


class Power:
    """The state of being switched on. `boot` and `hold_framework` need a running event loop when they take time."""

    def __init__(self, properties: Properties) -> None:
        self._properties = properties
        self._timer: asyncio.TimerHandle | None = None
        self._since = time.monotonic()
        self.boot_id = ""
        self.framework_running = False
        self.booted = asyncio.Event()
        """Set while the framework runs."""

    @property
    def uptime(self) -> float:
        """Seconds since the kernel started."""
        return time.monotonic() - self._since

    def boot(self, seconds: float) -> None:
        """Start the kernel; the framework follows after so many seconds."""
        self.boot_id = str(uuid.uuid4())
        self._since = time.monotonic()
        self.hold_framework(seconds)

    def hold_framework(self, seconds: float) -> None:
        """Take the framework away for so many seconds, as when it restarts."""
        self.close()
        self.framework_running = False
        self.booted.clear()
        for name in (_BOOT_COMPLETED, "dev.bootcomplete"):
            self._properties.system_set(name, "")
        if seconds > 0:
            self._timer = asyncio.get_running_loop().call_later(seconds, self.framework_up)
        else:
            self.framework_up()

    def framework_up(self) -> None:
        """The framework runs from now on."""
        self.close()
        self.framework_running = True
        self.booted.set()
        for name in (_BOOT_COMPLETED, "dev.bootcomplete"):
            self._properties.system_set(name, "1")

    def close(self) -> None:
        """Forget a framework start that is still to come."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
