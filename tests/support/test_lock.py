"""One process at a time; the dead hold nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from validator.support.lock import HeldError, exclusive

HOLDER = """
import sys
from pathlib import Path
from validator.support.lock import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_process_is_told_who_holds_it_until_that_is_dead(tmp_path: Path):
    file = tmp_path / "lock"
    command = [sys.executable, "-c", HOLDER, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(HeldError) as error, exclusive(file):
            pytest.fail("held twice")
        assert error.value.holder == str(holder.pid)
        holder.kill()
        holder.wait()
    with exclusive(file):
        pass


def test_an_error_of_the_block_goes_through(tmp_path: Path):
    with pytest.raises(BlockingIOError), exclusive(tmp_path / "lock"):
        raise BlockingIOError
    with exclusive(tmp_path / "lock"):
        pass


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError), exclusive(tmp_path / "nowhere" / "lock"):
        pytest.fail("held without a file")
