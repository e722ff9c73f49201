"""Listening, and not listening: an outage refuses connections as a dead server does, and keeps its port."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

_BACKLOG = 128


class Doors:
    """One loopback address on which an application is served whenever the doors are open."""

    def __init__(self, app: ASGIApp, *, host: str, port: int) -> None:
        """Reserve the port (0 chooses a free one).

        A bound socket that does not listen makes the kernel refuse connections, and keeps strangers off the port
        during an outage; the listening socket shares the address by SO_REUSEPORT.

        Raises:
            OSError: The port is taken.
        """
        _check_free(host, port)
        self._reserved = _bound_socket(host, port)
        self.host, self.port = self._reserved.getsockname()[:2]
        self._config = uvicorn.Config(
            app, http="h11", ws="none", lifespan="off", log_config=None, server_header=False, proxy_headers=False
        )
        self._state = ServerState()
        self._server: asyncio.Server | None = None
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)

    @property
    def are_open(self) -> bool:
        """Whether somebody listens."""
        return self._server is not None

    def url(self) -> str:
        """Where the application is served."""
        return f"http://{self.host}:{self.port}"

    async def open(self) -> None:
        """Begin to listen; nothing happens when the doors are open."""
        if self._server is None:
            listening = _bound_socket(self.host, self.port)
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._connection, sock=listening, backlog=_BACKLOG)

    def shut(self) -> None:
        """Stop listening and reset every connection, at once."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in list(self._state.connections):
            _reset(connection.transport)

    def close(self) -> None:
        """Shut, and give the port back."""
        self.shut()
        self._reserved.close()

    def _connection(self) -> asyncio.Protocol:
        return H11Protocol(config=self._config, server_state=self._state, app_state={})


def _reset(transport: asyncio.Transport) -> None:
    # Closing a socket that lingers for no time sends RST instead of FIN (socket(7)).
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _check_free(host: str, port: int) -> None:
    # Two servers of one user could share a port by SO_REUSEPORT unnoticed; a bind without it tells.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def _bound_socket(host: str, port: int) -> socket.socket:
    # asyncio switches Nagle's algorithm off only for sockets that name their protocol; with it every reply takes 40 ms.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
