"""One virtual device on a TCP port: the simulated system and the adb daemon in front of it."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from validator.virtual.daemon.listener import Listener
from validator.virtual.daemon.services.opener import DeviceServices, banner
from validator.virtual.device.device import Device
from validator.virtual.device.profile import DeviceProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualDevice:
    """A device and its port. Created by `power_on`, ended by `close`."""

    device: Device
    listener: Listener

    @property
    def port(self) -> int:
        """The loopback port on which its adb daemon listens."""
        return self.listener.port

    async def close(self) -> None:
        """Cut the connections, free the port, end everything that runs on the device."""
        self.listener.close()
        await self.device.close()


async def power_on(profile: DeviceProfile, sock: socket.socket) -> VirtualDevice:
    """Start a device whose adb daemon listens on a socket made by `validator.virtual.daemon.listener.bind`."""
    device = Device(profile)
    listener = Listener(sock, banner=banner(profile), opener=DeviceServices(device).open)
    device.link = listener
    await listener.listen()
    return VirtualDevice(device=device, listener=listener)
