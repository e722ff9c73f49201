"""`validator`: finds the command, and turns whatever happens into an exit code."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import threading

import click

COMMANDS = {
    "alerts": "Try out who is told, and send what could not be delivered.",
    "apk": "What an APK says of itself: package, signers, network, and which texts are in it.",
    "demo": "The whole loop on the built-in virtual device and sample production.",
    "doctor": "Is everything a run needs here? Each problem with its remedy.",
    "explain": "Why did it come to that? What was seen, which rule spoke, and what would have changed it.",
    "feedback": "Say whether the gate was right to be closed: a false or a true alarm of RUN.",
    "flows": "Look at the team's flow files: which are run, and what is wrong with them.",
    "gate": "Ask the gate, answer it, sign and check its decisions, derive them again.",
    "history": "Keep the record of runs: an append-only chain of events in SQLite or PostgreSQL.",
    "parity": "Compare two environments: outputs, endpoints, build, flows and gates.",
    "plan": "What a run would do and cost: flows, minutes, requests, new accounts. Runs nothing.",
    "run": "Validate what is live now, and decide whether the frontend may be deployed.",
    "runs": "List past runs, newest first.",
    "show": "Show a run again, from its record. RUN is its id, or `latest`.",
    "traffic": "Which requests to production were a run's own, how to filter them, and whether all were marked.",
    "virtual": "Boot virtual Android devices and leave them attached to adb.",
}
"""Command -> what it does. Modules are imported only when their command is called, so that `--help` is quick."""


class Commands(click.Group):
    """The commands, each in a module of its own with the command's name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which help shows them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command behind a name, or None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"validator.cli.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"validator.cli.{cmd_name}.command is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for a misspelt one name the nearest."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else f" There are: {', '.join(COMMANDS)}."
            raise click.UsageError(f"there is no command '{args[0]}'.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 gate open; 1 blocked; 2 usage; 3 undecided; 4 flows missing; 5 alert not delivered; "
    "70 bug; 130/143 interrupted. The gate is closed for everything but 0.",
)
@click.version_option(package_name="validator", message="%(prog)s %(version)s")
def cli() -> None:
    """Does the app that users have still work against what is live now?

    Runs your Maestro flows with the production APK against production, after the infrastructure was deployed and
    before the frontend is, and decides whether the frontend may follow.
    """


_ANSWERING = "validator.cli.gate_check"
"""The module of a command that pipelines wait for, and that leaves nothing open: no child, no file, no connection."""
_RARELY = 50_000
"""Containers that are made between two searches for cycles. Of so many modules the usual 700 finds none, at 3 ms."""


def main() -> None:
    """The program's entry point."""
    gc.set_threshold(_RARELY)
    from validator.cli.errors import guarded

    code = guarded(cli)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # nobody can read the end of it any more, and Python must not change the code for that
        os._exit(code)
    if _ANSWERING in sys.modules and threading.active_count() == 1:
        os._exit(code)  # to take the interpreter apart takes a tenth of the time in which the gate answers
    sys.exit(code)
