"""Whatever becomes of our output, the exit code says what was decided; 1, which means blocked, is only ever decided."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.commands import RUNNERS, validator
from tests.e2e.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write_defaults()
    return made


def with_reader_gone(folder: Path, *arguments: str) -> int:
    """The exit code of a command whose reader left before it had said a word."""
    path = os.pathsep.join([str(RUNNERS), os.environ["PATH"]])
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "validator", *arguments],
            cwd=folder,
            env={**os.environ, "PATH": path},
            stdout=writing,
            stderr=subprocess.DEVNULL,
            timeout=50,
            check=False,
        )
    finally:
        os.close(writing)
    return done.returncode


def test_a_run_whose_reader_left_decides_as_it_would_have(project: Project):
    assert with_reader_gone(project.root, "run", "-c", "production") == project.run().exit_code == 1
    assert (project.root / "reports" / "latest" / "decision.json").is_file()


@pytest.mark.parametrize("arguments", [["doctor"], ["runs"], ["--help"], ["demo", "--list"], ["run", "-c", "nope"]])
def test_a_command_whose_reader_left_claims_no_decision(tmp_path: Path, arguments: list[str]):
    assert with_reader_gone(tmp_path, *arguments) in (0, 2, 3)


def on_a_full_disk(folder: Path, *arguments: str, **environment: str) -> int:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "validator", *arguments],
            cwd=folder,
            env={**os.environ, **environment},
            stdout=full,
            stderr=full,
            timeout=50,
            check=False,
        )
    return done.returncode


def test_an_error_that_cannot_be_told_is_still_an_error_and_no_decision(tmp_path: Path):
    assert on_a_full_disk(tmp_path, "run", "-c", "nope") == 2
    assert on_a_full_disk(tmp_path, "runs") == 2
    assert on_a_full_disk(tmp_path, "no-such-command") == 2
    assert on_a_full_disk(tmp_path, "doctor") not in (0, 1)


def test_a_bug_is_told_without_secrets_and_is_no_decision(tmp_path: Path):
    program = (
        "import click, sys\n"
        "from validator.cli.errors import guarded\n"
        "@click.command()\n"
        "def broken():\n"
        "    raise ZeroDivisionError('token xoxb-1234567890-abcdefghijklmnop')\n"
        "sys.argv = ['validator']\n"
        "sys.exit(guarded(broken))\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False, env=environment
    )
    assert done.returncode == 70
    (kept,) = tmp_path.glob("validator-bug-*.txt")
    assert "ZeroDivisionError" in kept.read_text()
    assert "xoxb" not in kept.read_text() + done.stderr
    nowhere = {**os.environ, "TMPDIR": "/dev/null/nowhere"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False, env=nowhere
    )
    assert done.returncode == 70


def test_a_call_that_comes_to_no_run_leaves_no_older_decision_to_be_taken_for_its_own(project: Project):
    decision = project.run().reports / "decision.json"
    assert decision.is_file()
    assert validator(project.root, "run", "-c", "prodction").exit_code == 2
    assert not (project.root / "reports" / "latest").exists()
    assert validator(project.root, "show", "latest").exit_code == 0
    assert decision.is_file()
