"""Exclusive use of a device among all processes of this user on this machine.

The lock is the kernel's (`flock`), so that it ends with its holder, whatever that dies of; nobody can take it over from
the living, and there is nothing to clean up after the dead.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath

from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.files import slug
from validator.support.lock import HeldError, exclusive

_SHARED = Path("/tmp")  # noqa: S108 - the same for every process of this user, whatever its TMPDIR; the folder is checked


def lock_folder() -> Path:
    """Where the locks of this user lie."""
    return _folder_of(os.getuid())


def lock_file_there(serial: str, user: int) -> PurePosixPath:
    """The lock of a device on another machine: the one that a run on that machine itself would take."""
    return PurePosixPath(_folder_of(user)) / _lock_name(serial)


def _folder_of(user: int) -> Path:
    return _SHARED / f"validator-devices-{user}"


def _lock_name(serial: str) -> str:
    return f"{slug(serial)}.lock"


@contextmanager
def lease(serial: str, folder: Path | None = None) -> Iterator[None]:
    """Hold the device while the block runs.

    Args:
        serial: The device's serial.
        folder: Where the locks lie; `lock_folder()` when None.

    Raises:
        StageError: `no_device` when another process holds it, or no lock can be made.
    """
    where = folder or lock_folder()
    with ExitStack() as held:
        try:
            _make_private(where)
            held.enter_context(exclusive(where / _lock_name(serial)))
        except HeldError as error:
            raise StageError(
                Cause.NO_DEVICE,
                f"in use by pid {error.holder}",
                where=serial,
                remedy="wait until that process is done, or configure another device",
            ) from error
        except OSError as error:
            raise StageError(
                Cause.NO_DEVICE,
                f"no lock can be made: {error.strerror}",
                where=str(where),
                remedy="make the folder writable",
            ) from error
        yield


def _make_private(folder: Path) -> None:
    """Make the folder ours alone; refuse one that somebody else has put there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.getuid() or not stat.S_ISDIR(status.st_mode):
        raise PermissionError(errno.EPERM, "it belongs to somebody else")
