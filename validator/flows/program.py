"""Finding a runner's program and asking for its version."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from validator.model.errors import UsageError
from validator.support.process import Ended, ProgramMissingError, run
from validator.support.stop import Stop
from validator.support.text import one_line

_VERSION = re.compile(r"\d+\.\d+(\.\d+)?[\w.+-]*")
VERSION_SECONDS: Final = 30.0
"""maestro-runner answers in 0.03 s; a Java virtual machine on a busy machine may take ten."""


def configured(path: Path | None, directory: Path) -> Path | None:
    """The program that the configuration names; None when it names none.

    Raises:
        UsageError: It names something that is no program.
    """
    if path is None:
        return None
    program = directory / path.expanduser()
    if is_program(program):
        return program
    what = "is not an executable file" if program.exists() else "does not exist"
    raise UsageError(
        f"the flow runner {what}",
        where=str(program),
        remedy="set `flows.runner_path` to the runner's program, or leave it out",
    )


def on_path(name: str) -> Path | None:
    """The program of this name on PATH."""
    found = shutil.which(name)
    return Path(found) if found else None


def first_program(candidates: Iterable[Path]) -> Path | None:
    """The first of the files that is a program."""
    return next((path for path in candidates if is_program(path)), None)


def is_program(path: Path) -> bool:
    """Whether the file can be started."""
    return path.is_file() and os.access(path, os.X_OK)


def version_of(program: Path, stop: Stop, environment: Mapping[str, str] | None = None) -> str:
    """The version that `--version` prints: `1.1.27`.

    Raises:
        UsageError: The program does not start, does not answer in time, or prints no version.
    """
    try:
        completed = run((str(program), "--version"), deadline=VERSION_SECONDS, stop=stop, env=environment)
    except ProgramMissingError as error:
        raise UsageError(error.what, where=str(program), remedy="reinstall the flow runner") from error
    found = next((match for line in completed.tail if (match := _VERSION.search(line))), None)
    if completed.exit_code == 0 and found is not None:
        return found[0]
    how = "did not answer in time" if completed.ended is Ended.TIMED_OUT else f"ended with status {completed.exit_code}"
    said = one_line(" ".join(completed.tail), 200) or "nothing"
    raise UsageError(
        f"`--version` {how} and printed {said}",
        where=str(program),
        remedy="run it by hand to see what it lacks, and reinstall the flow runner",
    )
