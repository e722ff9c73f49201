"""A session on a host: what earlier ones left is cleaned, a device is locked, and all of it ends with us."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from paramiko.channel import Channel
from paramiko.ssh_exception import SSHException

from validator.support.lines import LineSplitter
from validator.support.machine import MachineError
from validator.support.ssh import SshConnection, command
from validator.support.ssh_errors import DISK_FULL, disk_full
from validator.support.ssh_machine import Place, SshMachine
from validator.support.ssh_scripts import ABOUT, CLEAN, KEEP, LOCK_SECONDS, PULSE, Pulse

LEAST_FREE_MB: Final = 100
"""An APK, a workspace and the evidence of an attempt have to find room."""
_ASK_SECONDS: Final = 20.0
_CLEAN_SECONDS: Final = 60.0
_READY_SECONDS: Final = LOCK_SECONDS + 15.0
_END_SECONDS: Final = 15.0
_FACTS: Final = 4


class HeldElsewhereError(MachineError):
    """Another session, or a run on the host itself, holds the lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """What a host says about itself."""

    state: str
    """The folder there for what we keep."""
    free_mb: int
    user: int
    environment: dict[str, str]


def facts(connection: SshConnection) -> HostFacts:
    """Ask a host about itself.

    Raises:
        MachineError: It does not answer, lacks what every Linux has, or its disk is full.
    """
    answer = connection.ask(ABOUT, seconds=_ASK_SECONDS)
    name = connection.name
    head, *rest = answer.text.split("\n", _FACTS)
    if answer.code or len(rest) < _FACTS:
        said = " ".join((answer.complaint or answer.text).split())[:300]
        if any(word in said for word in DISK_FULL):
            raise disk_full(name, said, "~/.cache")
        remedy = "see that it is a Linux with a POSIX shell, and that ~/.cache can be written there"
        raise MachineError(f"the host does not say what it is: {said or 'nothing'}", where=name, remedy=remedy)
    free, user, missing, environ = rest
    if missing.strip() or "no /proc" in answer.complaint:
        lacks = missing.strip() or "/proc"
        raise MachineError(f"the host lacks: {lacks}", where=name, remedy="install coreutils, util-linux and tar on it")
    return HostFacts(state=head, free_mb=int(free or 0) // 1024, user=int(user), environment=_environment(environ))


def require_room(connection: SshConnection, known: HostFacts) -> None:
    """See that there is room for a run.

    Raises:
        MachineError: There is not.
    """
    if known.free_mb < LEAST_FREE_MB:
        said = f"{known.free_mb} MB are free, a run takes {LEAST_FREE_MB} MB"
        raise disk_full(connection.name, said, known.state)


@contextmanager
def session(
    connection: SshConnection,
    lock: PurePosixPath | None = None,
    *,
    lock_seconds: int = LOCK_SECONDS,
    pulse: Pulse = PULSE,
) -> Iterator[SshMachine]:
    """The host as a machine, while the block runs.

    Args:
        connection: The host.
        lock: A file on the host that is locked for as long.
        lock_seconds: How long it is waited for: a session that was cut off holds it until the host gives it up.
        pulse: How each side knows that the other one is there.

    Raises:
        HeldElsewhereError: Somebody else holds the lock.
        MachineError: The host is lost, its disk is full, or it lacks what every Linux has.
    """
    known = facts(connection)
    require_room(connection, known)
    place = Place(state=known.state, session=f"{int(time.time())}-{secrets.token_hex(4)}")
    with _Keeper(connection, place, str(lock or ""), lock_seconds, pulse):
        connection.ask(CLEAN, known.state, seconds=_CLEAN_SECONDS)
        yield SshMachine(connection, place, known.environment, pulse)


def _environment(text: str) -> dict[str, str]:
    pairs = (entry.partition("=") for entry in text.split("\0"))
    return {name: value for name, _, value in pairs if name.isidentifier() and name not in ("_", "SHLVL", "PWD")}


class _Keeper:
    """The process on the host that holds the session's locks for as long as it hears from us."""

    def __init__(self, connection: SshConnection, place: Place, lock: str, lock_seconds: int, pulse: Pulse) -> None:
        self._connection = connection
        self._pulse = pulse
        who = f"{socket.gethostname()} {place.session}"
        self._command = command(KEEP, place.state, place.session, lock, who, str(lock_seconds), str(pulse.patience))
        self._said = list[str]()
        self._over = threading.Event()

    def __enter__(self) -> None:
        self._channel = self._connection.channel()
        try:
            self._channel.settimeout(_ASK_SECONDS)
            self._channel.exec_command(self._command)
            self._await_ready()
        except (EOFError, SSHException) as error:
            self._channel.close()
            raise self._connection.lost(error) from error
        except BaseException:
            self._channel.close()
            raise
        self._thread = threading.Thread(target=self._beat, name=f"session on {self._connection.name}", daemon=True)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        """Let the host clean up, and wait for it."""
        self._over.set()
        self._thread.join(_END_SECONDS)
        with suppress(OSError, EOFError, SSHException):
            self._channel.shutdown_write()
            self._channel.status_event.wait(_END_SECONDS if self._connection.alive else 0.0)
        self._channel.close()

    def _await_ready(self) -> None:
        ends = time.monotonic() + _READY_SECONDS
        lines = LineSplitter()
        while time.monotonic() < ends:
            with suppress(OSError):
                self._channel.settimeout(self._pulse.beat)
                data = self._channel.recv_stderr(1024)
                self._said += [*lines.feed(data), *(() if data else lines.finish())]
                if "ready" in self._said:
                    return
                if not data:
                    raise self._refused()
            if not self._connection.alive:
                raise self._connection.lost()
        raise MachineError(f"no answer within {_READY_SECONDS:g} s", where=self._connection.name)

    def _refused(self) -> MachineError:
        name = self._connection.name
        held = next((line.removeprefix("held ") for line in self._said if line.startswith("held")), None)
        if held is not None:
            return HeldElsewhereError(
                f"in use by pid {held.strip() or '(unknown)'} on {name}",
                where=name,
                remedy="wait until that process is done, or configure another device",
            )
        said = " ".join(" ".join(self._said).split())[:300]
        if any(word in said for word in DISK_FULL):
            return disk_full(name, said, "~/.cache")
        return MachineError(f"no session can be begun: {said or 'nothing was said'}", where=name)

    def _beat(self) -> None:
        while not self._over.wait(self._pulse.beat) and _tell(self._channel, b"beat\n", self._pulse.beat):
            while self._channel.recv_stderr_ready():  # what it answers would fill its window in the end
                self._channel.recv_stderr(1024)


def _tell(channel: Channel, data: bytes, seconds: float) -> bool:
    try:
        channel.settimeout(seconds)
        channel.sendall(data)
    except (OSError, EOFError, SSHException):  # the connection is lost: the programs that run on it tell
        return False
    return True
