"""Bytes that come in any pieces, cut into lines of bounded length."""

from __future__ import annotations

MAX_LINE = 65_536
"""Bytes of one line that are kept; what follows up to the line break is dropped."""


class LineSplitter:
    """Holds at most one line in memory, however long the sender makes it."""

    def __init__(self) -> None:
        self._line = bytearray()

    def feed(self, data: bytes) -> list[str]:
        """Take the next bytes; return the lines that are complete now, as UTF-8 with every wrong byte replaced."""
        *complete, rest = data.split(b"\n")
        lines = []
        for part in complete:
            self._extend(part)
            lines.append(self._take())
        self._extend(rest)
        return lines

    def finish(self) -> list[str]:
        """The unfinished last line, if there is one."""
        return [self._take()] if self._line else []

    def _extend(self, part: bytes) -> None:
        self._line += part[: MAX_LINE - len(self._line)]

    def _take(self) -> str:
        text = self._line.decode("utf-8", "replace").rstrip("\r")
        self._line.clear()
        return text


class LineBlocks:
    """The same for who looks at few of the lines: gives all complete lines in one piece, as they came."""

    def __init__(self) -> None:
        self._line = bytearray()

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes, at most `MAX_LINE`; return the lines that are complete now, each with its line break."""
        first, last = data.find(b"\n"), data.rfind(b"\n")
        if first < 0:
            self._extend(data)
            return b""
        self._extend(data[:first])
        block = bytes(self._line) + data[first : last + 1]
        self._line.clear()
        self._extend(data[last + 1 :])
        return block

    def _extend(self, part: bytes) -> None:
        self._line += part[: MAX_LINE - len(self._line)]
