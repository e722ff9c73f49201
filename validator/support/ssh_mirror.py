"""What a program on a host writes, brought here while it grows.

Small files are fetched whole whenever they have changed, because reports are written anew with each step. Of large ones
only what is new is fetched; at the end everything that is no log is fetched whole once more.
"""

from __future__ import annotations

import os
import secrets
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from paramiko import SFTPAttributes, SFTPClient, SSHException

from validator.support.machine import MachineError
from validator.support.ssh import SshConnection
from validator.support.ssh_scripts import OLD_TIME

_EVERY_SECONDS: Final = 0.5
_LAST_SECONDS: Final = 30.0
"""Deadline for what is still to come when the program has ended."""
_WHOLE_BYTES: Final = 1024 * 1024
_LARGEST_BYTES: Final = 80 * 1024 * 1024
"""More than any log may have that somebody here reads to see whether it outgrows its limit."""
_MOST_BYTES: Final = 1024 * 1024 * 1024
"""Of all files of one program, each time that they are fetched: a host cannot fill our disk."""
_MOST_FILES: Final = 5_000
_DEEPEST: Final = 12
_PIECE: Final = 256 * 1024
_LOGS: Final = (".log", ".txt")
_BROKEN: Final = (OSError, EOFError, SSHException, UnicodeError)
"""The last one is what a name that is no UTF-8 comes to: the file could be the one that counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A folder here and the one on the host that it is like."""

    here: Path
    there: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    here: Path
    there: str
    size: int
    changed: int

    @property
    def state(self) -> tuple[int, int]:
        return self.size, self.changed


class SshMirror:
    """Brings what is in the folders of a host until the block ends, and then all that is left to bring."""

    def __init__(self, connection: SshConnection, pairs: Sequence[Pair]) -> None:
        self._connection = connection
        self._pairs = tuple(pairs)
        self._known = dict[Path, tuple[int, int]]()
        self._fetched = 0
        self._over = threading.Event()
        self._files: SFTPClient | None = None
        self._thread = threading.Thread(target=self._work, name=f"files of {connection.name}", daemon=True)
        self.problem = ""
        """Why not everything is here; empty when it is."""

    def __enter__(self) -> Self:
        """Begin.

        Raises:
            MachineError: The host cannot be reached, or gives no files.
        """
        if self._pairs:
            self._files = self._connection.files()
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Fetch what is left, within 30 s, and stop."""
        self._over.set()
        if self._files is None:
            return
        self._thread.join(_LAST_SECONDS)
        if self._thread.is_alive():
            self.problem = f"the files of {self._connection.name} took longer than {_LAST_SECONDS:g} s"
        with suppress(*_BROKEN):
            self._files.close()

    def _work(self) -> None:
        files = self._files
        try:
            pause = _EVERY_SECONDS
            while files is not None and not self._over.wait(pause):
                began = time.monotonic()
                self._bring(files, last=False)
                pause = max(_EVERY_SECONDS, time.monotonic() - began)
            if files is not None:
                self._bring(files, last=True)
        except MachineError as error:
            self.problem = error.text
        except _BROKEN as error:
            self.problem = f"the files of {self._connection.name} could not be read to their end: {error}"

    def _bring(self, files: SFTPClient, *, last: bool) -> None:
        ends = time.monotonic() + _LAST_SECONDS
        count = 0
        for pair in self._pairs:
            for found in _below(files, pair.there, pair.here, _DEEPEST):
                count += 1
                if count > _MOST_FILES or time.monotonic() > ends:
                    raise MachineError("more files than are fetched", where=self._connection.name)
                self._take(files, found, last=last)

    def _take(self, files: SFTPClient, found: _Found, *, last: bool) -> None:
        changed = self._known.get(found.here) != found.state
        small = found.size <= _WHOLE_BYTES
        if not changed and not (last and small):
            return
        with suppress(FileNotFoundError):  # it was there a moment ago
            whole = small or (last and found.here.suffix not in _LOGS)
            self._fetched += _fetch(files, found, whole=whole)
            if self._fetched > _MOST_BYTES:
                raise MachineError("more than is fetched", where=self._connection.name)
            self._known[found.here] = found.state


def _below(files: SFTPClient, there: str, here: Path, deep: int) -> Iterator[_Found]:
    """The plain files of a folder on the host; links, and names that lead elsewhere, are passed over."""
    for entry in _listed(files, there):
        name, mode = entry.filename, entry.st_mode or 0
        if name in ("", ".", "..") or "/" in name or "\0" in name:
            continue
        if stat.S_ISDIR(mode) and deep:
            yield from _below(files, f"{there}/{name}", here / name, deep - 1)
        elif stat.S_ISREG(mode) and entry.st_mtime != OLD_TIME:  # that was sent
            size, changed = entry.st_size or 0, entry.st_mtime or 0
            yield _Found(here=here / name, there=f"{there}/{name}", size=size, changed=changed)


def _listed(files: SFTPClient, folder: str) -> list[SFTPAttributes]:
    try:
        return files.listdir_attr(folder)
    except FileNotFoundError:
        return []


def _fetch(files: SFTPClient, found: _Found, *, whole: bool) -> int:
    """Fetch what is new, or all of it; returns how many bytes."""
    found.here.parent.mkdir(parents=True, exist_ok=True)
    have = 0 if whole or not found.here.is_file() else found.here.stat().st_size
    if have >= _LARGEST_BYTES:
        return 0
    if have > found.size:
        have = 0  # it was begun anew
    temporary = found.here.with_name(f".{secrets.token_hex(6)}.tmp") if not have else found.here
    try:
        with files.open(found.there, "rb") as source, temporary.open("ab") as target:
            source.seek(have)
            while (piece := source.read(_PIECE)) and target.tell() < _LARGEST_BYTES:
                target.write(piece)
            fetched = target.tell() - have
        if temporary != found.here:
            os.replace(temporary, found.here)  # noqa: PTH105 - the other half of `open` above
        return fetched
    finally:
        if temporary != found.here:
            temporary.unlink(missing_ok=True)
