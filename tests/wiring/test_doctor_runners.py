"""The doctor shows both runners, whichever a run takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.maestro.distribution import Settings, install
from validator.wiring.doctor_check import Check, Health
from validator.wiring.doctor_runners import runners


@pytest.fixture(autouse=True)
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "programs").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'programs'}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))


def shown(path: Path | None, directory: Path) -> dict[str, Check]:
    return {check.name: check for check in runners(path, directory)}


def test_what_is_not_installed_is_said_and_no_problem(tmp_path: Path) -> None:
    seen = shown(None, tmp_path)

    assert [(name, check.found, check.health) for name, check in seen.items()] == [
        ("maestro-runner", "not installed", Health.OK),
        ("maestro", "not installed", Health.OK),
    ]


def test_both_are_shown_with_their_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    official = install(tmp_path / "cli", Settings(version="2.8.0"))
    monkeypatch.setenv("JAVA_HOME", str(official.java_home))
    other = tmp_path / "programs" / "maestro-runner"
    other.write_text("#!/bin/sh\necho maestro-runner 1.1.27\n")
    other.chmod(0o755)

    seen = shown(official.program, tmp_path)

    assert seen["maestro"].found == f"maestro 2.8.0 at {official.program}"
    assert seen["maestro-runner"].found == f"maestro-runner 1.1.27 at {other}"


def test_one_that_is_too_old_is_a_warning_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    official = install(tmp_path / "cli", Settings(version="1.41.0"))
    monkeypatch.setenv("JAVA_HOME", str(official.java_home))

    check = shown(official.program, tmp_path)["maestro"]

    assert check.health is Health.WARNING
    assert "too old" in check.found
    assert "2.7" in check.remedy
