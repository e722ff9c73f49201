"""What a command of the mini shell gets and gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from validator.virtual.device.device import Device
from validator.virtual.shell.pipes import Sink, Source


@dataclass(slots=True, kw_only=True)
class Invocation:
    """One call of one command: its words, its files, and the device it runs on."""

    device: Device
    name: str
    args: tuple[str, ...]
    stdin: Source
    stdout: Sink
    stderr: Sink
    environment: dict[str, str] = field(default_factory=dict)
    directory: str = "/"

    async def print(self, text: str = "") -> None:
        """One line (or several) on standard output."""
        await self.stdout.write(text.encode("utf-8", "surrogateescape") + b"\n")

    async def complain(self, text: str) -> None:
        """One line (or several) on standard error."""
        await self.stderr.write(text.encode("utf-8", "surrogateescape") + b"\n")

    async def fail(self, text: str, code: int = 1) -> int:
        """Complain and return the exit code."""
        await self.complain(text)
        return code

    def path(self, name: str) -> str:
        """The absolute path of a file named relative to the current directory."""
        return name if name.startswith("/") else f"{self.directory.rstrip('/')}/{name}"


Run = Callable[[Invocation], Awaitable[int]]
"""A command: does its work and returns the exit code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program on the device. One that talks to Android's services fails while the framework is still starting."""

    run: Run
    needs_framework: bool = False


Commands = Mapping[str, Command]
