"""An adb server of our own: a child that ends with us, however we end, and that no other program uses by chance."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from validator.virtual.adb_server import AdbServer, AdbServerError

_START_DEADLINE_S = 10.0
_STOP_DEADLINE_S = 5.0
_POLL_S = 0.005
_ATTEMPTS = 3

# The shell between us and adb watches a pipe from us: when we are gone, even by SIGKILL, the pipe ends and adb with it.
_WATCHED = (
    'exec 3<&0; "$@" </dev/null & adb=$!; { read -r _; kill -9 "$adb"; } <&3 2>/dev/null & wait "$adb"; rm -rf "$HOME"'
)

_QUIET = {
    "ADB_USB": "0",
    "ADB_LIBUSB": "0",
    "ADB_EMU": "0",
    "ADB_MDNS": "0",
    "ADB_LOCAL_TRANSPORT_MAX_PORT": "5554",
}
"""Keeps the server from looking for devices of others: USB, emulators on 5555 to 5585, the local network.
Where libusb does not work the search for USB devices alone makes adb 36 silent for 3 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateAdb:
    """A running private server."""

    server: AdbServer
    process: asyncio.subprocess.Process
    home: Path

    async def stop(self) -> None:
        """End the server and remove its home folder."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_DEADLINE_S):
                await self.process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


async def start_private_adb(adb: Path, port: int | None = None) -> PrivateAdb:
    """Start a server on this port; on a free one when None.

    Raises:
        AdbServerError: the binary cannot be run, or its server did not come up.
    """
    problem = ""
    for _ in range(_ATTEMPTS):  # between choosing a free port and its use somebody else may take it
        chosen = _free_port() if port is None else port
        home = Path(tempfile.mkdtemp(prefix="validator-adb-"))
        process = await _spawn(adb, chosen, home)
        private = PrivateAdb(server=AdbServer(port=chosen), process=process, home=home)
        try:
            await _wait_until_up(private)
        except AdbServerError as error:
            problem = f"{error} {_log(home)}".strip()
            await private.stop()
        except asyncio.CancelledError:
            await private.stop()
            raise
        else:
            return private
    raise AdbServerError(f"{adb} does not start a server: {problem}")


async def _spawn(adb: Path, port: int, home: Path) -> asyncio.subprocess.Process:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ADB_", "ANDROID_"))}
    environment |= _QUIET | {"HOME": str(home)}
    command = [str(adb), "-L", f"tcp:localhost:{port}", "nodaemon", "server"]
    with (home / "server.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            _WATCHED,
            "adb-server",
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,  # Ctrl-C at the terminal is ours to handle: devices go first, the server last
        )


async def _wait_until_up(private: PrivateAdb) -> None:
    ends = time.monotonic() + _START_DEADLINE_S
    while True:
        if private.process.returncode is not None:
            raise AdbServerError("it ended at once.")
        try:
            await private.server.version()
        except AdbServerError as problem:
            if time.monotonic() > ends:
                raise AdbServerError(f"it did not answer within {_START_DEADLINE_S:.0f} s: {problem}.") from None
            await asyncio.sleep(_POLL_S)
        else:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _log(home: Path) -> str:
    """The last line of what the server said."""
    with contextlib.suppress(OSError, IndexError):
        return (home / "server.log").read_text(errors="replace").strip().splitlines()[-1]
    return ""
