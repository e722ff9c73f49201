"""The proof of a run's traffic from an access log of 5 million lines, 1 GB, beside `grep -c` for its mark.

`grep` finds what carries the mark. Ours also finds what should carry it and does not, and what carries it and is
not ours.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tests.fakes.builders import RUN
from tests.fakes.runs import approved
from validator.history.journal import FILE_NAME, Journal

LINES = 5_000_000
SECONDS_GOAL, MEGABYTES_GOAL = 60.0, 200.0
_MARKED, _BROKEN = 1_000, 5_000
"""One line in so many carries the run's mark; one is no JSON."""
_READ = """
import re, sys
from pathlib import Path
from validator.cli.main import main
try:
    main()
finally:
    peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
    print("peak", int(peak[1]) / 1024, file=sys.stderr)
"""


def main() -> None:
    """Write the log, prove once, tell seconds, memory and what was found."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "access.log"
        with log.open("w", encoding="ascii") as file:
            file.writelines(_lines())
        _record(folder / "reports" / RUN)
        ours, megabytes, said = _prove(folder, log)
        theirs = _timed(["grep", "-c", RUN, str(log)])
        size = log.stat().st_size / 1e9
    print(f"{f'proof from {LINES:,} lines, {size:.1f} GB':<58} {ours:8.1f} s", _goal(ours, SECONDS_GOAL))
    print(f"  {'the most memory of the whole process':<56} {megabytes:8.0f} MB", _goal(megabytes, MEGABYTES_GOAL))
    print(f"  {'grep -c for the mark':<56} {theirs:8.1f} s")
    print(f"  {'ratio':<56} {ours / theirs:8.1f}")
    print("\n".join(f"  {line}" for line in said))


def _lines() -> Iterator[str]:
    """Users' requests around the run's own, the same every time."""
    began = datetime.fromisoformat(approved()[0].at)
    agent = "Mozilla/5.0 (Linux; Android 14; Pixel 8) okhttp/4.12.0"
    for number in range(LINES):
        if number % _BROKEN == 0:
            yield f"{number} upstream prematurely closed connection while reading response header\n"
            continue
        at = (began + timedelta(seconds=60 * number / LINES)).isoformat(timespec="milliseconds")
        own = number % _MARKED == 1
        fields = {"time": at, "path": f"/v1/items/{number % 997}", "status": 200, "user": f"user-{number % 65_536}"}
        mark = {"agent": agent, "run": RUN if own else "", "user": f"anon-{number % 40}" if own else fields["user"]}
        yield json.dumps(fields | mark) + "\n"


def _record(folder: Path) -> None:
    folder.mkdir(parents=True)
    with Journal(folder / FILE_NAME) as journal:
        for record in approved():
            journal.handle(record)


def _prove(folder: Path, log: Path) -> tuple[float, float, list[str]]:
    """Seconds, megabytes, and the lines that tell the proof."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _READ, "traffic", RUN, "--access-log", str(log), "--format", "json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    seconds = time.perf_counter() - began
    peak = re.search(r"^peak ([\d.]+)$", done.stderr, re.MULTILINE)
    if peak is None:
        raise SystemExit(done.stdout + done.stderr)
    proof = json.loads(done.stdout)["proof"]
    counts = [f"{name}: {proof[name]:,}" for name in ("lines", "marked", "unmarked", "foreign", "broken")]
    return seconds, float(peak[1]), [", ".join(counts)]


def _timed(argv: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(argv, capture_output=True, timeout=600, check=False)  # grep stops at the first match for /dev/null
    return time.perf_counter() - began


def _goal(measured: float, limit: float) -> str:
    return f"   goal <= {limit:g}: {'met' if measured <= limit else 'MISSED'}"
