"""A TCP server that treats each connection as a test tells it to: the place for servers that misbehave."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

Treatment = Callable[[socket.socket], None]


class TcpServer:
    """Listens on a loopback port; every connection is handed to `treatment` in a thread of its own, then closed."""

    def __init__(self, treatment: Treatment, tls: ssl.SSLContext | None) -> None:
        self._treatment = treatment
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept)]
        self.port: int = self._listener.getsockname()[1]
        self.over = threading.Event()
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            thread = threading.Thread(target=self._treat, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _treat(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.add(connection)
            self._treatment(connection)
        connection.close()

    def close(self) -> None:
        self.over.set()
        # close() alone does not wake a thread that waits in accept() or recv().
        for waiting in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                waiting.shutdown(socket.SHUT_RDWR)
            waiting.close()
        for thread in self._threads:
            thread.join()


@contextlib.contextmanager
def tcp_server(treatment: Treatment, tls: ssl.SSLContext | None = None) -> Iterator[TcpServer]:
    """A server for the length of the block."""
    server = TcpServer(treatment, tls)
    try:
        yield server
    finally:
        server.close()


def read_request(connection: socket.socket) -> bytes:
    """Everything up to the empty line that ends a request's header."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            break
        received += piece
    return received


def answering(raw: bytes) -> Treatment:
    """Read the request, say this, and close."""

    def treat(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(raw)

    return treat


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
