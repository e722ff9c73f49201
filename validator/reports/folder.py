"""The folder of a run: `reports/<run>/`, with `reports/latest` pointing at the run that was started last."""

from __future__ import annotations

import secrets
from pathlib import Path

from validator.model.errors import UsageError

LATEST = "latest"


def new_run_folder(reports: Path, run: str) -> Path:
    """Make the folder of a new run, and let `latest` point at it.

    `latest` moves when a run starts, not when it ends: a run that dies leaves no older decision to be taken for
    its own.

    Raises:
        UsageError: The folder cannot be made or written to.
    """
    folder = reports / run
    try:
        folder.mkdir(parents=True)
        _point(reports / LATEST, run)
    except OSError as error:
        raise UsageError(
            f"the folder for reports cannot be written: {error.strerror}",
            where=str(error.filename or reports),
            remedy="mend its permissions, or name another one with `reports:` in the configuration",
        ) from error
    return folder


def find_run_folder(reports: Path, run: str) -> Path:
    """The folder of a stored run, by its id or `latest`.

    Raises:
        UsageError: There is no such run; names those that there are.
    """
    known = stored_runs(reports)
    if run == LATEST and (reports / LATEST).is_dir():
        return (reports / LATEST).resolve()
    if run not in known:
        hint = f"the latest are {', '.join(known[:5])}" if known else "nothing was run here yet"
        raise UsageError(f"there is no run '{run}'", where=str(reports), remedy=hint)
    return reports / run


def stored_runs(reports: Path) -> list[str]:
    """The ids of all runs whose events lie here, the latest first."""
    return sorted(
        (file.parent.name for file in reports.glob("*/events.jsonl") if file.parent.name != LATEST), reverse=True
    )


def _point(link: Path, target: str) -> None:
    temporary = link.with_name(f".{LATEST}.{secrets.token_hex(4)}")
    temporary.symlink_to(target)
    temporary.replace(link)
