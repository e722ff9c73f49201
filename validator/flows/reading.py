"""What a runner's reports say, taken together, and how their files are read: bounded, typed, never trusted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from validator.model.attempt import Step
from validator.support.codec import UndecodableError, decode
from validator.support.text import one_line

MAX_STEPS: Final = 5_000
"""Of a flow that loops for ever only the last steps are kept."""
MAX_TEXT: Final = 1_000
"""Characters of one foreign text that go into our own records."""
_MAX_BYTES: Final = 8 * 1024 * 1024
"""A command takes about 600 bytes."""
_LONGEST_MS: Final = 7 * 24 * 3_600_000.0

NOT_MEASURABLE: Final = "the flow cannot be measured: "
"""How a problem begins that its owners have to solve in the flow's own files; a rule knows it by this."""
_NOTHING_EXECUTED: Final = (
    NOT_MEASURABLE + "nothing of the flow was executed, so nothing was seen to work; every command stands under a "
    "condition that was not met: put at least one check outside of conditions"
)

T = TypeVar("T")


class ReportError(Exception):
    """The reports are missing, broken, or contradict one another; the text says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The reports of one flow."""

    passed: bool = False
    """They say, completely and consistently, that the flow passed."""
    complete: bool = False
    """They were written to the end."""
    steps: tuple[Step, ...] = ()
    message: str = ""
    """Why the flow did not pass."""
    problem: str = ""
    """Why the reports cannot be read or believed."""


def decode_file(kind: type[T], file: Path) -> T:
    """Read a JSON file of this shape; fields that the shape does not know are ignored.

    Raises:
        ReportError: It cannot be read, or is not what it should be.
    """
    try:
        return decode(kind, read_file(file))
    except UndecodableError as error:
        raise ReportError(f"{file.name} is not what it should be: {one_line(str(error), 200)}") from error


def nothing_executed(commands: int) -> str:
    """The problem of a flow that is said to have passed and did nothing, by how many commands its report has."""
    return _NOTHING_EXECUTED if commands else "a flow is said to have passed, and its report has no command"


def read_file(file: Path) -> bytes:
    """The bytes of a report.

    Raises:
        ReportError: It is absent, unreadable or larger than 8 MiB.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise ReportError(f"{file.name} was not written") from None
    except OSError as error:
        raise ReportError(f"{file.name} cannot be read: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise ReportError(f"{file.name} is larger than {_MAX_BYTES // (1024 * 1024)} MiB")
    return data


def seconds(milliseconds: float | None) -> float:
    """A duration of a report; 0 where it is none that could be."""
    return milliseconds / 1000 if milliseconds is not None and 0 <= milliseconds < _LONGEST_MS else 0.0
