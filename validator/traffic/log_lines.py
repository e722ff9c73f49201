"""The lines of an access log, plain or gzip, one at a time: a log of any size takes the memory of one line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Protocol

from validator.model.errors import UsageError
from validator.support.text import one_line

MAX_LINE: Final = 2 * 1024 * 1024
"""Bytes of one line that are kept. A longer one is broken; what follows up to its end is skipped."""

_GZIP: Final = b"\x1f\x8b"
"""RFC 1952 2.3.1."""
_BUFFER: Final = 1024 * 1024


def log_lines(path: Path) -> Iterator[bytes | None]:
    """The lines without their ends; None for one that is longer than `MAX_LINE`, and for a gzip file's broken rest.

    Raises:
        UsageError: The file cannot be read.
    """
    try:
        with ExitStack() as stack:
            yield from _lines(_opened(stack, path))
    except (EOFError, zlib.error, gzip.BadGzipFile):
        yield None
    except OSError as error:
        remedy = "name an access log that this user can read"
        raise UsageError(
            error.strerror or "it cannot be read", where=one_line(str(path), 300), remedy=remedy
        ) from error


class _Readable(Protocol):
    def readline(self, size: int, /) -> bytes: ...


def _opened(stack: ExitStack, path: Path) -> _Readable:
    raw = stack.enter_context(path.open("rb", buffering=_BUFFER))
    packed = raw.read(len(_GZIP)) == _GZIP
    raw.seek(0)
    return stack.enter_context(gzip.GzipFile(fileobj=raw)) if packed else raw


def _lines(file: _Readable) -> Iterator[bytes | None]:
    while line := file.readline(MAX_LINE + 1):
        if len(line) <= MAX_LINE or line.endswith(b"\n"):
            yield line.rstrip(b"\r\n")
            continue
        while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None
