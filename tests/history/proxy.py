"""A TCP proxy that stands for the network: it can refuse, cut, and go on acknowledging what it never delivers."""

from __future__ import annotations

import contextlib
import socket
import threading
from enum import Enum

from tests.history.postgres import free_port


class Fate(Enum):
    """What may become of a message."""

    SWALLOWED = "acknowledged by TCP, and never delivered"
    LOST = "the connection is cut before it arrives"
    DELIVERED = "it arrives, and the connection is cut before its answer does"


class Proxy:
    """Between a client and a server on this machine."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._flowing = threading.Event()
        self._flowing.set()
        self._trap: tuple[bytes, Fate] | None = None
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listening: socket.socket | None = None
        self.mend()

    def refuse(self) -> None:
        """Cut every connection and refuse new ones."""
        if self._listening is not None:
            _shut(self._listening)
            self._listening = None
        self._cut()

    def hang(self) -> None:
        """Accept and acknowledge everything, and deliver nothing."""
        self._flowing.clear()

    def trap(self, word: bytes, fate: Fate) -> None:
        """Let this happen to the next message with this word in it."""
        self._trap = (word, fate)

    @property
    def trapped(self) -> bool:
        """Whether the trap has sprung."""
        return self._trap is None

    def mend(self) -> None:
        """Let everything through again, what was held up first."""
        self._flowing.set()
        if self._listening is None:
            self._listening = socket.create_server(("127.0.0.1", self.port), reuse_port=True)
            self._run(self._accept, self._listening)

    def close(self) -> None:
        """End every connection and thread."""
        self._flowing.set()
        self.refuse()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def _run(self, work: object, *arguments: object) -> None:
        assert callable(work)
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listening: socket.socket) -> None:
        with listening:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                server = socket.create_connection(("127.0.0.1", self._target))
                with self._lock:
                    self._open += [client, server]
                self._run(self._pump, client, server, True)
                self._run(self._pump, server, client, False)

    def _pump(self, source: socket.socket, target: socket.socket, from_client: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                if from_client and self._trap is not None and self._trap[0] in data:
                    self._spring(source, target, data)
                    return
                target.sendall(data)
        _shut(source)
        _shut(target)

    def _spring(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        assert self._trap is not None
        fate, self._trap = self._trap[1], None
        match fate:
            case Fate.SWALLOWED:
                return
            case Fate.LOST:
                _shut(client)
                _shut(server)
            case Fate.DELIVERED:
                _shut(client)
                server.sendall(data)
                server.shutdown(socket.SHUT_WR)

    def _cut(self) -> None:
        with self._lock:
            for side in self._open:
                _shut(side)
            self._open.clear()


def _shut(side: socket.socket) -> None:
    with contextlib.suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)
    side.close()
