"""What a child prints, held within bounds: a file of its first bytes, its lines one by one, and the last of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from io import RawIOBase
from pathlib import Path

from validator.support.lines import LineSplitter

TAIL_LINES = 40


class Output:
    """Takes bytes as they come. Never holds more than one line and the tail in memory, whatever the child does."""

    def __init__(self, file: Path | None, max_bytes: int, on_line: Callable[[str], None] | None = None) -> None:
        self._file: RawIOBase | None = file.open("wb", buffering=0) if file is not None else None
        self._room = max_bytes
        self._left_out = 0
        self._on_line = on_line
        self._splitter = LineSplitter()
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self.problem = ""
        """Why the file does not hold everything; empty while it does."""

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines, the oldest first."""
        return tuple(self._tail)

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._write(data[: self._room])
        self._left_out += max(0, len(data) - self._room)
        self._room = max(0, self._room - len(data))
        self._take(self._splitter.feed(data))

    def close(self) -> None:
        """Take the unfinished last line as a line, and close the file with a note of what it does not hold."""
        self._take(self._splitter.finish())
        if self._left_out and not self.problem:
            note = f"{self._left_out} more bytes were printed"
            self._write("\n".join(["", f"[{note}; the last lines:]", *self._tail, ""]).encode())
            self.problem = note
        if self._file is not None:
            self._file.close()

    def _take(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._tail.append(line)
            if self._on_line is not None:
                self._on_line(line)

    def _write(self, data: bytes) -> None:
        if self._file is None or self.problem:
            return
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError as error:  # a full disk must not end the child, whose result may still be had
            self.problem = f"the output could not be written: {error.strerror}"
