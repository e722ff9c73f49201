"""Which runner is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.stand_ins import MakeProgram
from validator.flows.choose import RunnerKind, choose
from validator.model.errors import UsageError
from validator.support.stop import Stop


@pytest.fixture(autouse=True)
def programs(program: MakeProgram, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which nothing is installed but what a test puts here."""
    folder = program("unrelated", "").parent
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    return folder


def chosen(directory: Path, kind: RunnerKind = RunnerKind.AUTO, *, path: Path | None = None, port: int = 5037) -> str:
    return choose(kind, path=path, directory=directory, adb_port=port, stop=Stop()).name


def test_auto_takes_what_is_installed(program: MakeProgram, tmp_path: Path) -> None:
    program("maestro", "print('2.8.0')")
    assert chosen(tmp_path) == "maestro 2.8.0"

    program("maestro-runner", "print('maestro-runner 1.1.27')")
    assert chosen(tmp_path) == "maestro-runner 1.1.27"
    assert chosen(tmp_path, RunnerKind.MAESTRO) == "maestro 2.8.0"


def test_auto_goes_by_the_name_of_a_configured_program(program: MakeProgram, tmp_path: Path) -> None:
    assert chosen(tmp_path, path=program("maestro", "print('2.8.0')")) == "maestro 2.8.0"
    assert chosen(tmp_path, path=program("maestro-runner-1.1", "print('1.1.27')")) == "maestro-runner 1.1.27"


def test_a_machine_without_any_runner_is_told_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no flow runner is installed") as refused:
        chosen(tmp_path)

    assert "npm install maestro-runner" in refused.value.remedy


@pytest.mark.parametrize("kind", [RunnerKind.MAESTRO, RunnerKind.MAESTRO_RUNNER])
def test_a_runner_that_was_asked_for_is_never_replaced_by_the_other(
    program: MakeProgram, tmp_path: Path, kind: RunnerKind
) -> None:
    program({RunnerKind.MAESTRO: "maestro-runner"}.get(kind, "maestro"), "print('9.9.9')")

    with pytest.raises(UsageError, match="not installed"):
        chosen(tmp_path, kind)


def test_the_official_cli_is_refused_with_an_adb_server_that_it_cannot_reach(
    program: MakeProgram, tmp_path: Path
) -> None:
    program("maestro", "print('2.8.0')")

    with pytest.raises(UsageError, match="port 5037, not 5999") as refused:
        chosen(tmp_path, port=5999)

    assert "adb.server_port: 5037" in refused.value.remedy
