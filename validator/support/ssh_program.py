"""One program on a host, in a session of its own there, for as long as we are heard of."""

from __future__ import annotations

import contextlib
import secrets
import shlex
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from paramiko.channel import Channel
from paramiko.ssh_exception import SSHException

from validator.support.group import ProgramMissingError
from validator.support.lines import LineSplitter
from validator.support.output import Output
from validator.support.spawned import MAX_OUTPUT
from validator.support.ssh import SshConnection, command
from validator.support.ssh_errors import FULL, disk_full
from validator.support.ssh_scripts import RUN, Pulse
from validator.support.stop import Stop

_END_SECONDS = 10.0
"""How long the host may take, beyond the grace, to say that the program is no more."""
_DRAIN_SECONDS = 1.0
_PIECE = 65_536


class SshProgram:
    """Starts on entering the block, and is ended on leaving it. What `on_line` raises is raised there."""

    def __init__(  # noqa: PLR0913 - all but two by keyword
        self,
        connection: SshConnection,
        folder: str,
        *,
        argv: Sequence[str],
        env: Mapping[str, str],
        unset: Sequence[str],
        cwd: str,
        output: Path | None,
        named: Callable[[str], str],
        on_line: Callable[[str], None] | None,
        pulse: Pulse,
    ) -> None:
        """Take what the start needs.

        Args:
            connection: The host.
            folder: The session's folder on it.
            argv: The program and its arguments, with the paths of the host.
            env: Its environment.
            unset: What it would inherit from the host beyond that.
            cwd: Its working directory on the host.
            output: A file here for what it prints.
            named: Gives the files that it names in what it prints the names that they have here.
            on_line: Called with every line, in another thread.
            pulse: How each side knows that the other one is there.
        """
        self._connection = connection
        self._mark = secrets.token_hex(16)
        self._finish = secrets.token_hex(16)
        self._argv = tuple(argv)
        self._command = command(RUN, folder, self._mark, str(pulse.patience))
        self._setup = _setup(argv, env, unset, cwd)
        self._named = named
        self._on_line = on_line
        self._pulse = pulse
        self._news = threading.Condition()
        self._heard = time.monotonic()
        self._problem = ""
        self._failure: Exception | None = None
        self._over = False
        self._printed = LineSplitter()
        self._output = Output(output, MAX_OUTPUT, self._take_line)
        self.exit_code: int | None = None
        """Its exit status, negative for the signal that ended it; None while it runs, or when nobody knows."""

    @property
    def tail(self) -> tuple[str, ...]:
        """The last 40 lines that it printed."""
        return self._output.tail

    @property
    def output_problem(self) -> str:
        """Why the output file does not hold everything."""
        return self._output.problem

    @property
    def lost(self) -> bool:
        """Whether the host is not heard of any more."""
        silent = time.monotonic() - self._heard > self._pulse.patience
        return self.exit_code is None and (self._over or silent or not self._connection.alive)

    def __enter__(self) -> SshProgram:
        """Start it.

        Raises:
            MachineError: The connection is lost.
        """
        try:
            self._channel = self._connection.channel()
            self._channel.exec_command(self._command)
            self._tell(f"{self._setup}{self._mark}\n{self._finish}\n")
        except (EOFError, SSHException) as error:
            self._output.close()
            raise self._connection.lost(error) from error
        except BaseException:
            self._output.close()
            raise
        self._threads = [
            threading.Thread(target=work, name=f"{work.__name__} of {self._argv[0]}", daemon=True)
            for work in (self._read_output, self._read_news)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """End it and let go of it."""
        if not self._over:
            self.end(0.0)
        self._channel.close()
        for thread in self._threads:
            thread.join(_DRAIN_SECONDS)
        self._output.close()
        if kind is None and self._failure is not None:
            raise self._failure
        if kind is None and FULL in self._problem:
            raise disk_full(self._connection.name, "nothing can be written there", "~/.cache")
        if kind is None and self._problem:
            raise ProgramMissingError(
                self._problem, where=self._connection.name, remedy="install it on the host, or correct its name"
            )

    def wait(self, seconds: float, stop: Stop) -> bool:
        """Wait until it ends, at most so long, not beyond a stop, nor when the host is lost; True when it has ended."""

        def wake(_reason: str) -> None:
            with self._news:
                self._news.notify_all()

        ends = time.monotonic() + seconds
        stop.listen(wake)
        try:
            while not (self._over or stop.is_set or self.lost or self._failure) and time.monotonic() < ends:
                self._tell("beat\n")
                with self._news:
                    self._news.wait_for(
                        lambda: self._over or stop.is_set or self._failure is not None,
                        min(self._pulse.beat, max(0.0, ends - time.monotonic())),
                    )
        finally:
            stop.forget(wake)
        return self.exit_code is not None

    def end(self, grace: float) -> None:
        """End its whole group: SIGTERM, SIGKILL after `grace` seconds. The host does it alone when it is lost."""
        if self._over or self.lost:
            return
        self._tell(f"end {int(grace * 10)}\n")
        self.wait(grace + _END_SECONDS, Stop())

    def _tell(self, text: str) -> None:
        with contextlib.suppress(OSError, EOFError, SSHException):  # the connection broke: `lost` tells
            self._channel.settimeout(self._pulse.beat)
            self._channel.sendall(text.encode("utf-8", "surrogateescape"))

    def _read_output(self) -> None:
        for data in _between(self._finish.encode(), self._channel):
            self._output.feed(data)

    def _read_news(self) -> None:
        lines = LineSplitter()
        while data := _received(self._channel.recv_stderr):
            self._heard = time.monotonic()
            for line in lines.feed(data):
                self._take_news(line)
        with self._news:
            self._over = True
            self._news.notify_all()

    def _take_news(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word == "missing":
            self._problem = rest
        elif word == "exit" and rest.isdecimal():
            self._threads[0].join(_DRAIN_SECONDS)  # what it printed last is still on its way
            with self._news:
                self.exit_code, self._over = _status(int(rest)), True
                self._news.notify_all()

    def _take_line(self, line: str) -> None:
        try:
            if self._on_line is not None and self._failure is None:
                self._on_line(self._named(line))
        except Exception as error:  # noqa: BLE001 - carried to the thread that waits, and raised there
            self._failure = error
            with self._news:
                self._news.notify_all()


def _received(receive: Callable[[int], bytes]) -> bytes:
    """The next bytes; none when there will be no more."""
    while True:
        try:
            return receive(_PIECE)
        except TimeoutError:  # the channel's timeout is for sending; a program may be silent for long
            continue
        except OSError:
            return b""


def _between(word: bytes, channel: Channel) -> Iterator[bytes]:
    """What comes from its first time to its second: before, login shells say what they like to everybody.

    The channel's own end comes later, with that of the script.
    """
    times = 0
    held = b""
    while times < 2 and (data := _received(channel.recv)):
        held += data
        while times < 2 and word in held:
            text, _, held = held.partition(word)
            if times:
                yield text
            times += 1
        if times < 2:
            whole = len(held) - _begun(held, word)
            if times:
                yield held[:whole]
            held = held[whole:]
    if times == 1:
        yield held


def _begun(text: bytes, word: bytes) -> int:
    """How many bytes at the end of the text may be the beginning of the word."""
    longest = min(len(text), len(word) - 1)
    return next((length for length in range(longest, 0, -1) if text.endswith(word[:length])), 0)


def _status(code: int) -> int:
    """An exit status as the host's shell tells it: 143 is SIGTERM."""
    return -(code - 128) if code - 128 in {int(number) for number in signal.Signals} else code


def _setup(argv: Sequence[str], env: Mapping[str, str], unset: Sequence[str], cwd: str) -> str:
    """The lines that prepare the program. They travel where nobody else reads them."""
    lines = [f"unset {' '.join(unset)}"] if unset else []
    lines += [f"export {name}={shlex.quote(value)}" for name, value in env.items() if name.isidentifier()]
    change = f"cd {shlex.quote(cwd)} && " if cwd else ""
    return "\n".join([*lines, f"{change}set -- {shlex.join(argv)}", ""])
