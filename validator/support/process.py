"""Child processes with a deadline, a process group of their own, and output within bounds.

`run` runs one to its end; `Spawned` keeps one alive beside us (an emulator, an adb server). Either way nothing of the
child's group is left when they are done, and the guard sees to it when we are killed in between.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from validator.support.group import ProgramMissingError
from validator.support.spawned import GRACE, MAX_OUTPUT, NotReadyError, Spawned
from validator.support.stop import Stop

__all__ = ["Completed", "Ended", "NotReadyError", "ProgramMissingError", "Spawned", "run"]


class Ended(StrEnum):
    """How a child came to its end."""

    EXITED = "exited"
    """By itself."""
    TIMED_OUT = "timed_out"
    """Ended by us: its deadline had passed."""
    STOPPED = "stopped"
    """Ended by us: somebody asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A child that is no more."""

    exit_code: int | None
    """Negative: the signal that ended it. None: it was never started, because the stop was set already."""
    ended: Ended
    tail: tuple[str, ...]
    """The last 40 lines that it printed."""
    seconds: float
    problem: str = ""
    """Why the output file does not hold everything; empty when it does."""


def run(  # noqa: PLR0913 - all by keyword, nearly all with a default
    argv: Sequence[str],
    *,
    deadline: float,
    stop: Stop,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    output: Path | None = None,
    max_output: int = MAX_OUTPUT,
    on_line: Callable[[str], None] | None = None,
    grace: float = GRACE,
    stopped_grace: float | None = None,
    guarded: bool = True,
) -> Completed:
    """Run a program to its end, its deadline or a stop, whichever comes first.

    Args:
        argv: The program and its arguments; no shell reads them, and no secret belongs among them.
        deadline: Seconds until it is ended.
        stop: Ends it at once.
        env: Its whole environment; ours when None.
        cwd: Its working directory; ours when None.
        output: A file that receives what it prints (both streams in one), up to `max_output` bytes and the last lines.
        max_output: Bytes of output that are kept in the file.
        on_line: Called with every line, in another thread. What it raises ends the child and is raised here.
        grace: Seconds between SIGTERM and SIGKILL.
        stopped_grace: The same where it is the stop that ends it; as `grace` when None.
        guarded: False for a program that leaves a daemon behind for others, who must keep it when we are killed.

    Raises:
        ProgramMissingError: It cannot be started.
    """
    if stop.is_set:
        return Completed(exit_code=None, ended=Ended.STOPPED, tail=(), seconds=0.0)
    started = time.monotonic()
    child = Spawned(
        argv,
        env=env,
        cwd=cwd,
        log=output,
        max_output=max_output,
        on_line=on_line,
        grace=grace,
        guarded=guarded,
    )
    with child:
        ended = _await_end(child, deadline, stop)
        if ended is Ended.STOPPED and stopped_grace is not None:
            child.grace = stopped_grace
    return Completed(
        exit_code=child.exit_code,
        ended=ended,
        tail=child.tail,
        seconds=time.monotonic() - started,
        problem=child.problem,
    )


def _await_end(child: Spawned, deadline: float, stop: Stop) -> Ended:
    if child.wait(deadline, stop):
        return Ended.EXITED
    return Ended.STOPPED if stop.is_set else Ended.TIMED_OUT
