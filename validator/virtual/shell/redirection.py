"""Files of the device as inputs and outputs of commands."""

from __future__ import annotations

from validator.virtual.device.files import FileSystem
from validator.virtual.shell.pipes import Given, Nothing, Sink, Source

_NULL = "/dev/null"


class FileSink:
    """Appends to a file of the device."""

    def __init__(self, files: FileSystem, path: str) -> None:
        self._files = files
        self._path = path

    async def write(self, data: bytes) -> None:
        """Append the bytes.

        Raises:
            OSError: the device's storage is full, or the file has become a directory.
        """
        self._files.append(self._path, data)


def open_for_writing(files: FileSystem, path: str, *, append: bool) -> Sink:
    """`>path` or `>>path`.

    Raises:
        OSError: the file cannot be created there.
    """
    if path == _NULL:
        return Nothing()
    if append:
        files.append(path, b"")
    else:
        files.write(path, b"")
    return FileSink(files, path)


def open_for_reading(files: FileSystem, path: str) -> Source:
    """`<path`.

    Raises:
        OSError: there is no such file.
    """
    return Nothing() if path == _NULL else Given(files.read(path))
