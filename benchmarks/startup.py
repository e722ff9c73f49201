"""How long the command line takes to say anything."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.measure import alternately, tell, wall_time

ROUNDS = 15


def main() -> None:
    """`validator --help` beside importing click, which every click program has to."""
    program = str(Path(sys.executable).with_name("validator"))
    ours, theirs = alternately(
        lambda: wall_time([program, "--help"]),
        lambda: wall_time([sys.executable, "-c", "import click"]),
        ROUNDS,
    )
    tell("validator --help", ours, theirs, 'python -c "import click"', goal=2.0)
