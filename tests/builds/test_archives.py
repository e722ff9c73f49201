"""The archive that an APK is: read as strictly as Android reads it."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builds.apks import archive
from validator.builds.apk.archive import content, read_archive, unpack
from validator.builds.apk.bytesource import ApkUnreadableError, Window

FILES = {"a.txt": b"hello" * 1000, "lib/x86_64/b.so": bytes(range(256)) * 20, "empty": b""}
GOOD = archive(FILES, stored=["lib/x86_64/b.so"])


def everything(data: bytes) -> dict[str, bytes]:
    source = Window(data)
    return {entry.name: b"".join(unpack(source, entry)) for entry in read_archive(source).entries}


def patched(name: str, field: str, value: int) -> bytes:
    """The archive with one field of an entry of its table of contents replaced."""
    offset, form = {
        "flags": (8, "<H"),
        "method": (10, "<H"),
        "packed": (20, "<I"),
        "size": (24, "<I"),
        "at": (42, "<I"),
    }[field]
    place = GOOD.rindex(name.encode()) - 46 + offset
    return GOOD[:place] + struct.pack(form, value) + GOOD[place + struct.calcsize(form) :]


def test_every_entry_is_unpacked_as_it_was_packed() -> None:
    assert everything(GOOD) == FILES


def test_a_comment_at_the_end_is_allowed() -> None:
    target = io.BytesIO(GOOD)
    with zipfile.ZipFile(target, "a") as zipped:
        zipped.comment = b"made by hand"

    assert everything(target.getvalue()) == FILES


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"just a text\n", "not a ZIP archive"),
        (GOOD[:-30], "not a ZIP archive, or cut off"),
        (GOOD[100:], "does not lie inside the file|ends early|overlaps|is not where"),
        (archive({"../../etc/passwd": b"x"}), "leads out of the archive"),
        (archive({"/etc/passwd": b"x"}), "leads out of the archive"),
        (patched("a.txt", "flags", 1), "encrypted"),
        (patched("a.txt", "method", 99), "packed with method 99"),
        (patched("a.txt", "size", 10), "unpacks to more than the 10 bytes"),
        (patched("a.txt", "size", 10_000), "is damaged"),
        (patched("a.txt", "packed", 5), "cut off|damaged"),
        (patched("lib/x86_64/b.so", "at", 0), "overlaps another entry"),
        (patched("lib/x86_64/b.so", "packed", 1_000_000), "overlaps another entry|reach into"),
        (patched("a.txt", "at", 3), "is not where|overlaps"),
    ],
)
def test_an_archive_that_android_would_refuse_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ApkUnreadableError, match=reason):
        everything(data)


def test_a_damaged_entry_is_found_by_its_checksum() -> None:
    place = GOOD.index(bytes(range(256))) + 10

    with pytest.raises(ApkUnreadableError, match="size or checksum"):
        everything(GOOD[:place] + b"\xff" + GOOD[place + 1 :])


def test_two_entries_of_one_name_are_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as zipped:
        zipped.writestr("AndroidManifest.xml", b"one")
        with pytest.warns(UserWarning, match="Duplicate name"):
            zipped.writestr("AndroidManifest.xml", b"two")

    with pytest.raises(ApkUnreadableError, match=r"two entries of the name AndroidManifest\.xml"):
        read_archive(Window(target.getvalue()))


def test_a_bomb_costs_no_memory() -> None:
    bomb = archive({"assets/bomb": b"\0" * 50_000_000})
    source = Window(bomb)
    (entry,) = read_archive(source).entries

    assert len(bomb) < 100_000
    assert max(len(piece) for piece in unpack(source, entry)) <= 1024 * 1024
    with pytest.raises(ApkUnreadableError, match="50000000 bytes; 1000 are the most"):
        content(source, entry, 1000)


def test_a_million_entries_are_refused_before_they_are_read() -> None:
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 46_000_000, 0, 0)

    with pytest.raises(ApkUnreadableError, match="65,535 entries or more"):
        read_archive(Window(b"\0" * 1000 + end))


@settings(max_examples=1000, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 40)
)
def test_any_damage_is_found_or_harmless(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(GOOD)
    for place, value in changes:
        data[place] = value
    try:
        found = everything(bytes(data[: len(data) - cut]))
    except ApkUnreadableError:
        return
    assert set(found.values()) <= set(FILES.values()), "whatever is read without complaint is what was packed"
