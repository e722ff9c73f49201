"""Reads `dumpsys activity exit-info`: why Android says that the app's processes ended. Pure.

Format: frameworks/base, ApplicationExitInfo.dump and AppExitInfoTracker.dumpHistoryProcessExitInfo, since Android 11.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_RECORD = re.compile(r"^\s*ApplicationExitInfo #\d+:\s*$")
_OTHER = re.compile(r"^\s*(package: |Historical Process Exit for |ACTIVITY MANAGER |Last Timestamp )")
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


def newer(records: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """The records that were not there before. Told by what they say, for the device's clock may be set meanwhile."""
    return tuple(record for record in records if record not in known)
