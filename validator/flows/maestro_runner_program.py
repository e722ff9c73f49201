"""Where maestro-runner's program is: as configured, on PATH, or where npm puts it."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from validator.flows.program import configured, first_program, on_path
from validator.model.errors import UsageError

NAME: Final = "maestro-runner"
_MACHINES: Final = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}
_INSTALL: Final = f"npm install {NAME}@1.1.27"


def find_program(path: Path | None, directory: Path) -> Path:
    """The runner's own program: never npm's wrapper around it, which is a Node process that keeps signals to itself.

    Raises:
        UsageError: There is none.
    """
    found = configured(path, directory) or on_path(NAME) or first_program(_installed(directory))
    if found is None:
        raise UsageError(
            f"{NAME} is not installed",
            where=str(directory),
            remedy=f"`{_INSTALL}` here, or set `flows.runner_path` to its program",
        )
    program = first_program(_behind(found)) if _is_wrapper(found) else found
    if program is None:
        raise UsageError(
            f"npm's {NAME} is here without the program for this machine ({_platform()})",
            where=str(found),
            remedy=f"`{_INSTALL}` again, without `--omit=optional`",
        )
    return program


def _installed(directory: Path) -> Iterator[Path]:
    modules = directory / "node_modules"
    yield modules / ".bin" / NAME
    yield _packaged(modules)


def _packaged(modules: Path) -> Path:
    return modules / "@devicelab" / f"{NAME}-{_platform()}" / "bin" / NAME


def _platform() -> str:
    """This machine, as npm's packages name it."""
    machine = platform.machine().lower()
    return f"{sys.platform}-{_MACHINES.get(machine, machine)}"


def _is_wrapper(program: Path) -> bool:
    with program.open("rb") as stream:
        first = stream.read(128).split(b"\n")[0]
    return first.startswith(b"#!") and b"node" in first


def _behind(wrapper: Path) -> Iterator[Path]:
    """Where npm puts the package for the platform beside the wrapper's own package, or inside it."""
    script = Path(os.path.realpath(wrapper))
    for folder in script.parents:
        yield _packaged(folder / "node_modules")
