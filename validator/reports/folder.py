"""The folder of a run: `reports/<run>/`, with `reports/latest` pointing at the run that was started last."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from validator.model.errors import UsageError
from validator.support.lock import HeldError, exclusive

LATEST = "latest"
LOCK = ".lock"


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
        raise _unwritable(reports, error) from error
    return folder


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a run's folder while the block runs: one process at a time works on a run, and a dead one holds nothing.

    Raises:
        UsageError: Another process is working on this run.
    """
    with ExitStack() as held_until_then:
        try:
            held_until_then.enter_context(exclusive(folder / LOCK))
        except HeldError as error:
            remedy = "wait for it, or look at it with `validator show`"
            message = f"the run is in progress, in process {error.holder}"
            raise UsageError(message, where=str(folder), remedy=remedy) from error
        except OSError as error:
            raise _unwritable(folder, error) from error
        yield


def find_run_folder(reports: Path, run: str) -> Path:
    """The folder of a stored run, by its id or `latest`.

    Raises:
        UsageError: There is no such run; names those that there are.
    """
    known = stored_runs(reports)
    if run == LATEST and (reports / LATEST).is_dir():
        return (reports / LATEST).resolve()
    if run == LATEST and known:
        return reports / known[0]
    if run not in known:
        hint = f"the latest are {', '.join(known[:5])}" if known else "nothing was run here yet"
        raise UsageError(f"there is no run '{run}'", where=str(reports), remedy=hint)
    return reports / run


def forget_latest(reports: Path) -> None:
    """Take the link `latest` away: a call that comes to no run leaves no older decision to be taken for its own."""
    with suppress(OSError):
        if (reports / LATEST).is_symlink():
            (reports / LATEST).unlink()


def stored_runs(reports: Path) -> list[str]:
    """The ids of all runs whose events lie here, the latest first."""
    return sorted(
        (file.parent.name for file in reports.glob("*/events.jsonl") if file.parent.name != LATEST), reverse=True
    )


def _unwritable(folder: Path, error: OSError) -> UsageError:
    return UsageError(
        f"the folder for reports cannot be written: {error.strerror}",
        where=str(error.filename or folder),
        remedy="mend its permissions, or name another one with `reports:` in the configuration",
    )


def _point(link: Path, target: str) -> None:
    temporary = link.with_name(f".{LATEST}.{secrets.token_hex(4)}")
    temporary.symlink_to(target)
    temporary.replace(link)
