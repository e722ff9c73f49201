"""Texts found in an APK, wherever they stand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builds.apks import archive
from validator.builds.apk.archive import read_archive
from validator.builds.apk.bytesource import ApkUnreadableError, Window
from validator.builds.apk.strings import Hit, search

API = "https://api.example.com"


def hits(files: dict[str, bytes], *texts: str) -> tuple[Hit, ...]:
    source = Window(archive(files))
    return search(source, read_archive(source), texts)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("classes.dex", "utf-8"),
        *(
            (name, encoding)
            for name in (
                "resources.arsc",
                "assets/index.android.bundle",
                "lib/arm64-v8a/libapp.so",
                "assets/app-config.json",
            )
            for encoding in ("utf-8", "utf-16-le")
        ),
    ],
)
def test_a_text_is_found_in_code_resources_assets_and_libraries(name: str, encoding: str) -> None:
    data = b"\0\1\2before" + f"{API}/v1".encode(encoding) + b"\0after"

    assert hits({"other": b"x", name: data}, API) == (Hit(text=API, entry=name, whole=True),)


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (b"https://api.example.com", True),
        (b"https://api.example.com\0", True),
        (b"https://api.example.com/v1", True),
        (b"https://api.example.com:8443", True),
        (b"https://api.example.com. A sentence", True),
        (b"https://api.example.com.", True),
        (b"https://api.example.com.au", False),
        (b"https://api.example.com-staging", False),
        (b"https://api.example.community", False),
        (b"https://api.example.com.au https://api.example.com", True),
    ],
)
def test_the_beginning_of_another_host_is_not_the_host(data: bytes, *, whole: bool) -> None:
    assert hits({"classes.dex": data}, API) == (Hit(text=API, entry="classes.dex", whole=whole),)
    assert hits({"assets/x.json": data.decode().encode("utf-16-le")}, API)[0].whole is whole


def test_where_texts_lie_back_to_back_the_next_one_does_not_count() -> None:
    """Hermes bytecode and native libraries need not end a text with anything."""
    assert hits({"assets/index.android.bundle": b"https://api.example.comPOST"}, API)[0].whole


def test_a_port_is_not_the_beginning_of_another_port() -> None:
    (hit,) = hits({"assets/app-config.json": b'{"API_URL": "http://127.0.0.1:80801"}'}, "http://127.0.0.1:8080")

    assert not hit.whole


def test_pictures_and_sounds_are_not_searched() -> None:
    assert hits({"res/a.png": API.encode(), "res/raw/b.mp3": API.encode(), "assets/font.TTF": API.encode()}, API) == ()


@settings(max_examples=25, deadline=None)
@given(st.integers(-60, 60), st.sampled_from(["utf-8", "utf-16-le"]), st.booleans())
def test_a_text_that_lies_across_two_pieces_is_found(shift: int, encoding: str, longer: bool) -> None:
    written = API + (".au" if longer else "/")
    data = b"\0" * (1024 * 1024 + 2 * shift) + written.encode(encoding) + b"\0" * 40

    assert hits({"assets/x.json": data}, API) == (Hit(text=API, entry="assets/x.json", whole=not longer),)


@given(st.binary(max_size=200), st.sampled_from(["api", "x", API]))
def test_a_hit_is_exactly_a_text_that_is_there(data: bytes, text: str) -> None:
    there = text.encode() in data or text.encode("utf-16-le") in data

    assert bool(hits({"lib/x86/a.so": data}, text)) is there


def test_no_texts_no_search() -> None:
    damaged = bytearray(archive({"a": b"hello" * 100}))
    damaged[40] ^= 0xFF
    source = Window(bytes(damaged))

    assert search(source, read_archive(source), ()) == ()
    with pytest.raises(ApkUnreadableError):
        search(source, read_archive(source), ("x",))
