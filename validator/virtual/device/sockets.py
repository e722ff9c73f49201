"""What listens on the device's own loopback ports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol


class Duplex(Protocol):
    """A connection inside the device, such as the stream behind an `adb forward`."""

    async def read(self) -> bytes:
        """The next piece, empty at the end."""
        ...

    async def write(self, data: bytes) -> None:
        """Send the bytes."""
        ...


Handler = Callable[[Duplex], Awaitable[None]]


class Sockets:
    """TCP ports on which something on the device accepts connections."""

    def __init__(self) -> None:
        self._handlers: dict[int, Handler] = {}

    def listen(self, port: int, handler: Handler) -> None:
        """Accept connections on a port from now on."""
        self._handlers[port] = handler

    def close(self, port: int) -> None:
        """Refuse connections on a port from now on."""
        self._handlers.pop(port, None)

    def handler(self, port: int) -> Handler | None:
        """What answers on a port, None when nothing listens."""
        return self._handlers.get(port)

    def free_port(self) -> int:
        """A port on which nothing listens, for those who ask for port 0."""
        port = 40_000
        while port in self._handlers:
            port += 1
        return port
