"""The files that a pattern means are found in any folder, however knotted, or the search says why not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.builds.artifacts import SearchEndedError, find_files
from validator.support.stop import Stop

TREE = (
    "app-release.apk",
    "app/build/outputs/apk/release/app-release.apk",
    "app/build/outputs/apk/debug/app-debug.apk",
    "app/build/outputs/logs/release.txt",
    ".gradle/caches/app-release.apk",
    "[a].apk",
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "project [main]"  # signs of a pattern in the folder's own name mean themselves
    for name in TREE:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def found(root: Path, pattern: str) -> list[str]:
    return [str(path.relative_to(root)) for path in find_files(root, pattern, Stop())]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("app-release.apk", ["app-release.apk"]),
        ("[a].apk", ["[a].apk"]),
        ("*.apk", ["[a].apk", "app-release.apk"]),
        ("**/*-release.apk", ["app/build/outputs/apk/release/app-release.apk", "app-release.apk"]),
        ("**/**/*-debug.apk", ["app/build/outputs/apk/debug/app-debug.apk"]),
        ("app/**/release/*.apk", ["app/build/outputs/apk/release/app-release.apk"]),
        ("app/build/outputs/apk/*/app-?????.apk", ["app/build/outputs/apk/debug/app-debug.apk"]),
        ("app/build/outputs/logs/**", ["app/build/outputs/logs/release.txt"]),
        ("a*/build/../build/outputs/logs/*", ["app/build/../build/outputs/logs/release.txt"]),
        (".gradle/**/*.apk", [".gradle/caches/app-release.apk"]),
        ("*/caches/*.apk", []),
        ("**/*.aab", []),
        ("app", []),
        ("nowhere/*.apk", []),
        ("app-release.apk/*", []),
    ],
)
def test_a_pattern_means_these_files(tree: Path, pattern: str, names: list[str]) -> None:
    assert found(tree, pattern) == names


def test_a_pattern_may_be_absolute(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()

    assert find_files(tmp_path / "elsewhere", f"{tmp_path}/project*/app-*.apk", Stop()) == [tree / "app-release.apk"]


def test_links_in_a_circle_are_not_followed(tree: Path) -> None:
    for number in range(12):  # each one doubles the ways for whoever follows them
        (tree / "app" / f"up-{number}").symlink_to(tree)
    (tree / "itself").symlink_to("itself")
    began = time.monotonic()

    assert found(tree, "**/*-debug.apk") == ["app/build/outputs/apk/debug/app-debug.apk"]
    assert time.monotonic() - began < 5


def test_a_link_to_the_artefact_itself_and_one_that_is_named_are_followed(tree: Path) -> None:
    (tree / "latest").symlink_to(tree / "app" / "build" / "outputs" / "apk")
    (tree / "latest.apk").symlink_to(tree / "app-release.apk")

    assert found(tree, "latest/*/*-debug.apk") == ["latest/debug/app-debug.apk"]
    assert found(tree, "**/latest.apk") == ["latest.apk"]


def test_a_search_ends_when_it_has_seen_too_much(tree: Path) -> None:
    with pytest.raises(SearchEndedError, match="more than 3 files and folders"):
        find_files(tree, "**/*.apk", Stop(), entries=3)


def test_a_search_ends_when_its_time_is_over(tree: Path) -> None:
    with pytest.raises(SearchEndedError, match="not over after 0 s"):
        find_files(tree, "**/*.apk", Stop(), seconds=0)


def test_a_stop_ends_a_search(tree: Path) -> None:
    stop = Stop()
    stop.set("interrupted")

    with pytest.raises(SearchEndedError, match="interrupted"):
        find_files(tree, "**/*.apk", stop)


def test_what_is_no_file_is_no_artefact(tree: Path) -> None:
    os.mkfifo(tree / "app" / "pipe.apk")
    (tree / "app" / "folder.apk").mkdir()
    (tree / "app" / "nowhere.apk").symlink_to("gone")

    assert found(tree, "app/*.apk") == []


@given(st.lists(st.sampled_from(["**", "*", ".", "a", "[", "[!", "?", "*.py"]), min_size=1, max_size=8))
def test_no_pattern_breaks_the_search(parts: list[str]) -> None:
    root = Path(__file__).parent

    assert all(path.is_relative_to(root) and path.is_file() for path in find_files(root, "/".join(parts), Stop()))
