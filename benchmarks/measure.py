"""Wall time of commands, and how it is told."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def wall_time(argv: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> float:
    """Seconds that a command takes; it must succeed."""
    began = time.perf_counter()
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, timeout=600, check=False)
    seconds = time.perf_counter() - began
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(argv)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return seconds


def alternately(ours: Callable[[], float], theirs: Callable[[], float], rounds: int) -> tuple[float, float]:
    """The medians of both, measured in turns, so that what else the machine does hits both alike."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def tell(what: str, ours: float, theirs: float, instead: str, goal: float) -> None:
    """Print one ratio."""
    ratio = ours / theirs
    verdict = "met" if ratio <= goal else "MISSED"
    print(f"{what:<58} {ours:8.3f} s")
    print(f"  {instead:<56} {theirs:8.3f} s")
    print(f"  {'ratio':<56} {ratio:8.2f}    goal <= {goal:g}: {verdict}")
