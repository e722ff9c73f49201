"""Files are whole or absent; names are safe and do not collide."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.support.files import sha256_file, slug, write_atomic


def test_text_is_written_as_utf_8_and_bytes_as_they_are(tmp_path: Path) -> None:
    write_atomic(tmp_path / "text", "grün")
    write_atomic(tmp_path / "bytes", b"\xff\x00")
    assert (tmp_path / "text").read_bytes() == "grün".encode()
    assert (tmp_path / "bytes").read_bytes() == b"\xff\x00"


def test_an_existing_file_is_replaced_and_keeps_its_readers(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomic(path, "old")
    with path.open() as reader:
        write_atomic(path, "new")
        assert reader.read() == "old"
    assert path.read_text() == "new"


def test_the_mode_is_the_file_s_from_its_first_byte_on(tmp_path: Path) -> None:
    write_atomic(tmp_path / "secret", "x", mode=0o600)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_failed_write_leaves_the_old_content_and_no_debris(tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    (folder / "inside").touch()
    with pytest.raises(OSError, match="directory"):
        write_atomic(folder, "x")
    assert list(tmp_path.iterdir()) == [folder]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomic(tmp_path / "gone" / "file", "x")


def test_the_longest_file_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    write_atomic(path, "x")
    assert path.read_text() == "x"


def test_a_digest_is_that_of_the_content(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "file").write_bytes(content)
    assert sha256_file(tmp_path / "file") == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("name", ["sign-in", "Sign_In.2", "a", "0" * 80])
def test_a_safe_name_stays_as_it_is(name: str) -> None:
    assert slug(name) == name


@pytest.mark.parametrize(
    ("text", "start"),
    [("pay: now", "pay-now-"), ("../../etc/passwd", "etc-passwd-"), ("..", ""), ("", ""), ("über", "ber-")],
)
def test_an_unsafe_name_stays_readable_and_gets_a_digest(text: str, start: str) -> None:
    assert re.fullmatch(re.escape(start) + "[0-9a-f]{6}", slug(text))


@given(st.text(max_size=300))
def test_every_text_becomes_a_safe_name_once(text: str) -> None:
    name = slug(text)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,79}", name)
    assert slug(name) == name


@given(st.text(alphabet="a b/:.-", max_size=12), st.text(alphabet="a b/:.-", max_size=12))
def test_different_texts_get_different_names(one: str, other: str) -> None:
    assert (slug(one) == slug(other)) == (one == other)
