"""A saboteur strikes the runners of its own demo, and nobody else's."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from validator.demo.sabotage import Saboteur, Scene, runners
from validator.demo.scenarios.scenario import Sabotage, Target

SERIAL, OTHER = "127.0.0.1:63901", "127.0.0.1:63902"
SCENE = Scene(serials=(SERIAL,), adb="/nowhere/adb", adb_port=1)


@contextmanager
def runner(folder: Path, serial: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that looks like a runner on that device, with a command line longer than any terminal."""
    program = folder / "maestro-runner"
    program.write_text("#!/bin/sh\nwhile :; do sleep 0.05; done\n")
    program.chmod(0o755)
    process = subprocess.Popen([program, "--output", "x" * 300, "--device", serial, "test"])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def state_of(process: subprocess.Popen[bytes]) -> str:
    return subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process.pid)], capture_output=True, text=True, check=False
    ).stdout[:1]


@pytest.mark.parametrize("columns", ["40", "400"])
def test_only_runners_of_the_named_devices_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    with runner(tmp_path, SERIAL) as ours, runner(tmp_path, OTHER):
        assert runners([SERIAL]) == [ours.pid]


def test_a_runner_is_killed_and_another_demos_is_not(tmp_path: Path) -> None:
    sabotage = Sabotage(target=Target.RUNNER_DIES, after_s=0.2, times=1)
    with runner(tmp_path, OTHER) as stranger, runner(tmp_path, SERIAL) as ours, Saboteur(sabotage, SCENE):
        assert ours.wait(10) == -signal.SIGKILL
        assert stranger.poll() is None


def test_a_runner_that_hangs_is_stopped_and_stays(tmp_path: Path) -> None:
    sabotage = Sabotage(target=Target.RUNNER_HANGS, after_s=0.2, times=1)
    with runner(tmp_path, SERIAL) as ours, Saboteur(sabotage, SCENE):
        for _ in range(100):
            if state_of(ours) == "T":
                break
            threading.Event().wait(0.05)
        assert state_of(ours) == "T"
        assert ours.poll() is None


def test_no_more_runners_are_struck_than_was_asked(tmp_path: Path) -> None:
    sabotage = Sabotage(target=Target.RUNNER_DIES, after_s=0.1, times=1)
    with Saboteur(sabotage, SCENE):
        with runner(tmp_path, SERIAL) as first:
            first.wait(10)
        with runner(tmp_path, SERIAL) as second, pytest.raises(subprocess.TimeoutExpired):
            second.wait(1.0)
