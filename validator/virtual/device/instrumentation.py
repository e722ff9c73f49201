"""The UI automation server that `am instrument` starts and `am force-stop` ends."""

from __future__ import annotations

import asyncio

from validator.virtual.automation import AutomationServer
from validator.virtual.device.log import Log, LogBuffer
from validator.virtual.device.obituary import SYSTEM_SERVER_PID
from validator.virtual.device.profile import DeviceProfile
from validator.virtual.device.sockets import Duplex, Sockets
from validator.virtual.ports import Screen

AUTOMATION_PORT = 6790
AUTOMATION_PACKAGE = "io.appium.uiautomator2.server"
AUTOMATION_TEST_PACKAGE = f"{AUTOMATION_PACKAGE}.test"
DRIVER_PACKAGES = frozenset(
    {
        AUTOMATION_PACKAGE,
        AUTOMATION_TEST_PACKAGE,
        "dev.devicelab.driver.android",
        "dev.devicelab.driver.android.test",
        "dev.mobile.maestro",
        "dev.mobile.maestro.test",
    }
)
"""The packages that flow runners install to drive a device."""
_PID = 3_977


class Instrumentation:
    """Runs the automation server and answers on its port while it runs."""

    def __init__(self, screen: Screen, profile: DeviceProfile, sockets: Sockets, log: Log) -> None:
        self._screen = screen
        self._profile = profile
        self._sockets = sockets
        self._log = log
        self._serving: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()
        self._server: AutomationServer | None = None
        self._hung = False
        self._silent = False

    @property
    def running(self) -> bool:
        """Whether the server's process exists."""
        return self._server is not None

    @property
    def pid(self) -> int:
        """The process id of the server while it runs."""
        return _PID

    def start(self) -> None:
        """Start the server; one that still runs is replaced."""
        self.stop()
        self._ended = asyncio.Event()
        self._server = AutomationServer(self._screen, self._profile.model, self._profile.sdk)
        self._say(
            f"Start proc {_PID}:{AUTOMATION_PACKAGE}/u0a188 for added instrumentation {{{AUTOMATION_TEST_PACKAGE}}}"
        )
        if not self._silent:
            self._sockets.listen(AUTOMATION_PORT, self._serve)

    def stop(self, reason: str = "") -> None:
        """End the server's process, with it every connection it has. Without effect when it does not run."""
        if self._server is None:
            return
        self._server = None
        self._sockets.close(AUTOMATION_PORT)
        for task in self._serving:
            task.cancel()
        if reason:
            self._say(f"Killing {_PID}:{AUTOMATION_PACKAGE}/u0a188 (adj 0): {reason}")
        self._ended.set()

    def hang(self) -> None:
        """From now on the server accepts connections and answers nothing."""
        self._hung = True

    def never_listen(self) -> None:
        """End the server; when it is started again its process exists and its port answers to nobody."""
        self._silent = True
        self.stop("crash")

    def heal(self) -> None:
        """A server started from now on works; one that hung or stayed silent is ended."""
        if self._hung or self._silent:
            self._hung = self._silent = False
            self.stop("not responding")

    async def ended(self) -> None:
        """Wait until the server's process is gone (`am instrument -w`)."""
        await self._ended.wait()

    async def _serve(self, duplex: Duplex) -> None:
        server = self._server
        if server is None:
            return
        task = asyncio.get_running_loop().create_task(self._conversation(server, duplex))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
        if not task.cancelled():
            task.result()

    async def _conversation(self, server: AutomationServer, duplex: Duplex) -> None:
        async def answer(data: bytes) -> None:
            if not self._hung:
                await duplex.write(data)

        reader = asyncio.StreamReader()
        pump = asyncio.get_running_loop().create_task(self._pump(duplex, reader))
        try:
            await server.serve(reader, answer)
        finally:
            pump.cancel()

    async def _pump(self, duplex: Duplex, reader: asyncio.StreamReader) -> None:
        while data := await duplex.read():
            if not self._hung:
                reader.feed_data(data)
        if not self._hung:
            reader.feed_eof()

    def _say(self, message: str) -> None:
        self._log.write("I", "ActivityManager", message, pid=SYSTEM_SERVER_PID, buffer=LogBuffer.SYSTEM)
