"""One adb server, spoken to over its socket. The only place that uses `adbutils`.

adbutils starts a server by itself when it finds none, with whatever adb it finds first and on adb's default port; two
versions of adb restart one another's server. So connections here never start anything: `adb_server` does, by name.
Nor does adbutils limit how long a whole answer takes, while a frozen device keeps its connection and never answers. So
every call here has a deadline for all of it, and closes its socket when that has passed.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files

import adbutils

from validator.devices.shell_frames import ShellFrames, ShellResult
from validator.model.device import AdbAddress
from validator.model.errors import RetryableError

HOST = "127.0.0.1"
SERVER_SECONDS = 5.0
"""Deadline of everything that the server answers by itself."""
SHELL_SECONDS = 15.0
"""Deadline of a shell command on the device where the caller names none: `pm` takes seconds on a busy emulator."""
SHELL_LIMIT = 8 * 1024 * 1024

_CHUNK = 65_536


class AdbError(RetryableError):
    """adb could not do what it was asked for."""


class UnreachableError(AdbError):
    """The device is not there, not ready, or went away in the middle; or the adb server itself is not there."""


class SilentError(AdbError):
    """No answer within the deadline: the device is frozen, or much too slow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A device that the adb server knows, in the state that it names."""

    serial: str
    state: str
    """`device` when it can be used; `offline`, `unauthorized`, `no permissions`… when it cannot."""


class _Connection(adbutils.AdbConnection):  # type: ignore[misc, no-any-unimported]  # it has no types
    """A connection that starts no server, and closes without waiting."""

    def __init__(self, port: int, seconds: float) -> None:
        self._port = port
        self._seconds = seconds
        super().__init__(HOST, port)

    def _safe_connect(self) -> socket.socket:
        return socket.create_connection((HOST, self._port), self._seconds)

    def close(self) -> None:
        self.conn.close()


class Adb:
    """The devices of one adb server. Any method may raise UnreachableError or SilentError, in any thread."""

    def __init__(self, address: AdbAddress) -> None:
        self.address = address

    def server_version(self) -> int:
        """The version of the server's protocol: 41 for adb 1.0.41."""
        with self._connection(SERVER_SECONDS) as connection:
            connection.send_command("host:version")
            connection.check_okay()
            return int(connection.read_string_block(), 16)

    def devices(self) -> tuple[Attached, ...]:
        """All devices that the server knows, in any state."""
        lines = [line.split(None, 1) for line in self._ask("host:devices").splitlines()]
        return tuple(Attached(serial=parts[0], state=parts[1].strip()) for parts in lines if len(parts) == 2)

    def state(self, serial: str) -> str:
        """The state of one device; UnreachableError when the server does not know it."""
        return self._ask(f"host-serial:{serial}:get-state")

    def connect(self, serial: str) -> str:
        """Attach a device that listens on TCP (`host:port`); the server's answer says whether that went well.

        A stale entry of the same name is removed first: the server would keep it and its `offline` for 10 s.
        """
        with self._connection(SERVER_SECONDS) as connection:
            connection.send_command(f"host:disconnect:{serial}")
            connection.read(4)  # OKAY, or FAIL when it was not attached
        return self._ask(f"host:connect:{serial}")

    def attach_emulator(self, port: int) -> None:
        """Tell the server of an emulator whose adb port is `port`; it will be called `emulator-<port - 1>`."""
        with self._connection(SERVER_SECONDS) as connection:
            connection.send_command(f"host:emulator:{port}")
            connection.read(1)  # nothing comes: the server just closes

    def forward(self, serial: str, remote: str) -> str:
        """Forward a free port of this host to the device; returns it as `tcp:PORT`."""
        with self._connection(SERVER_SECONDS) as connection:
            connection.send_command(f"host-serial:{serial}:forward:tcp:0;{remote}")
            connection.check_okay()
            connection.check_okay()
            return f"tcp:{connection.read_string_block()}"

    def forwards(self, serial: str) -> frozenset[str]:
        """This host's ends of all forwards to the device."""
        lines = [line.split() for line in self._ask("host:list-forward").splitlines()]
        return frozenset(parts[1] for parts in lines if len(parts) == 3 and parts[0] == serial)

    def remove_forward(self, serial: str, local: str) -> None:
        """Remove a forward, given this host's end of it."""
        with self._connection(SERVER_SECONDS) as connection:
            connection.send_command(f"host-serial:{serial}:killforward:{local}")
            connection.check_okay()

    def shell(
        self, serial: str, command: str, *, seconds: float = SHELL_SECONDS, limit: int = SHELL_LIMIT
    ) -> ShellResult:
        """Run a command on the device to its end.

        Args:
            serial: The device.
            command: What its shell reads.
            seconds: Deadline of the whole call.
            limit: Bytes of each output stream that are kept; the rest is read and dropped.
        """
        deadline = time.monotonic() + seconds
        frames = ShellFrames(limit)
        with self._service(serial, f"shell,v2,raw:{command}", seconds) as connection:
            while data := _receive(connection, deadline):
                frames.feed(data)
        result = frames.result()
        if result is None:
            raise UnreachableError("the connection broke before the command ended", where=serial)
        return result

    @contextmanager
    def stream(self, serial: str, command: str) -> Iterator[socket.socket]:
        """Start a command that does not end; its output is read from the socket, which may be silent for long."""
        with self._service(serial, f"exec:{command}", SERVER_SECONDS) as connection:
            connection.conn.settimeout(None)
            yield connection.conn

    def _ask(self, question: str) -> str:
        with self._connection(SERVER_SECONDS) as connection:
            connection.send_command(question)
            connection.check_okay()
            return str(connection.read_string_block())

    @contextmanager
    def _service(self, serial: str, service: str, seconds: float) -> Iterator[_Connection]:
        with self._connection(seconds, serial) as connection:
            connection.send_command(f"host:transport:{serial}")
            connection.check_okay()
            connection.send_command(service)
            connection.check_okay()
            yield connection

    @contextmanager
    def _connection(self, seconds: float, serial: str = "") -> Iterator[_Connection]:
        where = serial or f"adb server on port {self.address.server_port}"
        try:
            with _Connection(self.address.server_port, seconds) as connection:
                yield connection
        except (adbutils.AdbTimeout, TimeoutError) as error:
            raise SilentError(f"no answer within {seconds:g} s", where=where) from error
        except (adbutils.AdbError, OSError, ValueError) as error:
            raise UnreachableError(_said(error), where=where) from error


def bundled_adb() -> str:
    """The adb program inside the adbutils package; empty where this platform's wheel has none."""
    program = files(adbutils) / "binaries" / "adb"
    return str(program) if program.is_file() else ""


def _said(error: Exception) -> str:
    """What adb said, on one line."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else " ".join(str(error).split())
    return "the connection was closed" if not text or text == "Unknown data: b''" else text[:300]


def _receive(connection: _Connection, deadline: float) -> bytes:
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError
    connection.conn.settimeout(remaining)
    data: bytes = connection.recv(_CHUNK)
    return data
