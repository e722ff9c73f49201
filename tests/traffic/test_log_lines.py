"""Access logs of any size are read line by line, plain or gzip."""

from __future__ import annotations

import gzip
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.model.errors import UsageError
from validator.traffic.log_lines import MAX_LINE, log_lines

MEASURED = """
import sys
from pathlib import Path
from validator.traffic.log_lines import log_lines
print(list(log_lines(Path(sys.argv[1]))))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def test_a_gzip_file_is_known_by_its_content_and_not_by_its_name(tmp_path):
    packed, plain = tmp_path / "access.log", tmp_path / "access.log.gz"
    packed.write_bytes(gzip.compress(b"one\ntwo\n") + gzip.compress(b"three"))
    plain.write_bytes(b"one\r\ntwo\nthree")
    assert list(log_lines(packed)) == list(log_lines(plain)) == [b"one", b"two", b"three"]


@pytest.mark.parametrize("broken", [lambda b: b[:-12], lambda b: b[:-4] + b"\0\0\0\0", lambda b: b + b"junk"])
def test_the_rest_of_a_broken_gzip_file_is_one_broken_line(tmp_path, broken):
    path = tmp_path / "access.log"
    path.write_bytes(broken(gzip.compress(b"one\n" * 1000)))
    lines = list(log_lines(path))
    assert lines[-1] is None
    assert lines.count(None) == 1
    assert set(lines) <= {b"one", b"o", b"on", None}


def test_a_line_that_is_too_long_is_broken_and_the_next_one_is_not(tmp_path):
    path = tmp_path / "access.log"
    longest = b"x" * (MAX_LINE - 1)
    path.write_bytes(longest + b"\n" + b"y" * (3 * MAX_LINE) + b"\nnext\n" + b"z" * (2 * MAX_LINE))
    assert list(log_lines(path)) == [longest, None, b"next", None]


@given(content=st.lists(st.binary(max_size=20)).map(b"\n".join))
def test_every_line_comes_once_and_in_order(content, tmp_path_factory):
    path = tmp_path_factory.mktemp("log") / "access.log"
    path.write_bytes(content)
    if not content.startswith(b"\x1f\x8b"):
        lines = content.split(b"\n")
        expected = lines[:-1] if lines[-1] == b"" else lines
        assert list(log_lines(path)) == [line.rstrip(b"\r\n") for line in expected]


def test_a_file_that_is_not_there_is_told_with_a_remedy(tmp_path):
    with pytest.raises(UsageError) as refused:
        list(log_lines(tmp_path / "none.log"))
    assert "none.log" in refused.value.text
    assert refused.value.remedy


def test_a_bomb_of_one_line_takes_the_memory_of_one_line(tmp_path):
    path = tmp_path / "access.log"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(300):
            file.write(bytes(1_000_000))
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, path], capture_output=True, text=True, timeout=50, check=True
    )
    lines, kilobytes = done.stdout.splitlines()
    assert lines == "[None]"
    assert int(kilobytes) < 60_000
