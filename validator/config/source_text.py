"""Reads a configuration file as text and says, for each way in which that can fail, what to do."""

from __future__ import annotations

import codecs
import re
import stat
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from validator.config.errors import ConfigError, Position, Problem
from validator.config.spelling import closest

LARGEST: Final = 1024 * 1024
"""Bytes. The largest configuration known is a hundredth of it; what is larger is some other file."""

_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_CONTROL: Final = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML 1.1 calls non-printable (section 5.1), and a byte order mark anywhere but at the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """The text of a file, without its byte order mark."""

    file: str
    """As the user wrote its path."""
    text: str
    line_starts: tuple[int, ...]

    @classmethod
    def of(cls, file: str, text: str) -> SourceText:
        """A text with its lines found."""
        return cls(file=file, text=text, line_starts=(0, *(end.end() for end in re.finditer("\n", text))))

    def position(self, index: int) -> Position:
        """The place of the character at `index`."""
        line = bisect_right(self.line_starts, index)
        return Position(file=self.file, line=line, column=index - self.line_starts[line - 1] + 1)


def read_source(path: Path) -> SourceText:
    """Read a file of UTF-8 text of at most 1 MiB.

    Raises:
        ConfigError: it does not exist, is no regular file, cannot be read, is too large, or is not such a text.
    """
    return decode_source(str(path), _read(path))


def decode_source(file: str, content: bytes) -> SourceText:
    """Take the bytes of a file as UTF-8 text.

    Raises:
        ConfigError: they are too many, not UTF-8, or hold control characters.
    """
    if len(content) > LARGEST:
        raise _whole(file, "is larger than 1 MiB", "a configuration is a short text; is this the right file?")
    if content.startswith(_UTF_16):
        raise _whole(file, "is UTF-16, not UTF-8", "save it as UTF-8")
    body = content.removeprefix(codecs.BOM_UTF8)
    try:
        source = SourceText.of(file, body.decode("utf-8"))
    except UnicodeDecodeError as error:
        before = SourceText.of(file, body[: error.start].decode("utf-8"))
        message = f"byte 0x{body[error.start]:02x} is not UTF-8"
        raise _at(before.position(len(before.text)), message, "save the file as UTF-8") from None
    if control := _CONTROL.search(source.text):
        message = f"the character U+{ord(control[0]):04X} cannot stand in YAML"
        raise _at(source.position(control.start()), message, "remove it")
    return source


def _read(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            what = "is a directory, not a file" if path.is_dir() else "is not a regular file"
            raise _whole(str(path), what, "name a YAML file, such as configs/production.yaml")
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except FileNotFoundError:
        raise _whole(str(path), "does not exist", _others(path)) from None
    except PermissionError:
        raise _whole(str(path), "may not be read by this user", "check the owner and the mode of the file") from None
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL character
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _whole(str(path), f"cannot be read: {reason}", "check the path") from None


def _others(path: Path) -> str:
    """What to do about a file that does not exist: its folder may hold one of a similar name."""
    try:
        names = sorted(other.name for other in path.parent.iterdir() if other.suffix in {".yaml", ".yml"})
    except OSError:
        return f"create it; the folder {path.parent} does not exist either"
    if close := closest(path.name, names):
        return f"did you mean {path.parent / close}?"
    return f"{path.parent} holds: {', '.join(names[:20])}" if names else f"create it; {path.parent} holds no YAML file"


def _whole(file: str, message: str, remedy: str) -> ConfigError:
    return _at(Position(file=file), message, remedy)


def _at(position: Position, message: str, remedy: str) -> ConfigError:
    return ConfigError([Problem.at(position, message, remedy=remedy)])
