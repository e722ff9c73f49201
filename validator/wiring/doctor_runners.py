"""Which programs that drive flows are installed; a run takes one of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from validator.flows import maestro, maestro_runner_program
from validator.flows.choose import RunnerKind, choose, kind_of
from validator.model.errors import UsageError
from validator.support.stop import Stop
from validator.wiring.doctor_check import Check, checked, well

_FINDERS = {
    RunnerKind.MAESTRO_RUNNER: maestro_runner_program.find_program,
    RunnerKind.MAESTRO: maestro.find_program,
}


def runners(path: Path | None, directory: Path) -> Iterator[Check]:
    """Both, each with its version. One that is not there is no problem here: a run says what it lacks.

    Args:
        path: `flows.runner_path`, which names one of them; None to look for both.
        directory: The project's folder.
    """
    for kind, find in _FINDERS.items():
        named = path if path is not None and kind_of(path) is kind else None
        try:
            program = find(named, directory)
        except UsageError:
            yield well(kind, "not installed")
        else:
            yield checked(kind, partial(_found, kind, program, directory), needed=False)


def _found(kind: RunnerKind, program: Path, directory: Path) -> str:
    runner = choose(kind, path=program, directory=directory, adb_port=maestro.ADB_PORT, stop=Stop())
    return f"{runner.name} at {program}"
