"""One connection over ssh: a login with keys, a known host, and deadlines on everything.

Whatever is sent in a command is read by every user of the host in its list of processes, so commands are fixed scripts;
values travel over their standard input.
"""

from __future__ import annotations

import io
import logging
import secrets
import shlex
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import IO

import paramiko
from paramiko.channel import Channel
from paramiko.client import SSHClient
from paramiko.ssh_exception import SSHException
from paramiko.transport import Transport

from validator.support.machine import MachineError
from validator.support.ssh_errors import RevokedHostKeyError, UnknownHostKeyError, explained, host_line
from validator.support.ssh_known_hosts import KnownKeys, known_keys
from validator.support.ssh_target import Route, SshOptions, route

LOGIN_SECONDS = 20.0
OPEN_SECONDS = 10.0
"""Deadline for one more channel of a connection."""
ALIVE_SECONDS = 5
_UNANSWERED_MS = 20_000
"""After so many milliseconds without an acknowledgement the kernel gives the connection up (Linux, tcp(7))."""
_TRIES = 3
"""sshd turns connections away at random when more than 10 wait to log in (sshd_config(5), MaxStartups)."""
_PAUSE = 1.0
_PIECE = 65_536
_LONGEST_ANSWER = 16 * 1024 * 1024
_SLOW = "see what keeps the host busy: `uptime`, `df -h`"

logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # what it has to say arrives as an exception, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a script on the host came to."""

    code: int
    text: str
    complaint: str


class SshConnection:
    """A connection that is logged in. May be used by several threads."""

    def __init__(self, name: str, transport: Transport) -> None:
        self.name = name
        """What people call the host."""
        self._transport = transport

    @property
    def alive(self) -> bool:
        """Whether the connection stands, as far as is known."""
        return self._transport.is_active()

    def channel(self) -> Channel:
        """A channel for one more program.

        Raises:
            MachineError: The connection is lost, or the host allows no more.
        """
        try:
            return self._transport.open_session(timeout=OPEN_SECONDS)
        except (SSHException, EOFError, OSError) as error:
            raise self.lost(error) from error

    def tunnel(self, port: int) -> Channel:
        """A connection from the host to a port of its own.

        Raises:
            MachineError: The connection is lost, or nothing listens there.
        """
        try:
            return self._transport.open_channel(
                "direct-tcpip", ("127.0.0.1", port), ("127.0.0.1", 0), timeout=OPEN_SECONDS
            )
        except (SSHException, EOFError, OSError) as error:
            raise self.lost(error) from error

    def files(self) -> paramiko.SFTPClient:
        """The host's files.

        Raises:
            MachineError: The connection is lost, or sshd there offers no sftp.
        """
        channel = self.channel()
        try:
            channel.settimeout(OPEN_SECONDS)
            channel.invoke_subsystem("sftp")
            return paramiko.SFTPClient(channel)
        except (SSHException, EOFError, OSError) as error:
            channel.close()
            remedy = (
                "see that its login shell prints nothing to programs (~/.bashrc)"
                if "Garbage" in str(error)
                else "add `Subsystem sftp internal-sftp` to the host's sshd_config"
            )
            raise MachineError(f"sshd offers no sftp: {error}", where=self.name, remedy=remedy) from error

    def ask(self, script: str, *arguments: str, seconds: float, data: bytes | IO[bytes] = b"") -> Answer:
        """Run a script for `sh` on the host to its end.

        Args:
            script: Its text.
            arguments: `$1` and so on; other users of the host can read them.
            seconds: Deadline of all of it.
            data: Its standard input, or the file that it is read from.

        Raises:
            MachineError: The connection is lost, or there was no answer in time.
        """
        ends = time.monotonic() + seconds
        word = secrets.token_hex(8)  # before it, login shells say what they like to everybody
        with _closing(self.channel()) as channel:
            try:
                channel.settimeout(seconds)
                channel.exec_command(command(f"echo {word}\n{script}", *arguments))
                _send(channel, io.BytesIO(data) if isinstance(data, bytes) else data, ends)
                output = _read(channel.recv, channel, ends)
                complaint = _read(channel.recv_stderr, channel, ends)
                code = _status(channel, ends)
            except TimeoutError as error:
                raise MachineError(f"no answer within {seconds:g} s", where=self.name, remedy=_SLOW) from error
            except (SSHException, EOFError, OSError) as error:
                raise self.lost(error) from error
            return Answer(code=code, text=output.partition(f"{word}\n")[2], complaint=complaint)

    def lost(self, error: Exception | None = None) -> MachineError:
        """The error of whoever needed the connection."""
        why = "the connection is lost" if not self.alive else f"the host opens no channel: {error}"
        return MachineError(why, where=self.name, remedy=f"see that `ssh {self.name}` works and stays up")


@contextmanager
def connected(text: str, options: SshOptions) -> Iterator[SshConnection]:
    """A connection to a host, while the block runs.

    Args:
        text: `user@host:port`.
        options: How it is reached.

    Raises:
        UsageError: The text is no host, or OpenSSH's configuration cannot be read.
        MachineError: The host is not reached, is not the one that it should be, or lets us not in.
    """
    with ExitStack() as stack:
        client = _connect(route(text, options), stack)
        transport = client.get_transport()
        if transport is None:
            raise MachineError("the connection is lost", where=text)
        yield SshConnection(text, transport)


def command(script: str, *arguments: str) -> str:
    """The command line that runs a script with arguments, whatever shell the user of the host has."""
    return shlex.join(["sh", "-c", script, "validator", *arguments])


def _connect(way: Route, stack: ExitStack) -> SSHClient:
    for number in range(_TRIES):
        try:
            return _connect_once(way, stack)
        except (EOFError, ConnectionResetError, SSHException) as error:
            if number + 1 == _TRIES or not _turned_away(error):
                raise explained(error, way) from error
            time.sleep(_PAUSE)
        except (OSError, ValueError) as error:
            raise explained(error, way) from error
    raise AssertionError("the last try returns or raises")


def _turned_away(error: Exception) -> bool:
    return isinstance(error, EOFError | ConnectionResetError) or "banner" in str(error)


def _connect_once(way: Route, stack: ExitStack) -> SSHClient:
    client = SSHClient()
    target = way.target
    known = known_keys(way.known_hosts, host_line(target))
    for key in known.keys:
        client.get_host_keys().add(host_line(target), key.get_name(), key)
    client.set_missing_host_key_policy(_Refuse(known))
    stack.callback(client.close)
    client.connect(
        target.host,
        target.port,
        target.user,
        key_filename=list(way.keys) or None,  # type: ignore[arg-type]  # documented to take a list, too
        look_for_keys=not way.keys,
        timeout=way.seconds,
        banner_timeout=way.seconds,
        auth_timeout=LOGIN_SECONDS,
        channel_timeout=OPEN_SECONDS,
        sock=_through(way, stack),
    )
    transport = client.get_transport()
    if transport is not None and transport.get_remote_server_key().get_base64() in known.revoked:
        client.close()
        raise RevokedHostKeyError
    _keep_alive(transport)
    return client


def _through(way: Route, stack: ExitStack) -> Channel | None:
    if way.jump is None:
        return None
    before = _connect(way.jump, stack).get_transport()
    if before is None:
        raise EOFError
    there = (way.target.host, way.target.port)
    return before.open_channel("direct-tcpip", there, ("127.0.0.1", 0), timeout=way.seconds)


def _keep_alive(transport: Transport | None) -> None:
    if transport is None:
        raise EOFError
    transport.set_keepalive(ALIVE_SECONDS)
    if isinstance(transport.sock, socket.socket) and hasattr(socket, "TCP_USER_TIMEOUT"):
        transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNANSWERED_MS)


class _Refuse(paramiko.MissingHostKeyPolicy):
    def __init__(self, known: KnownKeys) -> None:
        self._known = known

    def missing_host_key(self, client: SSHClient, hostname: str, key: paramiko.PKey) -> None:  # noqa: ARG002
        raise UnknownHostKeyError(f"{key.get_name()} {key.fingerprint}", certified=self._known.authority)


def _send(channel: Channel, data: IO[bytes], ends: float) -> None:
    """In pieces, because paramiko copies all of the rest for each packet that it sends."""
    with suppress(
        OSError, EOFError, SSHException
    ):  # it has ended without reading: its status and its complaint tell why
        while piece := data.read(_PIECE):
            channel.settimeout(max(0.01, ends - time.monotonic()))
            channel.sendall(piece)
        channel.shutdown_write()


def _read(receive: Callable[[int], bytes], channel: Channel, ends: float) -> str:
    parts = list[bytes]()
    while True:
        channel.settimeout(max(0.01, ends - time.monotonic()))
        if not (data := receive(_PIECE)):
            return b"".join(parts).decode("utf-8", "replace")
        parts.append(data)
        if sum(map(len, parts)) > _LONGEST_ANSWER:
            raise EOFError


def _status(channel: Channel, ends: float) -> int:
    if not channel.status_event.wait(max(0.0, ends - time.monotonic())):
        raise TimeoutError
    return channel.recv_exit_status()


@contextmanager
def _closing(channel: Channel) -> Iterator[Channel]:
    try:
        yield channel
    finally:
        channel.close()
