"""Runs validator as its users do, as a program of its own, and looks at everything it leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MARK = "VALIDATOR_TEST_MARK"
RUNNERS = ROOT / "node_modules" / ".bin"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A command that has ended."""

    folder: Path
    exit_code: int
    output: str
    errors: str
    seconds: float
    mark: str

    @cached_property
    def decision(self) -> dict[str, Any]:
        decision: dict[str, Any] = json.loads((self.reports / "decision.json").read_text(encoding="utf-8"))
        return decision

    @property
    def reports(self) -> Path:
        return (self.folder / "reports" / "latest").resolve()

    def flows(self, outcome: str) -> list[str]:
        return sorted(flow["name"] for flow in self.decision["flows"] if flow["outcome"] == outcome)

    def causes(self) -> set[str]:
        return {flow["cause"] for flow in self.decision["flows"] if flow["cause"]}

    @property
    def orphans(self) -> list[str]:
        """The command lines of processes that this command started and left running."""
        return left_running(self.mark, self.folder)


@dataclass(frozen=True, kw_only=True)
class Started:
    """A command that runs."""

    process: subprocess.Popen[str]
    folder: Path
    mark: str
    began: float

    def wait(self, seconds: float) -> Ended:
        try:
            output, errors = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            output, errors = self.process.communicate()
            raise AssertionError(f"no end after {seconds} s\n{output}\n{errors}") from None
        return Ended(
            folder=self.folder,
            exit_code=self.process.returncode,
            output=output,
            errors=errors,
            seconds=time.monotonic() - self.began,
            mark=self.mark,
        )


def start(folder: Path, *arguments: str, **environment: str) -> Started:
    """Start `validator` in a folder, with an environment of its own."""
    return start_program(folder, [sys.executable, "-m", "validator", *arguments], environment)


def start_program(folder: Path, command: Sequence[str], environment: Mapping[str, str]) -> Started:
    """Start a program that does what `validator` does, in a folder, with an environment of its own."""
    mark = uuid.uuid4().hex
    path = os.pathsep.join([str(RUNNERS), os.environ["PATH"]])
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "PYTEST_"))}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**inherited, "PATH": path, "COLUMNS": "120", MARK: mark, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    return Started(process=process, folder=folder, mark=mark, began=time.monotonic())


def validator(folder: Path, *arguments: str, seconds: float = 60.0, **environment: str) -> Ended:
    """Run `validator` to its end."""
    return start(folder, *arguments, **environment).wait(seconds)


def left_running(mark: str, folder: Path) -> list[str]:
    """Processes with the mark in their environment or the folder in their command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            environment = (process / "environ").read_bytes().decode(errors="replace")
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue  # it ended while we looked, or is not ours to look at
        if state != "Z" and (f"{MARK}={mark}" in environment or str(folder) in command):
            found.append(command)
    return found
