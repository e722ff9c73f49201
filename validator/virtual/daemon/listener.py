"""The TCP port on which a device waits for adb servers."""

from __future__ import annotations

import asyncio
import errno
import socket
import time

from validator.virtual.daemon.connection import Connection, Opener

_RELEASE_SECONDS = 1.0
_LIMIT = 4 * 1024 * 1024  # more than one full message, or asyncio pauses the socket in the middle of each


def bind(port: int) -> socket.socket:
    """A socket bound to the loopback port, not yet listening: the port is ours and refuses connections.

    Raises:
        OSError: the port is taken or not allowed.
    """
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it each shell command takes 44 ms more.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
    except OSError:
        sock.close()
        raise
    return sock


def _bound_again(port: int) -> socket.socket:
    """A program that is just being started holds a copy of the old socket for an instant, until it is executed."""
    ends = time.monotonic() + _RELEASE_SECONDS
    while True:
        try:
            return bind(port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > ends:
                raise
            time.sleep(0.001)


class Listener:
    """Accepts adb servers (several at once) and can lose them in the ways a real device does.

    The port stays bound while the listener is down, so that nobody else takes it and connecting is refused at once.
    """

    def __init__(self, sock: socket.socket, *, banner: bytes, opener: Opener) -> None:
        self.port: int = sock.getsockname()[1]
        self._socket = sock
        self._banner = banner
        self._opener = opener
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()
        self._frozen = False
        self._closed = False

    @property
    def listening(self) -> bool:
        """Whether an adb server can connect."""
        return self._server is not None

    @property
    def frozen(self) -> bool:
        """Whether the device has fallen silent."""
        return self._frozen

    @property
    def connections(self) -> int:
        """How many adb servers are connected."""
        return len(self._connections)

    async def listen(self) -> None:
        """Take connections from now on. Without effect when it already does, or after `close`."""
        if self._server is None and not self._closed:
            self._server = await asyncio.start_server(self._accepted, sock=self._socket, limit=_LIMIT)

    def drop(self) -> None:
        """The connections die and new ones are refused until `listen`."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self._socket = _bound_again(self.port)
        self.blip()

    def blip(self) -> None:
        """The connections die; the port keeps listening."""
        for connection in tuple(self._connections):
            connection.abort()

    def freeze(self) -> None:
        """Sockets stay open and nothing is answered, on new connections neither."""
        self._frozen = True
        for connection in self._connections:
            connection.freeze()

    def thaw(self) -> None:
        """Answer again."""
        self._frozen = False
        for connection in self._connections:
            connection.thaw()

    def close(self) -> None:
        """Free the port for good."""
        self._closed = True
        if self._server is not None:
            self._server.close()
            self._server = None
        self._socket.close()
        self.blip()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, banner=self._banner, opener=self._opener)
        if self._frozen:
            connection.freeze()
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)
