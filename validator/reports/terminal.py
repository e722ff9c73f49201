"""The console that this program writes to: its reader may leave, and the run goes on all the same."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import IO

from rich.console import Console


class PatientConsole(Console):
    """A console that falls silent when its reader is gone (`validator run | head`), instead of ending the process."""

    def on_broken_pipe(self) -> None:
        """Say no more; what Python flushes at its end goes nowhere, so that it cannot change the exit code."""
        self.quiet = True
        with suppress(OSError, ValueError, AttributeError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.file.fileno())
            os.close(nowhere)


def terminal(file: IO[str] | None = None) -> Console:
    """The console for standard output, or for another stream."""
    return PatientConsole(file=file)
