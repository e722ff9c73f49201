"""The emulator's console: lines over TCP on the port that its serial names.

Protocol: developer.android.com/studio/run/emulator-console. It greets, ends each answer with `OK`, or one line that
begins with `KO:`, and takes most commands only after `auth` with the token in the user's home.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from validator.devices.adb import HOST
from validator.model.errors import RetryableError

_TOKEN = ".emulator_console_auth_token"  # noqa: S105 - the file's name
_MOST_BYTES = 64 * 1024
_TOKEN_BYTES = 256


class ConsoleError(RetryableError):
    """The console does not answer, or refuses."""


class Console:
    """A connection to one emulator's console."""

    def __init__(self, connection: socket.socket, ends: float) -> None:
        self._connection = connection
        self._ends = ends
        self._unread = b""

    def answer(self) -> str:
        """What it says until it is ready for the next command.

        Raises:
            ConsoleError: It refuses, says too much, or says nothing in time.
        """
        lines: list[str] = []
        while True:
            line = self._line()
            if line.startswith("KO"):
                raise ConsoleError(f"the console refuses: {line}")
            if line == "OK" or line.startswith("OK:"):
                return "\n".join(lines)
            lines.append(line)

    def ask(self, command: str) -> str:
        """Give one command and return its answer.

        Raises:
            ConsoleError: As `answer`.
        """
        try:
            self._connection.sendall(f"{command}\n".encode())
        except OSError as error:
            raise ConsoleError(f"the console has hung up: {error}") from error
        return self.answer()

    def _line(self) -> str:
        while b"\n" not in self._unread:
            left = self._ends - time.monotonic()
            if left <= 0 or len(self._unread) > _MOST_BYTES:
                raise ConsoleError("the console does not come to an end")
            self._connection.settimeout(left)
            try:
                data = self._connection.recv(4096)
            except OSError as error:
                raise ConsoleError(f"the console does not answer: {error}") from error
            if not data:
                raise ConsoleError("the console has hung up")
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode("utf-8", "replace").strip()


@contextmanager
def console(port: int, environ: Mapping[str, str], seconds: float) -> Iterator[Console]:
    """The console on this port, ready for commands.

    The token is only ever read from this user's home: a greeting names a file, too, but anybody can greet.

    Args:
        port: The console's.
        environ: Says where home is.
        seconds: How long everything may take.

    Raises:
        ConsoleError: Nothing answers there, or it does not take our token.
    """
    ends = time.monotonic() + seconds
    try:
        connection = socket.create_connection((HOST, port), timeout=seconds)
    except OSError as error:
        raise ConsoleError(f"no console answers on port {port}: {error}") from error
    with connection:
        found = Console(connection, ends)
        greeting = found.answer()
        if "Authentication required" in greeting:
            found.ask(f"auth {_token(environ)}")
        yield found


def kill(port: int, avd: str, environ: Mapping[str, str], seconds: float) -> None:
    """Ask the emulator on this port to end, if it is the one with this AVD.

    Raises:
        ConsoleError: It did not agree to.
    """
    with console(port, environ, seconds) as found:
        name = found.ask("avd name")
        if name != avd:
            raise ConsoleError(f"the emulator on port {port} runs {name[:80]!r}, not {avd}")
        try:
            found.ask("kill")
        except ConsoleError as error:
            if "hung up" not in error.what:  # some releases end before they have answered
                raise


def _token(environ: Mapping[str, str]) -> str:
    path = Path(environ.get("HOME") or Path.home(), _TOKEN)
    try:
        return path.read_text(encoding="ascii").strip()[:_TOKEN_BYTES]
    except (OSError, ValueError) as error:
        raise ConsoleError(f"there is no token for the console in {path}") from error
