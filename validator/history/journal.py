"""`events.jsonl`: every event of a run, one line each, on disk before anyone else hears of it.

A process killed in mid-write leaves at most one torn last line, which readers leave out; anything else that is broken
is an error that names its line.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from validator.model.errors import PermanentError
from validator.model.events import Record
from validator.support.codec import UndecodableError, decode, encode

FILE_NAME = "events.jsonl"
_PIECE = 64 * 1024


class JournalError(PermanentError):
    """The record of a run cannot be written or read."""


class Journal:
    """Appends records to a file and makes each durable (fsync) before returning.

    Opened again after a crash, it first cuts off a torn last line, so that the next record does not continue it.
    """

    def __init__(self, file: Path) -> None:
        self._path = file
        try:
            _cut_torn_line(file)
            self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise _cannot_write(file, error) from error

    def handle(self, record: Record) -> None:
        """Append one record.

        Raises:
            JournalError: It could not be stored; the run must not go on, because nothing after this can be proved.
        """
        line = encode(record) + b"\n"
        try:
            written = os.write(self._descriptor, line)
            os.fsync(self._descriptor)
        except OSError as error:
            raise _cannot_write(self._path, error) from error
        if written != len(line):
            raise _cannot_write(self._path, OSError("the disk took only a part of the line"))

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_journal(file: Path) -> Iterator[Record]:
    """The records of a run in their order.

    Raises:
        JournalError: The file is missing, or a line other than a torn last one is not a record.
    """
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError as error:
        message = f"the events of this run cannot be read: {error.strerror}"
        raise JournalError(message, where=str(file), remedy="name a run that `reports/` holds") from error
    for number, line in enumerate(lines[:-1], start=1):
        yield _decode(line, file, number)


def _cut_torn_line(file: Path) -> None:
    """Shorten the file to its last line break; a device such as `/dev/full` has no length to shorten."""
    if not file.is_file():
        return
    with file.open("r+b") as journal:
        end = journal.seek(0, os.SEEK_END)
        while end > 0:
            begin = max(0, end - _PIECE)
            journal.seek(begin)
            found = journal.read(end - begin).rfind(b"\n")
            if found >= 0:
                journal.truncate(begin + found + 1)
                return
            end = begin
        journal.truncate(0)


def _decode(line: bytes, file: Path, number: int) -> Record:
    try:
        return decode(Record, line)
    except UndecodableError as error:
        raise JournalError(
            f"this line is not an event: {error}",
            where=f"{file}:{number}",
            remedy="the file was changed by hand or by a disk error; run the validation again",
        ) from error


def _cannot_write(file: Path, error: OSError) -> JournalError:
    return JournalError(
        f"the events of this run cannot be stored: {error.strerror or error}",
        where=str(file),
        remedy="free space or mend the permissions of this folder; the gate stays closed until a run is recorded",
    )
