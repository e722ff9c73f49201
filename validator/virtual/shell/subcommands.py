"""`am start`, `pm list`, `cmd package …`: one of a service's subcommands, with Android's words for what goes wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from validator.virtual.shell.command import Invocation
from validator.virtual.shell.options import UsageProblemError

Subcommand = Callable[[Invocation, tuple[str, ...]], Awaitable[int]]

THROWN = 255
"""What a Java command returns when an exception leaves it."""


async def run_subcommand(call: Invocation, args: Sequence[str], known: Mapping[str, Subcommand]) -> int:
    """Run the subcommand that the first word names; without a word, help."""
    name, *rest = args or ("help",)
    subcommand = known.get(name)
    if subcommand is None:
        return await call.fail(f"Unknown command: {name}", THROWN)
    try:
        return await subcommand(call, tuple(rest))
    except UsageProblemError as problem:
        shown = f"java.lang.IllegalArgumentException: {problem}"
        return await call.fail(f"\nException occurred while executing '{name}':\n{shown}", THROWN)
