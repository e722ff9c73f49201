"""Why processes ended, as `dumpsys activity exit-info` tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from validator.virtual.ports import Death

_KEPT = 16
"""Records the system keeps per package (`AppExitInfoTracker.APP_EXIT_INFO_HISTORY_LIST_SIZE`)."""

_REASONS: dict[Death, tuple[int, str]] = {
    Death.EXIT_SELF: (1, "EXIT_SELF"),
    Death.SIGNALED: (2, "SIGNALED"),
    Death.LOW_MEMORY: (3, "LOW_MEMORY"),
    Death.CRASH: (4, "APP CRASH(EXCEPTION)"),
    Death.CRASH_NATIVE: (5, "APP CRASH(NATIVE)"),
    Death.ANR: (6, "ANR"),
    Death.USER_REQUESTED: (10, "USER REQUESTED"),
    Death.OTHER: (13, "OTHER KILLS BY SYSTEM"),
}
"""Numbers and words of `ApplicationExitInfo.REASON_*` and its `reasonCodeToString`."""

_STATUS: dict[Death, int] = {Death.SIGNALED: 9, Death.CRASH_NATIVE: 11}
"""The signal that ended the process, where one did."""

FORCE_STOP = (21, "FORCE STOP")
UNKNOWN = (0, "UNKNOWN")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitRecord:
    """One ended process; `at` in seconds since 1970."""

    package: str
    pid: int
    uid: int
    at: float
    death: Death
    subreason: tuple[int, str] = UNKNOWN
    foreground: bool = True
    description: str = "null"


class ExitHistory:
    """The last exits of each package, newest first."""

    def __init__(self) -> None:
        self._records: dict[str, list[ExitRecord]] = {}

    def add(self, record: ExitRecord) -> None:
        """Note an ended process."""
        records = self._records.setdefault(record.package, [])
        records.insert(0, record)
        del records[_KEPT:]

    def clear(self, package: str | None) -> None:
        """Forget the records of a package, or all of them."""
        if package is None:
            self._records.clear()
        else:
            self._records.pop(package, None)

    def of(self, package: str) -> tuple[ExitRecord, ...]:
        """The records of a package, newest first."""
        return tuple(self._records.get(package, ()))

    def dump(self, package: str | None, now: float) -> str:
        """The text of `dumpsys activity exit-info [PACKAGE]`."""
        lines = [
            "ACTIVITY MANAGER PROCESS EXIT INFO (dumpsys activity exit-info)",
            f"Last Timestamp of Persistence Into Persistent Storage: {_time(now)}",
        ]
        for name in sorted(self._records):
            if package in (None, name) and self._records[name]:
                lines += [f"  package: {name}", f"    Historical Process Exit for uid={self._records[name][0].uid}"]
                for number, record in enumerate(self._records[name]):
                    lines += _record_lines(number, record)
        return "\n".join(lines)


def _record_lines(number: int, record: ExitRecord) -> list[str]:
    code, words = _REASONS[record.death]
    indent = " " * 10
    uids = f"realUid={record.uid} packageUid={record.uid} definingUid={record.uid}"
    subreason = f"subreason={record.subreason[0]} ({record.subreason[1]})"
    importance = 100 if record.foreground else 400
    return [
        f"        ApplicationExitInfo #{number}:",
        f"{indent}timestamp={_time(record.at)} pid={record.pid} {uids} user=0",
        f"{indent}process={record.package} reason={code} ({words}) {subreason} status={_STATUS.get(record.death, 0)}",
        f"{indent}importance={importance} pss=0.00 rss=0.00 description={record.description} state=empty trace=null",
    ]


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
