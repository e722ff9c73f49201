"""One device of a fleet: which serial it has, and how it gets back to the adb server after it was away."""

from __future__ import annotations

import contextlib

from validator.virtual.adb_server import AdbServer, AdbServerError
from validator.virtual.virtual_device import VirtualDevice


class FleetDevice:
    """Attaches a virtual device to an adb server, and again whenever the device comes back.

    An emulator announces itself when it boots; a device reached over TCP is connected again by whoever looks after it.
    Both are done here, so that a device is back at once; left alone, adb retries a lost TCP device every ten seconds.
    """

    def __init__(self, index: int, virtual: VirtualDevice, server: AdbServer, *, emulator: bool) -> None:
        self.index = index
        self.virtual = virtual
        self._server = server
        self._emulator = emulator
        virtual.device.link = _Cable(self)

    @property
    def serial(self) -> str:
        """The device as adb calls it."""
        return f"emulator-{self.virtual.port - 1}" if self._emulator else f"127.0.0.1:{self.virtual.port}"

    @property
    def state(self) -> str:
        """`online`, `booting` (no framework yet), `frozen`, or `offline` (no adb server can connect)."""
        listener = self.virtual.listener
        if not listener.listening:
            return "offline"
        if listener.frozen:
            return "frozen"
        return "online" if self.virtual.device.framework_running else "booting"

    async def attach(self) -> None:
        """Bring the device to the adb server and wait until it is there.

        Raises:
            AdbServerError: it did not get there in time.
        """
        if self._emulator:
            await self._server.announce_emulator(self.virtual.port)
        else:
            await self._server.disconnect(self.serial)
            await self._server.connect(self.virtual.port)
        await self._server.wait_until_attached(self.serial)

    async def detach(self) -> None:
        """Take the device away from the adb server."""
        await self._server.disconnect(self.serial)

    async def come_back(self) -> None:
        """Listen again and attach; when the adb server is gone, only listen."""
        if not self.virtual.listener.listening:
            await self.virtual.listener.listen()
            self.virtual.device.start_task(self._attach_quietly())

    async def _attach_quietly(self) -> None:
        with contextlib.suppress(AdbServerError):
            await self.attach()


class _Cable:
    """Implements `Link`: the listener, and the way back to the adb server."""

    def __init__(self, device: FleetDevice) -> None:
        self._device = device
        self._listener = device.virtual.listener

    async def listen(self) -> None:
        await self._device.come_back()

    def drop(self) -> None:
        self._listener.drop()

    def blip(self) -> None:
        self._listener.blip()

    def freeze(self) -> None:
        self._listener.freeze()

    def thaw(self) -> None:
        self._listener.thaw()
