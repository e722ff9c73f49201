"""An attempt with a 100 MB log, from the stream to its cause, beside `grep -E` for the same words over the same file.

`grep` only finds lines. Ours also keeps the end of the log, tells blocks of one crash from another's, whose processes
are whose, and classifies; so it may take longer, within the limit that nobody waits for.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from validator.devices.crashes import Crashes
from validator.devices.http_calls import HttpCalls
from validator.devices.log_reader import LogReader
from validator.failures.classify import classify
from validator.failures.rules import built_in_rules
from validator.model.attempt import AppEvidence, DeviceEvidence, DeviceState, Evidence, RunnerEnd, RunnerReport
from validator.model.causes import Cause

MEGABYTES = 100
ROUNDS = 5
SECONDS, MEMORY = 2.0, 100.0
PACKAGE = "com.example.shop"
WORDS = "FATAL EXCEPTION|Fatal signal|ANR in |<-- [45]|HTTP FAILED|Network request failed|Start proc"
TAGS = (
    ("ActivityManager", 6),
    ("okhttp.OkHttpClient", 6),
    ("ReactNativeJS", 4),
    ("AndroidRuntime", 1),
    *((tag, 5) for tag in ("SurfaceFlinger", "WindowManager", "chatty", "Choreographer", "GnssHal", "art", "audit")),
    *((tag, 5) for tag in ("ConnectivityService", "BufferQueue", "System", "ViewRootImpl", "Zygote", "InputReader")),
)
"""Tags of a busy device and their weights: a sixth of its lines has to be looked at."""
CRASH = (
    "FATAL EXCEPTION: main",
    f"Process: {PACKAGE}, PID: 4242",
    "java.lang.NullPointerException: order.total was null",
    "\tat com.example.shop.Checkout.pay(Checkout.kt:51)",
)


def main() -> None:
    """Write a log, classify it in a process of its own, and tell seconds and memory."""
    with tempfile.TemporaryDirectory() as name:
        log = Path(name, "logcat.txt")
        with log.open("w", encoding="utf-8") as file:
            file.writelines(log_lines())
        ours, grep = [], []
        for _ in range(ROUNDS):
            ours.append(_ours(log))
            grep.append(_grep(log))
        seconds, memory = (statistics.median(column) for column in zip(*ours, strict=True))
        theirs = statistics.median(grep)
        print(f"{'an attempt with a log of 100 MB, to its cause':<58} {seconds:8.3f} s", _goal(seconds, SECONDS, "s"))
        print(f"  {'the most memory of the whole process':<56} {memory:8.0f} MB", _goal(memory, MEMORY, "MB"))
        print(f"  {'grep -E for the same words':<56} {theirs:8.3f} s")
        print(f"  {'ratio':<56} {seconds / theirs:8.2f}")


def log_lines() -> Iterator[str]:
    """A log of a busy device, in whose middle the app crashes."""
    chance, size, number = random.Random(1), 0, 0  # noqa: S311  the same log every time
    tags, weights = zip(*TAGS, strict=True)
    while size < MEGABYTES * 1_000_000:
        number += 1
        tag = chance.choices(tags, weights)[0]
        text = f"frame {number} of the display took {chance.random():.4f} ms {'=' * chance.randint(0, 90)}"
        line = f"{1795249452 + number / 500:.3f} {chance.randint(300, 9999):5d} 4250 D {tag:<8}: {text}\n"
        size += len(line)
        yield line
        if size > MEGABYTES * 500_000 and number % 100_000 < 2:
            yield from (f"{1795249452 + number / 500:.3f}  4242  4242 E AndroidRuntime: {said}\n" for said in CRASH)


def _ours(log: Path) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.rules", str(log)],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    seconds, memory = done.stdout.split()
    return float(seconds), float(memory)


def _grep(log: Path) -> float:
    began = time.perf_counter()
    subprocess.run(["grep", "-aE", WORDS, str(log)], stdout=subprocess.DEVNULL, timeout=300, check=False)
    return time.perf_counter() - began


def _goal(measured: float, limit: float, unit: str) -> str:
    return f"   goal <= {limit:g} {unit}: {'met' if measured <= limit else 'MISSED'}"


def classify_file(log: Path) -> tuple[float, float]:
    """Feed a file as a device's stream comes, classify; seconds, and megabytes that it took."""
    rules = built_in_rules()
    began = time.perf_counter()
    crashes, calls = Crashes(PACKAGE), HttpCalls(PACKAGE)
    reader = LogReader((crashes, calls))
    reader.begun.set()
    with log.open("rb") as stream:
        while data := os.read(stream.fileno(), 65_536):
            reader.take(data)
    report = RunnerReport(runner="none", end=RunnerEnd.EXITED, exit_code=1, passed=False, complete=True)
    app = AppEvidence(crash_log=crashes.lines, http_log=calls.lines)
    found = classify(Evidence(runner=report, device=DeviceEvidence(state=DeviceState.HEALTHY), app=app), rules)
    seconds = time.perf_counter() - began
    assert found.failure is not None
    assert found.failure.cause is Cause.APP_CRASH
    reader.close()
    return seconds, _most_memory()


def _most_memory() -> float:
    """Megabytes; `getrusage` would count what the parent had before this program was loaded (proc_pid_status(5))."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return float(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    print(*classify_file(Path(sys.argv[1])))
