"""Facts in binary manifests."""

from __future__ import annotations

import struct
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builds.apks import DEBUGGABLE, Tag, binary_xml, chunk, manifest
from validator.builds.apk.axml import elements
from validator.builds.apk.bytesource import ApkUnreadableError
from validator.builds.apk.manifest import Manifest, read_manifest


@pytest.mark.parametrize("utf8", [True, False])
def test_the_facts_of_a_release_build_are_read(*, utf8: bool) -> None:
    tag = manifest("com.example.größe", version_name="1.2.3-β" + "x" * 200, version_code=42)

    assert read_manifest(binary_xml(tag, utf8=utf8)) == Manifest(
        package="com.example.größe",
        version_name="1.2.3-β" + "x" * 200,
        version_code=42,
        min_sdk=26,
        target_sdk=34,
        debuggable=False,
    )


@pytest.mark.parametrize(
    ("value", "debuggable"),
    [
        (None, False),
        (False, False),
        (True, True),
        ("true", True),
        ("1", True),
        ("false", False),
        ((0x11, 1), True),
        ((0x12, 1), True),
        ((0x01, 0x7F050001), True),
    ],
)
def test_every_way_to_be_debuggable_is_known(value: str | bool | tuple[int, int] | None, *, debuggable: bool) -> None:
    assert read_manifest(binary_xml(manifest(debuggable=value))).debuggable is debuggable


def test_what_is_left_out_has_androids_own_values() -> None:
    found = read_manifest(binary_xml(Tag("manifest", {"package": "a.b"}, [Tag("application")])))

    assert found == Manifest(package="a.b", version_name="", version_code=0, min_sdk=1, target_sdk=1, debuggable=False)


def test_a_platform_that_is_not_released_yet_is_newer_than_any_other() -> None:
    found = read_manifest(binary_xml(manifest(min_sdk="Baklava", target_sdk="36")))

    assert (found.min_sdk, found.target_sdk) == (10_000, 36)


def test_a_version_that_stands_in_the_resources_is_shown_as_their_number() -> None:
    assert read_manifest(binary_xml(manifest(version_name=(0x01, 0x7F0A0001)))).version_name == "@0x7f0a0001"


def test_only_the_application_itself_can_be_debuggable() -> None:
    tag = Tag(
        "manifest",
        {"package": "a.b"},
        [Tag("application", {}, [Tag("activity", {DEBUGGABLE: True})]), Tag("other", {DEBUGGABLE: True})],
    )

    assert not read_manifest(binary_xml(tag)).debuggable


NAME, ENABLED, TEST_ONLY = 0x01010003, 0x0101000E, 0x01010272
LAUNCHER = Tag(
    "intent-filter",
    {},
    [
        Tag("action", {NAME: "android.intent.action.MAIN"}),
        Tag("category", {NAME: "android.intent.category.DEFAULT"}),
        Tag("category", {NAME: "android.intent.category.LAUNCHER"}),
    ],
)
HALF = Tag("intent-filter", {}, [Tag("action", {NAME: "android.intent.action.MAIN"})])
OTHER_HALF = Tag("intent-filter", {}, [Tag("category", {NAME: "android.intent.category.LAUNCHER"})])


def test_the_activities_that_a_launcher_shows_are_named_in_full() -> None:
    activities = [
        Tag("activity", {NAME: ".Main"}, [HALF, LAUNCHER]),
        Tag("activity", {NAME: "Bare"}, [LAUNCHER]),
        Tag("activity-alias", {NAME: "org.other.Alias"}, [LAUNCHER, LAUNCHER]),
        Tag("activity", {NAME: ".Halves"}, [HALF, OTHER_HALF]),
        Tag("activity", {NAME: ".Off", ENABLED: False}, [LAUNCHER]),
        Tag("service", {NAME: ".Service"}, [LAUNCHER]),
    ]
    tag = Tag("manifest", {"package": "a.b"}, [Tag("application", {}, activities)])

    assert read_manifest(binary_xml(tag)).launchable == ("a.b.Main", "a.b.Bare", "org.other.Alias")


def test_permissions_are_listed_once() -> None:
    asked = ("android.permission.INTERNET", "android.permission.CAMERA", "android.permission.INTERNET")
    tags = [Tag("uses-permission", {NAME: name}) for name in asked]
    tags.append(Tag("uses-permission-sdk-23", {NAME: "android.permission.NFC"}))

    found = read_manifest(binary_xml(Tag("manifest", {"package": "a.b"}, tags)))

    assert found.permissions == (asked[0], asked[1], "android.permission.NFC")


@pytest.mark.parametrize(("said", "expected"), [({}, False), ({TEST_ONLY: True}, True), ({TEST_ONLY: False}, False)])
def test_an_apk_for_tests_only_is_known(said: dict[int | str, bool], *, expected: bool) -> None:
    tag = Tag("manifest", {"package": "a.b"}, [Tag("application", dict(said))])

    assert read_manifest(binary_xml(tag)).test_only is expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<manifest package='x'/>",
        binary_xml(manifest())[:50],
        binary_xml(Tag("manifest", {})),
        binary_xml(Tag("manifest", {"package": ""})),
        binary_xml(Tag("manifest", {"package": 7})),
        binary_xml(Tag("application", {"package": "x"})),
        chunk(3, b"", b"\2\1\0\0\0\0\0\0"),
        chunk(3, b"", chunk(0x0102, struct.pack("<II", 1, 1), struct.pack("<IIHHHHHH", 0, 5, 20, 20, 1, 0, 0, 0))),
    ],
)
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(ApkUnreadableError):
        read_manifest(data)


def test_a_nest_of_elements_is_refused() -> None:
    tag = Tag("x")
    for _ in range(150):
        tag = Tag("x", {}, [tag])

    with pytest.raises(ApkUnreadableError, match="nested"):
        list(elements(binary_xml(tag)))


def test_strings_that_all_lie_over_one_another_do_not_fill_the_memory() -> None:
    count, length = 60_000, 30_000
    offsets = struct.pack(f"<{count}I", *([0] * count))
    text = struct.pack("<H", length) + b"a\0" * length + b"\0\0"
    head = struct.pack("<IIIII", count, 0, 0, 28 + len(offsets), 0)
    attributes = b"".join(struct.pack("<IIIHBBI", 0xFFFFFFFF, n, 0xFFFFFFFF, 8, 0, 0x10, 0) for n in range(60_000))
    element = struct.pack("<IIHHHHHH", 0xFFFFFFFF, 0, 20, 20, 60_000, 0, 0, 0) + attributes
    data = chunk(3, b"", chunk(1, head, offsets + text) + chunk(0x0102, struct.pack("<II", 1, 0), element))

    tracemalloc.start()
    try:
        with pytest.raises(ApkUnreadableError, match="larger than any manifest's"):
            read_manifest(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 60 * 1024 * 1024


GOOD = binary_xml(manifest(debuggable=True))


@settings(max_examples=1000, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8), st.integers(0, 200)
)
def test_any_damage_is_read_or_refused(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(GOOD)
    for place, value in changes:
        data[place] = value
    try:
        found = read_manifest(bytes(data[: len(data) - cut]))
    except ApkUnreadableError:
        return
    assert found.package
