"""The cable between the device and adb, as far as the device's own misfortunes reach it."""

from __future__ import annotations

from typing import Protocol


class Link(Protocol):
    """What can happen to the connection. Implemented by the daemon's listener."""

    async def listen(self) -> None:
        """Accept adb servers."""
        ...

    def drop(self) -> None:
        """Cut every connection and refuse new ones."""
        ...

    def blip(self) -> None:
        """Cut every connection; new ones are taken."""
        ...

    def freeze(self) -> None:
        """Fall silent with sockets open."""
        ...

    def thaw(self) -> None:
        """Answer again."""
        ...


class Unplugged:
    """No cable: a device that nobody has put on a port yet."""

    async def listen(self) -> None:
        """Nothing to do."""

    def drop(self) -> None:
        """Nothing to do."""

    def blip(self) -> None:
        """Nothing to do."""

    def freeze(self) -> None:
        """Nothing to do."""

    def thaw(self) -> None:
        """Nothing to do."""
