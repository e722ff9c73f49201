"""A child process that lives beside us (an emulator, an adb server) until the block that holds it ends."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from validator.model.errors import RetryableError
from validator.support.group import Group
from validator.support.output import Output
from validator.support.stop import Stop

GRACE = 5.0
MAX_OUTPUT = 10 * 1024 * 1024

_DRAIN_SECONDS = 1.0
"""How long output may still come when the whole group is dead: only somebody who left the group can hold the pipe."""
_READER_SECONDS = 5.0
_CHUNK = 65_536


class NotReadyError(RetryableError):
    """A child did not say in time that it is ready, or ended before it did."""


class Spawned:
    """Starts on entering the block; its whole group is ended (SIGTERM, grace, SIGKILL) on leaving it.

    Args:
        argv: The program and its arguments; no shell reads them, and no secret belongs among them.
        env: Its whole environment; ours when None.
        cwd: Its working directory; ours when None.
        log: A file that receives what it prints (both streams in one), up to `max_output` bytes and the last lines.
        max_output: Bytes of output that are kept in the file.
        on_line: Called with every line, in another thread. What it raises is raised where the block ends.
        ready: Recognises the line by which the child says that it is ready, see `wait_ready`.
        on_exit: Called when the child has exited, in another thread.
        grace: Seconds between SIGTERM and SIGKILL.
        guarded: False for a program that leaves a daemon behind for others, who must keep it when we are killed.
    """

    def __init__(  # noqa: PLR0913 - all by keyword, nearly all with a default
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        log: Path | None = None,
        max_output: int = MAX_OUTPUT,
        on_line: Callable[[str], None] | None = None,
        ready: Callable[[str], bool] | None = None,
        on_exit: Callable[[], None] | None = None,
        grace: float = GRACE,
        guarded: bool = True,
    ) -> None:
        self._argv = tuple(argv)
        self._env = env
        self._cwd = cwd
        self._on_line = on_line
        self._ready = ready
        self._on_exit = on_exit
        self.grace = grace
        """Seconds between SIGTERM and SIGKILL; may be changed while it runs."""
        self._guarded = guarded
        self._news = threading.Condition()
        self._ready_line: str | None = None
        self._failure: Exception | None = None
        self._output_ended = False
        self._terminated = False
        self._log = log
        self._max_output = max_output

    def __enter__(self) -> Self:
        """Start the child.

        Raises:
            ProgramMissingError: It cannot be started.
            OSError: The log cannot be opened.
        """
        self._output = Output(self._log, self._max_output, self._take_line)
        try:
            self._group = Group.start(
                self._argv, env=self._env, cwd=self._cwd, guarded=self._guarded, on_exit=self._take_exit
            )
        except BaseException:
            self._output.close()
            raise
        self._quit_reading, self._quit = os.pipe()
        self._reader = threading.Thread(target=self._read, name=f"output of {self._argv[0]}", daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the group; raises what `on_line` raised, unless the block raised something itself."""
        self.terminate()
        if kind is None and self._failure is not None:
            raise self._failure

    @property
    def exited(self) -> bool:
        """Whether the child has exited."""
        return self._group.exited

    @property
    def exit_code(self) -> int | None:
        """Its exit status, negative for the signal that ended it; None until the group was ended."""
        return self._group.exit_code

    @property
    def tail(self) -> tuple[str, ...]:
        """The last 40 lines that it printed."""
        return self._output.tail

    @property
    def problem(self) -> str:
        """Why the log does not hold everything; empty when it does."""
        return self._output.problem

    def wait(self, seconds: float, stop: Stop) -> bool:
        """Wait until the child exits, at most so long and not beyond a stop; True when it has exited."""
        self._wait_for(lambda: self._group.exited or self._failure is not None, seconds, stop)
        return self._group.exited

    def wait_ready(self, seconds: float, stop: Stop) -> str:
        """Wait for the line that `ready` recognises, and return it.

        Raises:
            NotReadyError: The child exited, a stop was asked for, or the time passed before it came.
        """
        self._wait_for(lambda: self._ready_line is not None or self._output_ended or self._group.exited, seconds, stop)
        if self._group.exited:
            self._reader.join(_DRAIN_SECONDS)
        if self._ready_line is not None:
            return self._ready_line
        program = Path(self._argv[0]).name
        ended = self._group.exited or self._output_ended
        why = "ended" if ended else stop.reason or f"did not get ready within {seconds:g} s"
        raise NotReadyError(f"{program} {why}; its last lines: {' | '.join(self.tail[-5:]) or '(none)'}")

    def terminate(self) -> None:
        """End the whole group now; does nothing the second time."""
        if self._terminated:
            return
        self._terminated = True
        try:
            self._group.end(self.grace)
        finally:
            self._reader.join(_DRAIN_SECONDS)
            os.write(self._quit, b"q")
            self._reader.join(_READER_SECONDS)
            self._close()

    def _close(self) -> None:
        os.close(self._quit)
        if not self._reader.is_alive():  # else `on_line` hangs, and its thread keeps what it reads from
            os.close(self._quit_reading)
            self._group.output.close()

    def _wait_for(self, condition: Callable[[], bool], seconds: float, stop: Stop) -> None:
        def wake(_reason: str) -> None:
            self._notify()

        stop.listen(wake)
        try:
            with self._news:
                self._news.wait_for(lambda: condition() or stop.is_set, seconds)
        finally:
            stop.forget(wake)

    def _take_exit(self) -> None:
        self._notify()
        if self._on_exit is not None:
            self._on_exit()

    def _notify(self) -> None:
        with self._news:
            self._news.notify_all()

    def _read(self) -> None:
        poll = select.poll()
        source = self._group.output.fileno()
        poll.register(source, select.POLLIN)
        poll.register(self._quit_reading, select.POLLIN)
        while self._quit_reading not in {descriptor for descriptor, _ in poll.poll()}:
            data = os.read(source, _CHUNK)
            if not data:
                break
            self._output.feed(data)
        self._output.close()
        self._output_ended = True
        self._notify()

    def _take_line(self, line: str) -> None:
        try:
            if self._on_line is not None and self._failure is None:
                self._on_line(line)
            if self._ready is not None and self._ready_line is None and self._ready(line):
                self._ready_line = line
                self._notify()
        except Exception as error:  # noqa: BLE001 - carried to the thread that waits, and raised there
            self._failure = error
            self._notify()
