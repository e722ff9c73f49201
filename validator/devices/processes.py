"""Which processes of the app belong to an attempt, and which ended before it began. Pure.

Android may tell of a crash long after it: `crash_dump` writes its tombstone and `ActivityManager` its ANR report
seconds later, when the next attempt has begun. What they tell of has a process number, and that tells whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from validator.devices.logline import LogLine

_STARTED = re.compile(r"Start proc (\d{1,9}):([^/\s]+)")
_PID = re.compile(r"\bpid=(\d{1,9})\b")


def started_pid(line: LogLine, package: str) -> int | None:
    """The process of the package that this line of the log says was started; None when it says nothing of the kind."""
    found = _STARTED.match(line.message) if line.tag == "ActivityManager" else None
    if found is None or found[2].partition(":")[0] != package:
        return None
    return int(found[1])


def recorded_pid(record: str) -> int | None:
    """The process that an exit record is about."""
    found = _PID.search(record)
    return int(found[1]) if found is not None else None


def read_pids(answer: str) -> tuple[int, ...]:
    """The numbers that `pidof` prints."""
    return tuple(int(pid) for pid in answer.split() if pid.isdecimal() and len(pid) < 10)


def ended_before(records: Iterable[str], seen: Iterable[int], alive: Iterable[int]) -> frozenset[int]:
    """The processes that had ended when an attempt began.

    Args:
        records: The exit records at that moment.
        seen: The app's processes that attempts before it had.
        alive: The app's processes at that moment.
    """
    told = (recorded_pid(record) for record in records)
    return frozenset({pid for pid in told if pid is not None} | set(seen)) - frozenset(alive)
