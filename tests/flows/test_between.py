"""The team's own command between two flows."""

from __future__ import annotations

from pathlib import Path

import pytest

from validator.flows.between import BetweenCommand
from validator.model.causes import Cause
from validator.model.device import AdbAddress
from validator.model.errors import StageError
from validator.support.stop import Stop


@pytest.fixture
def adb(adb_program: Path) -> AdbAddress:
    return AdbAddress(path=str(adb_program), server_port=5999)


def between(command: str, directory: Path, seconds: float = 20.0) -> BetweenCommand:
    return BetweenCommand(
        command=command, directory=directory, environment={"SKIP_DATA_CLEANUP": "true", "X": "a b"}, seconds=seconds
    )


def test_it_sees_the_device_the_adb_and_the_flows_environment(tmp_path: Path, adb: AdbAddress) -> None:
    show = (
        'echo "$SKIP_DATA_CLEANUP|$X|$ANDROID_SERIAL|$ANDROID_ADB_SERVER_PORT|$PWD"; readlink "$(command -v adb)"; env'
    )
    output = tmp_path / "between.txt"

    between(show, tmp_path).run("emulator-5554", adb, output, Stop())

    first, second, *rest = output.read_text(encoding="utf-8").splitlines()
    assert first == f"true|a b|emulator-5554|5999|{tmp_path}"
    assert second == adb.path
    assert any(line.startswith("HOME=") for line in rest), "a team's script gets the whole environment"


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("echo one; echo two >&2; exit 3", "ended with status 3; its last lines:\n  | one\n  | two"),
        ("no-such-program", "ended with status 127"),
        ("echo waiting; sleep 60", "did not end within 0.5 s"),
    ],
)
def test_a_command_that_fails_is_told_with_its_last_lines(
    tmp_path: Path, adb: AdbAddress, command: str, what: str
) -> None:
    with pytest.raises(StageError) as failed:
        between(command, tmp_path, seconds=0.5).run("s", adb, tmp_path / "out.txt", Stop())

    assert what in failed.value.what
    assert failed.value.cause is Cause.RUNNER_FAILED
    assert failed.value.where == command
    assert "flows.between" in failed.value.remedy


def test_a_stop_ends_it_with_its_reason(tmp_path: Path, adb: AdbAddress) -> None:
    stop = Stop()
    stop.set("interrupted")

    with pytest.raises(StageError, match="was ended: interrupted"):
        between("sleep 60", tmp_path).run("s", adb, tmp_path / "out.txt", stop)


def test_a_directory_that_is_gone_is_told(tmp_path: Path, adb: AdbAddress) -> None:
    with pytest.raises(StageError, match="could not be started"):
        between("true", tmp_path / "gone").run("s", adb, tmp_path / "out.txt", Stop())
