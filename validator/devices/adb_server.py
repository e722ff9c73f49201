"""The adb server on a given port: found or started, and ended only when it is ours alone."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from validator.devices.adb import Adb, AdbError
from validator.devices.adb_binary import AdbBinary
from validator.model.causes import Cause
from validator.model.device import AdbAddress
from validator.model.errors import StageError
from validator.support.process import ProgramMissingError, Spawned, run
from validator.support.stop import Stop

SHARED_PORT = 5037
"""adb's own default: whoever starts a server there starts it for everybody on this machine."""
_START_SECONDS = 20.0
_POLL_SECONDS = 0.02
_USB = Path("/dev/bus/usb")


@contextmanager
def adb_server(binary: AdbBinary, port: int, stop: Stop) -> Iterator[Adb]:
    """The server on this port, with the program that fits it.

    A server that runs already is used and left running. On adb's default port one is started for all, and stays. On
    any other port one is started that lives as long as this block, and dies with this process whatever it dies of.

    Raises:
        StageError: `no_device` when it cannot be started or speaks another version than the program.
    """
    adb = Adb(AdbAddress(path=binary.path, server_port=port))
    if _version(adb) is not None:
        _check_version(adb, binary)
        yield adb
    elif port == SHARED_PORT:
        _start_shared(adb, stop)
        _check_version(adb, binary)
        yield adb
    else:
        with _private(adb, stop):
            _check_version(adb, binary)
            yield adb


def command(address: AdbAddress, *arguments: str) -> list[str]:
    """The command line that asks this very server; its `-P` overrules what the environment says about servers."""
    return [address.path, "-P", str(address.server_port), *arguments]


def environment(address: AdbAddress, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment for programs that use adb themselves, so that they find the same server."""
    own = {name: value for name, value in inherited.items() if name not in ("ADB_SERVER_SOCKET", "ANDROID_SERIAL")}
    return {**own, "ANDROID_ADB_SERVER_PORT": str(address.server_port), "ADBUTILS_ADB_PATH": address.path}


def _server_environment() -> dict[str, str]:
    """Where the machine has no USB, a server of adb 36 waits 3 s for it before it answers; so it is told."""
    without = {} if _USB.exists() else {"ADB_USB": "0"}
    return {**without, **os.environ}


def _version(adb: Adb) -> int | None:
    try:
        return adb.server_version()
    except AdbError:
        return None


def _check_version(adb: Adb, binary: AdbBinary) -> None:
    port, version = adb.address.server_port, _version(adb)
    if version is not None and version != binary.protocol:
        raise StageError(
            Cause.NO_DEVICE,
            f"the adb server on port {port} speaks version 1.0.{version}, {binary.path} speaks 1.0.{binary.protocol}; "
            "they would restart one another",
            remedy="set adb.path to the adb that started that server, or choose another adb.server_port",
        )


def _start_shared(adb: Adb, stop: Stop) -> None:
    try:
        done = run(
            command(adb.address, "start-server"),
            deadline=_START_SECONDS,
            stop=stop,
            env=_server_environment(),
            guarded=False,
        )
    except ProgramMissingError as error:
        raise _not_started(adb, error.what) from error
    if _version(adb) is None:
        raise _not_started(adb, " | ".join(done.tail[-5:]) or done.ended)


@contextmanager
def _private(adb: Adb, stop: Stop) -> Iterator[None]:
    argv = command(adb.address, "nodaemon", "server")
    with ExitStack() as stack:
        try:
            server = stack.enter_context(Spawned(argv, env=_server_environment()))
        except ProgramMissingError as error:
            raise _not_started(adb, error.what) from error
        _await_answer(adb, server, stop)
        yield


def _await_answer(adb: Adb, server: Spawned, stop: Stop) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while _version(adb) is None:
        if server.wait(_POLL_SECONDS, stop) or stop.is_set or time.monotonic() > deadline:
            if _version(adb) is not None:  # another process was quicker: the server is its own
                return
            raise _not_started(adb, stop.reason or " | ".join(server.tail[-5:]) or "it does not answer")


def _not_started(adb: Adb, why: str) -> StageError:
    return StageError(
        Cause.NO_DEVICE,
        f"the adb server on port {adb.address.server_port} cannot be started: {why}",
        where=adb.address.path,
        remedy="free the port or choose another adb.server_port, and see that adb works in a shell",
    )
