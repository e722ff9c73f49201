"""A port of this machine that leads to a port of a host."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from paramiko.channel import Channel

from validator.support.machine import MachineError
from validator.support.ssh import SshConnection

_LOOK_SECONDS = 0.5
_JOIN_SECONDS = 2.0
_PIECE = 65_536
_HERE = "127.0.0.1"


@contextmanager
def forwarded(connection: SshConnection, port: int) -> Iterator[int]:
    """Let a free port of this machine lead to the host's own port, while the block runs; yields its number."""
    with socket.create_server((_HERE, 0)) as listener:
        forward = _Forward(connection, port, listener)
        forward.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            forward.stop()


class _Forward:
    def __init__(self, connection: SshConnection, port: int, listener: socket.socket) -> None:
        self._connection = connection
        self._port = port
        self._listener = listener
        self._over = threading.Event()
        self._open = set[socket.socket]()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept, name=f"forward to port {port}", daemon=True)

    def start(self) -> None:
        self._listener.settimeout(_LOOK_SECONDS)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._hang_up()
        self._thread.join(_JOIN_SECONDS)

    def _hang_up(self) -> None:
        with self._lock:
            for end in self._open:
                with suppress(OSError):  # closed by the other side
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                end, _ = self._listener.accept()
            except TimeoutError:
                if not self._connection.alive:
                    self._hang_up()
                continue
            except OSError:
                return
            end.settimeout(None)
            threading.Thread(target=self._serve, args=(end,), name="forwarded connection", daemon=True).start()

    def _serve(self, end: socket.socket) -> None:
        with end:
            with self._lock:
                self._open.add(end)
            try:
                channel = self._connection.tunnel(self._port)
                channel.settimeout(None)
                back = threading.Thread(target=_pump_back, args=(channel, end), name="forwarded answer", daemon=True)
                back.start()
                _pump(end, channel)
                back.join()
            except MachineError:
                return  # whoever connected sees the connection end
            finally:
                with self._lock:
                    self._open.discard(end)


def _pump(end: socket.socket, channel: Channel) -> None:
    with suppress(OSError):
        while data := end.recv(_PIECE):
            channel.sendall(data)
    with suppress(OSError, EOFError):
        channel.shutdown_write()


def _pump_back(channel: Channel, end: socket.socket) -> None:
    with suppress(OSError):
        while data := channel.recv(_PIECE):
            end.sendall(data)
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    channel.close()
