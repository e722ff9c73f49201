"""The sample project's files: the app's sources, its terraform configuration, its team's flows."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from validator.demo.scenarios.scenario import Addition, Edit, Removal, Replacement

_HERE = Path(__file__).resolve().parent

APP_SOURCES = _HERE / "app"
"""The app's description, from which a build makes the assets."""

INFRA_SOURCES = _HERE / "infra"
"""The terraform configuration whose outputs are the shop's endpoints."""


class FlowsMissingError(Exception):
    """The sample flows are neither beside the source tree nor inside the installed package."""


class EditError(Exception):
    """A scenario's edit does not fit the workspace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleProject:
    """A working copy of the sample project."""

    root: Path
    flows: Path
    """The Maestro workspace."""
    infra: Path
    """The terraform configuration."""


def locate_flows() -> Path:
    """The Maestro workspace: `flows/` beside the package in a checkout, a copy inside the package when installed.

    Raises:
        FlowsMissingError: It is in neither place.
    """
    candidates = (_HERE.parents[2] / "flows", _HERE / "flows")
    for folder in candidates:
        # A stranger's folder of that name may lie beside an installed package; the config file tells ours.
        if (folder / "config.yaml").is_file() and (folder / "checkout.yaml").is_file():
            return folder
    looked = " or ".join(map(str, candidates))
    raise FlowsMissingError(f"the sample flows are not in {looked}. Reinstall the package, or run from a checkout.")


def copy_project(root: Path) -> SampleProject:
    """Copy the sample project to `root`, where terraform may write and flows may be edited. What is there stays.

    Raises:
        OSError: `root` cannot be written.
        FlowsMissingError: There is nothing to copy.
    """
    project = SampleProject(root=root, flows=root / "flows", infra=root / "infra")
    shutil.copytree(locate_flows(), project.flows, dirs_exist_ok=True)
    shutil.copytree(INFRA_SOURCES, project.infra, dirs_exist_ok=True)
    return project


def edit_flows(flows: Path, edits: Iterable[Edit]) -> None:
    """Make a scenario's edits in a copied workspace.

    Raises:
        EditError: A file is missing, is there already, or does not contain what is to be replaced.
        OSError: A file cannot be written.
    """
    for edit in edits:
        path = flows / edit.file
        if path.is_file() is isinstance(edit, Addition):
            raise EditError(f"{path}: there is {'already a' if path.is_file() else 'no'} file of that name to edit")
        match edit:
            case Addition(content=content):
                path.write_text(content, encoding="utf-8")
            case Removal():
                path.unlink()
            case Replacement(old=old, new=new):
                text = path.read_text(encoding="utf-8")
                if old not in text:
                    raise EditError(f"{path}: does not contain {old!r}")
                path.write_text(text.replace(old, new), encoding="utf-8")
