"""What programs on a host read: sent once per content, kept there, and checked before it is used again.

Files that only their owner may read are private: they are sent each time and never kept.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from validator.support.files import sha256_file
from validator.support.machine import MachineError
from validator.support.ssh import Answer, SshConnection
from validator.support.ssh_errors import DISK_FULL, disk_full
from validator.support.ssh_scripts import PLACE, RECEIVE

_PLACE_SECONDS = 120.0
_SEND_SECONDS = 600.0
"""Deadlines; an APK of 200 MB takes three minutes at 10 Mbit/s."""
_ABSENT = 44
_OTHERS = 0o077


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Where to."""

    connection: SshConnection
    state: str
    """Folder for what is kept from run to run."""
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    path: Path
    name: str
    """Relative to what is sent."""


def send(host: Host, source: Path, target: str) -> None:
    """See that a file or folder is on the host.

    Args:
        host: Where to.
        source: The file or folder here. Links are followed.
        target: The folder there that its content goes to; of a file, the folder that it goes to.

    Raises:
        MachineError: It cannot be brought there.
        OSError: It cannot be read here.
    """
    kept = list[_Entry]()
    private = list[_Entry]()
    for entry in _entries(source):
        shared = entry.path.is_dir() or entry.path.stat().st_mode & _OTHERS
        (kept if shared else private).append(entry)
    sums = "".join(_sum(entry) for entry in kept if entry.path.is_file())
    folders = "".join(f"{entry.name}\0" for entry in kept if entry.path.is_dir())
    modes = "".join("x" if os.access(entry.path, os.X_OK) else "-" for entry in kept)
    digest = hashlib.sha256(f"{sums}\0{folders}\0{modes}".encode("utf-8", "surrogateescape")).hexdigest()
    rest = _tar(private)
    answer = _place(host, digest, target, rest)
    if answer.code == _ABSENT:
        _receive(host, digest, kept, sums)
        answer = _place(host, digest, target, rest)
    _check(host, answer)


def _place(host: Host, digest: str, target: str, rest: bytes) -> Answer:
    return host.connection.ask(PLACE, host.state, digest, target, seconds=_PLACE_SECONDS, data=rest)


def _receive(host: Host, digest: str, entries: list[_Entry], sums: str) -> None:
    with tempfile.TemporaryFile() as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1, dereference=True) as archive:
            top = tarfile.TarInfo("files")
            top.type, top.mode = tarfile.DIRTYPE, 0o700
            archive.addfile(top)
            for entry in entries:
                archive.add(entry.path, f"files/{entry.name}", recursive=False, filter=_unlinked)
            about = tarfile.TarInfo("sums")
            about.size, about.mode = len(data := sums.encode("utf-8", "surrogateescape")), 0o600
            archive.addfile(about, io.BytesIO(data))
        file.seek(0)
        answer = host.connection.ask(RECEIVE, host.state, digest, host.session, seconds=_SEND_SECONDS, data=file)
    _check(host, answer)


def _check(host: Host, answer: Answer) -> None:
    if answer.code == 0:
        return
    said = " ".join(answer.complaint.split())[-300:] or f"status {answer.code}"
    if any(word in answer.complaint for word in DISK_FULL):
        raise disk_full(host.connection.name, said, host.state)
    raise MachineError(
        f"files cannot be brought to the host: {said}",
        where=host.connection.name,
        remedy=f"see that {host.state} there can be written",
    )


def _tar(entries: list[_Entry]) -> bytes:
    with io.BytesIO() as file:
        with tarfile.open(fileobj=file, mode="w", dereference=True) as archive:
            for entry in entries:
                archive.add(entry.path, entry.name, recursive=False, filter=_unlinked)
        return file.getvalue()


def _unlinked(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Every file by itself, owned by nobody in particular: two names of one file would make the second a link."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info if info.isfile() or info.isdir() else None


def _entries(source: Path) -> Iterator[_Entry]:
    if source.is_file():
        yield _Entry(path=source, name=source.name)
        return
    yield from _below(source, "", frozenset({source.resolve()}))


def _below(folder: Path, prefix: str, above: frozenset[Path]) -> Iterator[_Entry]:
    for path in sorted(folder.iterdir()):
        name = f"{prefix}{path.name}"
        if path.is_dir():
            real = path.resolve()
            if real not in above:  # else a link to a folder that it lies in
                yield _Entry(path=path, name=name)
                yield from _below(path, f"{name}/", above | {real})
        elif path.is_file():
            yield _Entry(path=path, name=name)


def _sum(entry: _Entry) -> str:
    """A line as sha256sum writes it (GNU coreutils: a name with a backslash or line end is marked by a backslash)."""
    name = entry.name.replace("\\", "\\\\").replace("\n", "\\n")
    return f"{chr(92) if name != entry.name else ''}{sha256_file(entry.path)}  {name}\n"
