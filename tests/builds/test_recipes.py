"""Where the APK under test comes from: a file, or the team's own build command."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from validator.builds.command import CommandBuild
from validator.builds.file import FileBuild
from validator.model.causes import Cause, Family
from validator.model.errors import StageError
from validator.support.stop import Stop


def command(directory: Path, line: str, artifact: str = "out/app.apk", seconds: float = 20.0) -> CommandBuild:
    return CommandBuild(
        command=line,
        directory=directory,
        artifact=artifact,
        environment={"API_URL": "https://api.example.com"},
        seconds=seconds,
    )


def failure(
    build: CommandBuild | FileBuild, folder: Path, stop: Stop | None = None, cause: Cause = Cause.APK_MISSING
) -> StageError:
    with pytest.raises(StageError) as failed:
        build.fetch(folder, stop or Stop())
    assert failed.value.cause is cause
    assert failed.value.remedy
    return failed.value


def test_a_file_is_copied_so_that_nothing_changes_it_any_more(tmp_path: Path) -> None:
    original = tmp_path / "made.apk"
    original.write_bytes(b"apk")

    kept = FileBuild(path=original).fetch(tmp_path / "run" / "build", Stop())

    original.write_bytes(b"other")
    assert kept == tmp_path / "run" / "build" / "app.apk"
    assert kept.read_bytes() == b"apk"


@pytest.mark.parametrize(("name", "what"), [("gone.apk", "does not exist"), (".", "is a folder")])
def test_a_file_that_is_none_is_missing(tmp_path: Path, name: str, what: str) -> None:
    error = failure(FileBuild(path=tmp_path / name), tmp_path / "build")

    assert what in error.what


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "made.apk").write_bytes(b"apk")
    (tmp_path / "build").touch()

    assert "cannot be copied" in failure(FileBuild(path=tmp_path / "made.apk"), tmp_path / "build").what


def test_a_command_builds_with_its_environment_in_its_directory(tmp_path: Path) -> None:
    build = command(tmp_path, 'mkdir -p out && printf "%s %s" "$API_URL" "$PWD" > out/app.apk && echo built')

    kept = build.fetch(tmp_path / "build", Stop())

    assert kept.read_text(encoding="utf-8") == f"https://api.example.com {tmp_path}"
    assert (tmp_path / "build" / "build.log").read_text(encoding="utf-8") == "built\n"
    assert "https://" not in repr(build), "the environment may hold secrets"


@pytest.mark.parametrize("artifact", ["**/*-release.apk", "out/*.apk", "out/app-*se.apk"])
def test_a_pattern_finds_the_one_new_file(tmp_path: Path, artifact: str) -> None:
    (tmp_path / "out").mkdir()
    old = tmp_path / "out" / "old-release.apk"
    old.write_bytes(b"old")
    os.utime(old, (1_000_000_000, 1_000_000_000))

    kept = command(tmp_path, "printf new > out/app-release.apk", artifact).fetch(tmp_path / "build", Stop())

    assert kept.read_bytes() == b"new"


def test_a_path_with_signs_of_a_pattern_is_a_path(tmp_path: Path) -> None:
    kept = command(tmp_path, "printf new > '[a].apk'", "[a].apk").fetch(tmp_path / "build", Stop())

    assert kept.read_bytes() == b"new"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("true", "made no file that matches *.apk"),
        ("touch a.apk b.apk", "made several files that match *.apk: "),
        ("mkdir x.apk", "made no file that matches *.apk"),
        ("echo compiling; echo oops >&2; exit 7", "ended with status 7; its last lines:\n  | compiling\n  | oops"),
        ("exit 1", "ended with status 1; it printed nothing"),
        ("no-such-gradle", "ended with status 127"),
        ("echo started; sleep 60", "did not end within 0.5 s; its last lines:\n  | started"),
    ],
)
def test_a_build_without_one_new_apk_says_what_happened(tmp_path: Path, line: str, what: str) -> None:
    error = failure(command(tmp_path, line, "*.apk", seconds=0.5), tmp_path / "build")

    assert what in error.what
    assert error.where == f"`{line}`"
    assert str(tmp_path / "build" / "build.log") in error.remedy


def leave(path: Path, text: str) -> Path:
    """A file that an earlier build has written."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    return path


def test_what_an_earlier_build_left_is_not_taken_for_this_one_and_says_nothing_about_the_product(
    tmp_path: Path,
) -> None:
    leave(tmp_path / "app.apk", "stale")

    error = failure(command(tmp_path, "true", "app.apk"), tmp_path / "build", cause=Cause.APK_STALE)

    assert "did not write app.apk anew" in error.what
    assert "clean" in error.remedy
    assert "build.fresh: false" in error.remedy
    assert error.cause.family is Family.INFRASTRUCTURE


def test_the_second_build_in_a_checkout_may_leave_what_is_up_to_date_where_that_is_declared(tmp_path: Path) -> None:
    made = tmp_path / "app.apk"
    line = "test -f app.apk || printf 1 > app.apk"  # as gradle does: what is up to date is not written again
    incremental = replace(command(tmp_path, line, "*.apk"), fresh=False)

    first = incremental.fetch(tmp_path / "first", Stop())
    os.utime(made, (1_000_000_000, 1_000_000_000))
    second = incremental.fetch(tmp_path / "second", Stop())

    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"1")


def test_a_new_file_wins_over_those_of_before(tmp_path: Path) -> None:
    leave(tmp_path / "old.apk", "old")
    build = replace(command(tmp_path, "printf new > new.apk", "*.apk"), fresh=False)

    assert build.fetch(tmp_path / "build", Stop()).read_bytes() == b"new"


def test_of_several_files_of_before_none_is_taken(tmp_path: Path) -> None:
    leave(tmp_path / "a.apk", "a")
    leave(tmp_path / "b.apk", "b")

    error = failure(replace(command(tmp_path, "true", "*.apk"), fresh=False), tmp_path / "build")

    assert "several files that match *.apk" in error.what


def test_a_directory_that_is_gone_is_told(tmp_path: Path) -> None:
    assert "cannot be started" in failure(command(tmp_path / "gone", "true"), tmp_path / "build").what


def test_a_stop_ends_the_build_with_its_reason(tmp_path: Path) -> None:
    stop = Stop()
    stop.set("interrupted")

    assert "was ended: interrupted" in failure(command(tmp_path, "sleep 60"), tmp_path / "build", stop).what
