"""What the official Maestro CLI prints when it ends with an exception instead of a report.

The exception's message, then for all but a few kinds `The stack trace was:` and the trace (`maestro-cli`, `App.kt`),
which is often longer than the last lines that are kept of a program's output: the message is looked for from above.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from validator.flows.reading import MAX_TEXT, ReportError, read_file
from validator.support.text import one_line

_TRACE: Final = "The stack trace was:"


def session_error(console: Path) -> str:
    """The message above the stack trace, with the exception's name from below it; empty when there is no trace."""
    try:
        lines = read_file(console).decode("utf-8", "replace").splitlines()
    except ReportError:
        return ""
    words = [line.strip() for line in lines if line.strip()]
    at = next((number for number, line in enumerate(words) if line.startswith(_TRACE)), None)
    if at is None:
        return ""
    said = words[at - 1] if at else ""
    thrown = words[at].removeprefix(_TRACE).strip() or next(iter(words[at + 1 :]), "")
    return one_line(thrown if said in thrown else f"{said} ({thrown})", MAX_TEXT)
