"""The files of a workspace, each read once, however many flows share it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from validator.flows.flow_file import FlowFile, read
from validator.flows.yaml_source import MAX_BYTES, START, Place, YamlError

_MOST_BYTES: Final = 256 * 1024 * 1024
"""All media and scripts together; more is not a test's belongings but a mistake in a path."""

_SMALL: Final = 1024 * 1024
"""Bytes that are hashed in a millisecond."""
_MOST_REMEMBERED: Final = 1_000


class ProblemError(Exception):
    """Why a flow cannot run; its text is `file:line:col: reason`."""

    def __init__(self, file: str, place: Place, reason: str) -> None:
        super().__init__(f"{file}:{place}: {reason}")
        self.file = file
        """Relative to the workspace, with `/`."""
        self.place = place
        self.reason = reason


class Library:
    """Flow files by their absolute path, and the digests of all files that were asked for."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self._flows: dict[Path, FlowFile | ProblemError] = {}
        self._digests: dict[Path, str] = {}
        self._room = _MOST_BYTES

    def flow(self, file: Path) -> FlowFile:
        """What one flow file says.

        Raises:
            ProblemError: It is broken, or no regular file, or cannot be read.
        """
        known = self._flows.get(file)
        if known is None:
            known = self._flows[file] = self._read(file)
        if isinstance(known, ProblemError):
            raise known
        return known

    @property
    def flows(self) -> Mapping[Path, FlowFile]:
        """The flow files that were asked for so far and can be read."""
        return {file: known for file, known in self._flows.items() if isinstance(known, FlowFile)}

    def known(self, file: Path) -> FlowFile | None:
        """What a flow file says that was asked for before; None when it was not, or cannot be read."""
        found = self._flows.get(file)
        return found if isinstance(found, FlowFile) else None

    def digest(self, file: Path) -> str:
        """The SHA-256 of a file in hexadecimal digits.

        Raises:
            OSError: It cannot be read, or with it all files together are larger than 256 MiB.
        """
        if file not in self._digests:
            status = file.stat()
            self._room -= status.st_size
            if self._room < 0:
                raise OSError(0, "with it, the files of the workspace are larger than 256 MiB")
            self._digests[file] = _digest(file, status)
        return self._digests[file]

    def name(self, file: Path) -> str:
        """The path as people know it: relative to the workspace, with `/`."""
        return Path(os.path.relpath(file, self.workspace)).as_posix()

    def problem(self, file: Path, place: Place, reason: str) -> ProblemError:
        """The error that points at a place in a file."""
        return ProblemError(self.name(file), place, reason)

    def _read(self, file: Path) -> FlowFile | ProblemError:
        try:
            data = content(file)
            self._digests[file] = hashlib.sha256(data).hexdigest()
            return read(data)
        except YamlError as error:
            return self.problem(file, error.place, error.reason)
        except OSError as error:
            return self.problem(file, START, f"cannot be read: {error.strerror}")


def _digest(file: Path, status: os.stat_result) -> str:
    if status.st_size <= _SMALL:
        return _read_digest(file)
    return _remembered_digest(file, status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _remembered_digest(file: Path, *_: int) -> str:
    """The digest of a large file, read once for as long as size, node and times stay: each attempt asks for it."""
    return _read_digest(file)


def _read_digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def content(file: Path) -> bytes:
    """The file's bytes, at most one more than YAML may have: a growing file ends here as well.

    Raises:
        YamlError: It is no regular file (a pipe would never end).
        OSError: It cannot be read.
    """
    if not is_file(file):
        raise YamlError("not a regular file")
    with file.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def is_file(path: Path) -> bool:
    """Whether a file is there that can be reached. A flow may name what no file can be called."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether a folder is there that can be reached."""
    try:
        return path.is_dir()
    except OSError:
        return False
