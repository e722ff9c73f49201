"""One line of `logcat -v epoch`: `1795231614.123  4242  4250 E AndroidRuntime: FATAL EXCEPTION: main`. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

LOGCAT = "logcat -v epoch -b main,system,crash"
"""How the log is asked for. The crash buffer also holds what crashed while the main buffer was overrun."""

_LINE = re.compile(r"\s*(\d{1,12}\.\d{1,9})\s+(\d{1,10})\s+(\d{1,10})\s+([VDIWEFS]) ([^:]*): ?(.*)", re.DOTALL)


class LogLine(NamedTuple):
    """A line in its parts. A tuple, because there may be a million of them."""

    text: str
    """The whole line."""
    at: float
    """Seconds since 1970 by the device's clock."""
    pid: int
    priority: str
    tag: str
    message: str
    tid: int
    """The thread that wrote it."""


def read_line(text: str) -> LogLine | None:
    """The line in its parts; None for what is none, such as `--------- beginning of crash`."""
    match = _LINE.fullmatch(text)
    if match is None:
        return None
    at, pid, tid, priority, tag, message = match.groups()
    return LogLine(
        text=text, at=float(at), pid=int(pid), tid=int(tid), priority=priority, tag=tag.rstrip(), message=message
    )
