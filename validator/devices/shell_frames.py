"""The shell protocol, version 2: a command's output, its errors and its exit status in one stream of bytes. Pure.

Each frame is `id (1 byte), length (4 bytes, little endian), data`; ids are 1 for the output, 2 for the errors and 3 for
the exit status (source: system/core, adb/shell_protocol.h).
"""

from __future__ import annotations

from dataclasses import dataclass

_HEADER = 5
_OUTPUT, _ERRORS, _EXIT = 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellResult:
    """A command that has run on the device."""

    exit_code: int
    data: bytes
    """What it wrote to its standard output."""
    errors: str

    @property
    def text(self) -> str:
        """Its standard output as text."""
        return self.data.decode("utf-8", "replace")

    @property
    def complaint(self) -> str:
        """What it said on one line, whichever stream it took: some of Android's tools complain on standard output."""
        return " ".join(f"{self.errors} {self.text}".split())[:300] or f"exit status {self.exit_code}"


class ShellFrames:
    """Puts a result together from the bytes of the stream, however they are cut; keeps at most `limit` of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._id = 0
        self._missing = 0
        """Bytes of the frame in hand that have not come yet."""
        self._header = bytearray()
        self._kept = {_OUTPUT: bytearray(), _ERRORS: bytearray(), _EXIT: bytearray()}

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        view = memoryview(data)
        while view:
            view = self._take_content(view) if self._missing else self._take_header(view)

    def result(self) -> ShellResult | None:
        """The result; None when the stream ended before the command did."""
        status = self._kept[_EXIT]
        if not status:
            return None
        errors = self._kept[_ERRORS].decode("utf-8", "replace")
        return ShellResult(exit_code=status[0], data=bytes(self._kept[_OUTPUT]), errors=errors)

    def _take_header(self, view: memoryview) -> memoryview:
        wanted = _HEADER - len(self._header)
        self._header += view[:wanted]
        if len(self._header) == _HEADER:
            self._id = self._header[0]
            self._missing = int.from_bytes(self._header[1:], "little")
            self._header.clear()
        return view[wanted:]

    def _take_content(self, view: memoryview) -> memoryview:
        content = view[: self._missing]
        kept = self._kept.get(self._id)
        if kept is not None:
            kept += content[: max(0, self._limit - len(kept))]
        self._missing -= len(content)
        return view[len(content) :]
