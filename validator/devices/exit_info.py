"""Reads `dumpsys activity exit-info`: why Android says that the app's processes ended. Pure.

Format: frameworks/base, ApplicationExitInfo.dump and AppExitInfoTracker.dumpHistoryProcessExitInfo, since Android 11.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from validator.devices.processes import recorded_pid

_RECORD = re.compile(r"^\s*ApplicationExitInfo #\d+:\s*$")
_OTHER = re.compile(r"^\s*(package: |Historical Process Exit for |ACTIVITY MANAGER |Last Timestamp )")
_UNANSWERED = re.compile(
    r"Can't find service: activity|DUMP TIMEOUT|Error (with|dumping) service|Failure (while|calling)"
)
"""What `dumpsys` prints in place of an answer (frameworks/native, cmds/dumpsys/dumpsys.cpp)."""
_TIME = re.compile(r"\btimestamp=(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})\b")
_ZONE_STEP = 15 * 60 * 1000
"""Milliseconds. Offsets of time zones are multiples of a quarter of an hour (IANA tz database, since 1972)."""
MAX_RECORDS = 40
"""More than Android keeps for one package (16)."""
_MAX_LENGTH = 2000


def exit_records(dump: str) -> tuple[str, ...]:
    """Each record as one line `timestamp=… pid=… process=… reason=4 (APP CRASH(EXCEPTION)) …`, the latest first."""
    records: list[list[str]] = []
    inside = False
    for line in dump.splitlines():
        if _RECORD.match(line):
            records.append([])
            inside = True
        elif _OTHER.match(line):
            inside = False
        elif inside:
            records[-1].append(line)
    texts = (" ".join(" ".join(lines).split())[:_MAX_LENGTH] for lines in records)
    return tuple(text for text in texts if text)[:MAX_RECORDS]


def unanswered(dump: str) -> str:
    """What Android said in place of the records; empty when it answered. Before Android 11 it keeps none."""
    return next((line.strip()[:_MAX_LENGTH] for line in dump.splitlines() if _UNANSWERED.search(line)), "")


def newer(records: Collection[str], known: Collection[str], ended: Collection[int] = ()) -> tuple[str, ...]:
    """The records of processes that ended meanwhile.

    Told by process and moment, never by which time is the later one: records bear the device's local time, the device
    writes all of them anew when its time zone or summer time changes, and its clock may be set.

    Args:
        records: What it says now.
        known: What it said before.
        ended: Processes that had ended before. Android completes what it says about them: a signal becomes a crash.
    """
    before = {_identity(record) for record in known}
    return tuple(
        record for record in records if _identity(record) not in before and recorded_pid(record) not in set(ended)
    )


def _identity(record: str) -> tuple[int, int] | str:
    """The process, and the moment without what a time zone adds; the whole text where either is missing."""
    pid, said = recorded_pid(record), _TIME.search(record)
    if pid is None or said is None:
        return record
    try:
        at = datetime.fromisoformat(said[1] + "+00:00")
    except ValueError:
        return record
    return pid, round(at.timestamp() * 1000) % _ZONE_STEP
