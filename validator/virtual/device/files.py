"""The part of the device's file system that adb's users touch, kept in memory."""

from __future__ import annotations

import errno
import posixpath
import stat
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from validator.virtual.device.storage import Storage

_ALIASES = {
    "/sdcard": "/storage/emulated/0",
    "/mnt/sdcard": "/storage/emulated/0",
    "/storage/self/primary": "/storage/emulated/0",
}
_WRITABLE = ("/data/local/tmp", "/storage/emulated/0")
_DIRECTORIES = (
    "/",
    "/data",
    "/data/app",
    "/data/local",
    "/data/local/tmp",
    "/dev",
    "/proc",
    "/proc/sys",
    "/proc/sys/kernel",
    "/proc/sys/kernel/random",
    "/storage",
    "/storage/emulated",
    "/storage/emulated/0",
    *(f"/storage/emulated/0/{name}" for name in ("Android", "DCIM", "Documents", "Download", "Movies", "Pictures")),
    "/system",
    "/system/bin",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStat:
    """What `stat` says: `mode` with the file type bits, `size` in bytes, `modified` in seconds since 1970."""

    mode: int
    size: int
    modified: int

    @property
    def directory(self) -> bool:
        """Whether it is a directory."""
        return stat.S_ISDIR(self.mode)


@dataclass(slots=True, kw_only=True)
class _File:
    data: bytearray
    mode: int
    modified: int


class FileSystem:
    """Files by absolute path. The shell user may write to `/data/local/tmp` and the shared storage, as on a device.

    `live` names read-only files whose content is made when they are read (`/proc/uptime`, installed APKs).
    Every method raises OSError with the errno and path that Android's tools would report.
    """

    def __init__(self, storage: Storage, live: Mapping[str, Callable[[], bytes]]) -> None:
        self._storage = storage
        self._live = live
        self._files: dict[str, _File] = {}
        self._directories = dict.fromkeys(_DIRECTORIES, int(time.time()))

    def stat(self, path: str) -> FileStat:
        """Facts about a file or directory."""
        where = resolved(path)
        if (file := self._files.get(where)) is not None:
            return FileStat(mode=stat.S_IFREG | file.mode, size=len(file.data), modified=file.modified)
        if where in self._directories:
            return FileStat(mode=stat.S_IFDIR | 0o771, size=4096, modified=self._directories[where])
        if where in self._live:
            return FileStat(mode=stat.S_IFREG | 0o444, size=len(self._live[where]()), modified=int(time.time()))
        raise _error(errno.ENOENT, path)

    def exists(self, path: str) -> bool:
        """Whether there is anything at the path."""
        where = resolved(path)
        return where in self._files or where in self._directories or where in self._live

    def is_directory(self, path: str) -> bool:
        """Whether the path is a directory."""
        return resolved(path) in self._directories

    def read(self, path: str) -> bytes:
        """The content of a file."""
        where = resolved(path)
        if (file := self._files.get(where)) is not None:
            return bytes(file.data)
        if where in self._live:
            return self._live[where]()
        raise _error(errno.EISDIR if where in self._directories else errno.ENOENT, path)

    def write(self, path: str, data: bytes, *, mode: int = 0o660, modified: int | None = None) -> None:
        """Create or replace a file."""
        where = self._writable(path)
        old = self._files.get(where)
        self._storage.take(len(data) - (len(old.data) if old else 0))
        when = int(time.time()) if modified is None else modified
        self._files[where] = _File(data=bytearray(data), mode=mode & 0o7777, modified=when)

    def append(self, path: str, data: bytes) -> None:
        """Add to a file, which is created when absent."""
        where = self._writable(path)
        file = self._files.setdefault(where, _File(data=bytearray(), mode=0o660, modified=0))
        self._storage.take(len(data))
        file.data += data
        file.modified = int(time.time())

    def make_directory(self, path: str, *, parents: bool) -> None:
        """Create a directory; with `parents` also those above it, and without complaint when it exists."""
        where = resolved(path)
        if self.exists(where):
            if parents and where in self._directories:
                return
            raise _error(errno.EEXIST, path)
        above = posixpath.dirname(where)
        if above not in self._directories:
            if not parents:
                raise _error(errno.ENOENT, path)
            self.make_directory(above, parents=True)
        self._writable(path)
        self._directories[where] = int(time.time())

    def remove(self, path: str, *, recursive: bool = False) -> None:
        """Delete a file, or with `recursive` a directory and what is in it."""
        where = resolved(path)
        if not self.exists(where):
            raise _error(errno.ENOENT, path)
        if where in self._directories and not recursive:
            raise _error(errno.EISDIR, path)
        if where in _DIRECTORIES or not where.startswith(tuple(f"{root}/" for root in _WRITABLE)):
            raise _error(errno.EACCES, path)
        for name in [name for name in self._files if name == where or name.startswith(f"{where}/")]:
            self._storage.give_back(len(self._files.pop(name).data))
        for name in [name for name in self._directories if name == where or name.startswith(f"{where}/")]:
            del self._directories[name]

    def listing(self, path: str) -> list[str]:
        """The names in a directory, sorted."""
        where = resolved(path)
        if where not in self._directories:
            raise _error(errno.ENOTDIR if self.exists(where) else errno.ENOENT, path)
        inside = where.rstrip("/") + "/"
        everything = (*self._files, *self._directories, *self._live)
        return sorted({name[len(inside) :].partition("/")[0] for name in everything if name.startswith(inside)} - {""})

    @property
    def free(self) -> int:
        """Bytes that can still be written."""
        return self._storage.free

    def check_writable(self, path: str) -> None:
        """Raise the OSError that writing the file would raise."""
        self._writable(path)

    def _writable(self, path: str) -> str:
        where = resolved(path)
        if where in self._directories:
            raise _error(errno.EISDIR, path)
        if not where.startswith(tuple(f"{root}/" for root in _WRITABLE)):
            raise _error(errno.EROFS if posixpath.dirname(where) == "/" else errno.EACCES, path)
        if posixpath.dirname(where) not in self._directories:
            raise _error(errno.ENOENT, path)
        return where


def resolved(path: str) -> str:
    """The path without `.`, `..`, doubled slashes and the aliases of the shared storage."""
    clean = posixpath.normpath("/" + path.lstrip("/"))
    for alias, target in _ALIASES.items():
        if clean == alias or clean.startswith(f"{alias}/"):
            return target + clean[len(alias) :]
    return clean


def _error(number: int, path: str) -> OSError:
    text = {
        errno.ENOENT: "No such file or directory",
        errno.EISDIR: "Is a directory",
        errno.ENOTDIR: "Not a directory",
        errno.EACCES: "Permission denied",
        errno.EROFS: "Read-only file system",
        errno.EEXIST: "File exists",
    }[number]
    return OSError(number, text, path)
