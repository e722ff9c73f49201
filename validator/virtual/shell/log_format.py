"""Log entries as `logcat -v FORMAT` prints them. Pure.

Source: AOSP `system/logging/liblog/logprint.cpp`, `android_log_formatLogLine`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from validator.virtual.device.log import LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One base format with its modifiers."""

    name: str = "threadtime"
    epoch: bool = False
    year: bool = False
    utc: bool = False
    micro: bool = False

    def with_word(self, word: str) -> Format | None:
        """The format changed by one word of `-v`; None when Android knows no such word."""
        if word in _PREFIXES:
            return Format(name=word, epoch=self.epoch, year=self.year, utc=self.utc, micro=self.micro)
        match word:
            case "epoch":
                return Format(name=self.name, epoch=True, micro=self.micro)
            case "year":
                return Format(name=self.name, year=True, utc=self.utc, micro=self.micro)
            case "UTC" | "GMT" | "zone":
                return Format(name=self.name, epoch=self.epoch, year=self.year, utc=True, micro=self.micro)
            case "usec":
                return Format(name=self.name, epoch=self.epoch, year=self.year, utc=self.utc, micro=True)
            case "color" | "printable" | "descriptive" | "uid" | "monotonic":
                return self
            case _:
                return None


def format_entry(entry: LogEntry, form: Format) -> str:
    """The entry's lines, each with its prefix, with a line end."""
    if form.name == "long":
        head = f"[ {_time(entry, form)} {entry.pid:>5}:{entry.tid:>5} {entry.priority}/{entry.tag:<8} ]"
        return f"{head}\n{entry.message}\n\n"
    prefix = _PREFIXES[form.name](entry, _time(entry, form))
    lines = entry.message.rstrip("\n").split("\n")
    return "".join(f"{prefix}{line}\n" for line in lines)


def _time(entry: LogEntry, form: Format) -> str:
    digits = 6 if form.micro else 3
    fraction = f"{int(entry.at % 1 * 10**digits):0{digits}d}"
    if form.epoch:
        return f"{int(entry.at):>19}.{fraction}"
    pattern = "%Y-%m-%d %H:%M:%S" if form.year else "%m-%d %H:%M:%S"
    zone = " +0000" if form.utc else ""
    return f"{time.strftime(pattern, time.gmtime(entry.at))}.{fraction}{zone}"


_PREFIXES: Mapping[str, Callable[[LogEntry, str], str]] = {
    "brief": lambda entry, _: f"{entry.priority}/{entry.tag:<8}({entry.pid:>5}): ",
    "long": lambda _entry, _at: "",
    "process": lambda entry, _: f"{entry.priority}({entry.pid:>5}) ",
    "raw": lambda _entry, _at: "",
    "tag": lambda entry, _: f"{entry.priority}/{entry.tag:<8}: ",
    "thread": lambda entry, _: f"{entry.priority}({entry.pid:>5}:{entry.tid:>5}) ",
    "threadtime": lambda entry, at: f"{at} {entry.pid:>5} {entry.tid:>5} {entry.priority} {entry.tag:<8}: ",
    "time": lambda entry, at: f"{at} {entry.priority}/{entry.tag:<8}({entry.pid:>5}): ",
}
