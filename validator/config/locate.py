"""Finds the file that `-c` means, and the project that it belongs to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from validator.config.errors import ConfigError, Position, Problem
from validator.config.spelling import did_you_mean

FOLDER: Final = "configs"
"""Where environments lie, one file each."""

_ENDINGS: Final = (".yaml", ".yml")


def locate(name_or_path: str, folder: Path) -> Path:
    """The file of an environment: a path as it is, or `production` for `configs/production.yaml`.

    A path is returned even if nothing is there: reading it says better what is wrong.

    Raises:
        ConfigError: it is a name, and there is no such environment; the error lists those that exist.
    """
    path = folder / name_or_path
    if os.sep in name_or_path or name_or_path.endswith(_ENDINGS) or (name_or_path.strip() and path.exists()):
        return path
    known = environments(folder)
    if found := known.get(name_or_path):
        return found
    raise ConfigError([_unknown(name_or_path, folder, known)])


def environments(folder: Path) -> dict[str, Path]:
    """The environments of a project by name, those of `configs/*.yaml`."""
    try:
        files = sorted((folder / FOLDER).iterdir())
    except OSError:
        return {}
    return {file.stem: file for file in files if file.suffix in _ENDINGS}


def project_root(path: Path) -> Path:
    """The folder that the paths of a configuration start from, absolute: the one that holds `configs/`, or its own."""
    parent = Path(os.path.abspath(path)).parent  # noqa: PTH100 - resolve() would follow a symlink out of the project
    return parent.parent if parent.name == FOLDER else parent


def _unknown(name: str, folder: Path, known: dict[str, Path]) -> Problem:
    expected = Position(file=str(folder / FOLDER / f"{name.strip() or 'production'}.yaml"))
    if not name.strip():
        return Problem.at(expected, "the name of the environment is empty", remedy=f"name one: {_listed(known)}")
    message = f"there is no environment {name!r}{did_you_mean(name, known)}"
    return Problem.at(expected, message, remedy=f"name one of: {_listed(known)}" if known else _listed(known))


def _listed(known: dict[str, Path]) -> str:
    if not known:
        return f"write {FOLDER}/production.yaml first; {FOLDER}/README.md shows how one looks"
    return ", ".join(known)
