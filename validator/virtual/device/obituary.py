"""The log lines with which Android reports a dying process. Pure text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from validator.virtual.app import java_crash_text
from validator.virtual.device.log import LogBuffer
from validator.virtual.ports import Death

SYSTEM_SERVER_PID = 618
_KERNEL_HELPER_PID = 402  # lmkd
_SIGNAL = re.compile(r"^signal (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deceased:
    """The process that ended."""

    package: str
    pid: int
    uid: int
    component: str
    code_path: str
    abi: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One log entry to be written."""

    priority: str
    tag: str
    message: str
    pid: int
    buffer: LogBuffer


def notices(who: Deceased, death: Death, reason: str, details: str) -> list[Notice]:
    """Everything the system writes when the process ends for that cause.

    `reason` is the exception with its message for a crash, the sentence of the system otherwise; `details` is the
    finished text for the crash buffer where the app has written it itself.
    """
    match death:
        case Death.CRASH:
            told = [_exception(who, reason, details)]
        case Death.CRASH_NATIVE:
            told = _tombstone(who, reason, details)
        case Death.ANR:
            told = [_system(f"Killing {_process(who)} (adj 0): user request after error", "I")]
        case Death.LOW_MEMORY:
            told = [_low_memory(who)]
        case Death.USER_REQUESTED:
            told = [_system(f"Killing {_process(who)} (adj 0): {reason}", "I")]
        case Death.EXIT_SELF:
            told = [Notice(priority="I", tag="System.out", message=reason, pid=who.pid, buffer=LogBuffer.MAIN)]
        case _:
            told = [_system(f"Killing {_process(who)} (adj 0): {reason}", "W")]
    return [*told, _system(f"Process {who.package} (pid {who.pid}) has died: fg  TOP", "I")]


def not_responding(who: Deceased, reason: str) -> Notice:
    """What the system writes when an app's main thread is blocked."""
    lines = (
        f"ANR in {who.package} ({who.component})",
        f"PID: {who.pid}",
        f"Reason: {reason}",
        f"Parent: {who.component}",
        "Frozen: false",
        "Load: 1.02 / 0.61 / 0.37",
        "----- Output from /proc/pressure/cpu -----",
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=0",
        f"CPU usage from 0ms to 5002ms later: 0.2% {who.pid}/{who.package}: 0.1% user + 0.1% kernel",
    )
    return _system("\n".join(lines), "E")


def _exception(who: Deceased, reason: str, details: str) -> Notice:
    exception, _, message = reason.partition(": ")
    text = details or java_crash_text(who.package, who.pid, exception, message)
    return Notice(priority="E", tag="AndroidRuntime", message=text, pid=who.pid, buffer=LogBuffer.CRASH)


def _tombstone(who: Deceased, reason: str, details: str) -> list[Notice]:
    dump = details or _segmentation_fault(who, reason)
    found = _SIGNAL.search(dump)
    signal = found[1] if found else "11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x0"
    name = who.package[-15:]  # the kernel keeps 15 characters of a thread's name
    fatal = f"Fatal signal {signal} in tid {who.pid} ({name}), pid {who.pid} ({name})"
    return [
        Notice(priority="F", tag="libc", message=fatal, pid=who.pid, buffer=LogBuffer.CRASH),
        Notice(priority="F", tag="DEBUG", message=dump, pid=who.pid + 1, buffer=LogBuffer.CRASH),
    ]


def _segmentation_fault(who: Deceased, reason: str) -> str:
    library = f"{who.code_path}/lib/{who.abi.replace('-', '_')}/libapp.so"
    lines = (
        "*** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***",
        f"Build fingerprint: '{who.fingerprint}'",
        "Revision: '0'",
        f"ABI: '{who.abi}'",
        f"Cmdline: {who.package}",
        f"pid: {who.pid}, tid: {who.pid}, name: {who.package[-15:]}  >>> {who.package} <<<",
        f"uid: {who.uid}",
        "signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x0000000000000000",
        f"Cause: {reason}",
        "backtrace:",
        f"      #00 pc 00000000000a1b2c  {library} (offset 0x0)",
    )
    return "\n".join(lines)


def _low_memory(who: Deceased) -> Notice:
    message = (
        f"Kill '{who.package}' ({who.pid}), uid {who.uid}, oom_score_adj 0 to free 184320kB rss, 20480kB swap; "
        "reason: low watermark is breached and swap is low"
    )
    return Notice(priority="I", tag="lowmemorykiller", message=message, pid=_KERNEL_HELPER_PID, buffer=LogBuffer.SYSTEM)


def _system(message: str, priority: str) -> Notice:
    return Notice(
        priority=priority, tag="ActivityManager", message=message, pid=SYSTEM_SERVER_PID, buffer=LogBuffer.SYSTEM
    )


def _process(who: Deceased) -> str:
    return f"{who.pid}:{who.package}/u0a{who.uid - 10_000}"
