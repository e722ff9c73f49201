"""What a running shell carries: its files, its variables, and the ways in which a script stops early."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from validator.virtual.shell.pipes import Sink, Source


@dataclass(slots=True, kw_only=True)
class Files:
    """The three open files of a command."""

    stdin: Source
    stdout: Sink
    stderr: Sink


@dataclass(slots=True, kw_only=True)
class Variables:
    """What a shell remembers between commands."""

    values: dict[str, str] = field(default_factory=dict)
    status: int = 0
    directory: str = "/"


class ExitRequested(Exception):  # noqa: N818 - not an error: the script said `exit`
    """`exit N` was run."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class LoopLeft(Exception):  # noqa: N818 - not an error: the script said `break` or `continue`
    """`break` or, with `again`, `continue` was run."""

    def __init__(self, *, again: bool) -> None:
        super().__init__(again)
        self.again = again


class Shell(Protocol):
    """What builtins may do with the shell that runs them."""

    variables: Variables

    async def run_words(self, words: list[str], files: Files) -> int:
        """Run a command given by its expanded words."""
        ...

    async def run_text(self, text: str, files: Files) -> int:
        """Run a script given as text."""
        ...

    def is_command(self, name: str) -> bool:
        """Whether the device has such a command."""
        ...

    def is_directory(self, path: str) -> bool:
        """Whether the path is a directory on the device."""
        ...
