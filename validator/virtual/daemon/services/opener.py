"""Chooses the service behind a name such as `shell,v2,TERM=xterm:ls`.

Source: AOSP `packages/modules/adb/SERVICES.TXT` and `daemon/services.cpp`; what adb 29 and 36 were seen to open.
"""

from __future__ import annotations

from validator.virtual.daemon.connection import Connection, Service
from validator.virtual.daemon.services.reverse import Reverse
from validator.virtual.daemon.services.shell import exec_service, shell_service
from validator.virtual.daemon.services.sync import Sync
from validator.virtual.daemon.stream import Stream
from validator.virtual.device.device import Device
from validator.virtual.device.profile import DeviceProfile

FEATURES = ("shell_v2", "cmd", "stat_v2", "ls_v2", "fixed_push_mkdir")
"""What the device claims. With these five adb 29 and adb 36 use the same services; `sendrecv_v2`, `abb_exec` and
`delayed_ack` would bring other ones for the same ends."""


def banner(profile: DeviceProfile) -> bytes:
    """How the device introduces itself in its CNXN message."""
    properties = profile.properties()
    names = ("ro.product.name", "ro.product.model", "ro.product.device")
    facts = ";".join(f"{name}={properties[name]}" for name in names)
    return f"device::{facts};features={','.join(FEATURES)}".encode()


class DeviceServices:
    """Opens services on one device. Reverse forwards belong to the connection they were made on."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._reverse: dict[Connection, Reverse] = {}

    def open(self, name: str, connection: Connection) -> Service | None:
        """The service of that name, None when adbd would refuse it."""
        kind, _, rest = name.partition(":")
        match kind.partition(",")[0]:
            case "shell":
                return shell_service(self._device, kind.split(",")[1:], rest)
            case "exec":
                return exec_service(self._device, rest)
            case "sync":
                return Sync(self._device.files).serve
            case "tcp":
                return self._port(rest)
            case "reverse":
                return self._reverses(connection).service(rest)
            case "reboot":
                return self._reboot
            case "root" | "unroot" | "remount" | "disable-verity" | "enable-verity":
                return _refused_on_user_builds
            case _:
                return None

    def _port(self, port: str) -> Service | None:
        number = port.rpartition(":")[2]
        return self._device.sockets.handler(int(number)) if number.isdecimal() else None

    def _reverses(self, connection: Connection) -> Reverse:
        if connection not in self._reverse:
            reverse = Reverse(self._device.sockets, connection)
            self._reverse[connection] = reverse

            def over() -> None:
                del self._reverse[connection]
                reverse.remove_all()

            connection.on_end.append(over)
        return self._reverse[connection]

    async def _reboot(self, _stream: Stream) -> None:
        self._device.start_task(self._device.reboot())


async def _refused_on_user_builds(stream: Stream) -> None:
    await stream.write(b"adbd cannot run as root in production builds\n")
