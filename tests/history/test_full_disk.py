"""A full disk at any point: nothing acknowledged is lost, and once there is space everything goes on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.history.full_disk import fill_by_size
from tests.history.writers import Writer

POINTS = 20
ROOT = Path(__file__).parents[2]
MOUNT = 'mount -t tmpfs -o size=24m tmpfs "$1" && exec "$0" -m tests.history.full_disk "$1" "$2"'


@pytest.mark.slow
def test_a_file_that_cannot_grow_loses_nothing(tmp_path: Path):
    """Slow: 20 times until nothing can be written any more."""
    said = Writer(fill_by_size, str(tmp_path), POINTS).rest()
    assert sum(int(line.partition(" ")[0]) for line in said) == POINTS, said


@pytest.mark.slow
def test_a_file_system_that_is_full_loses_nothing(tmp_path: Path):
    """Slow: 20 times until nothing can be written any more, on a small file system that only its process sees."""
    apart = ["unshare", "--mount"] if os.getuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*apart, "mount", "-t", "tmpfs", "tmpfs", tmp_path], check=False, timeout=10).returncode:
        pytest.skip("this machine lets nobody mount a file system of their own")
    command = [*apart, "sh", "-c", MOUNT, sys.executable, str(tmp_path), str(POINTS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=55, check=False)
    assert done.returncode == 0, done.stderr
    assert sum(int(line.partition(" ")[0]) for line in done.stdout.splitlines()) == POINTS
