"""Groups of commands, each subcommand in a module of its own that is imported only when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import click


class Subcommands(click.Group):
    """The subcommands of a command `NAME`, each in a module `NAME_SUBCOMMAND` with dashes as underscores."""

    def __init__(self, name: str, about: str, subcommands: Mapping[str, str]) -> None:
        """Make the group.

        Args:
            name: The command.
            about: What it does, one sentence.
            subcommands: Subcommand -> what it does, in the order in which help shows them.
        """
        super().__init__(name, help=about, epilog="Exit codes: validator --help")
        self._known = subcommands

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which help shows them."""
        return list(self._known)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand behind a name, or None when there is none."""
        if cmd_name not in self._known:
            return None
        module = f"validator.cli.{self.name}_{cmd_name.replace('-', '_')}"
        found = importlib.import_module(module).command
        if not isinstance(found, click.Command):
            raise TypeError(f"{module}.command is no command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of subcommands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._known.items()))
