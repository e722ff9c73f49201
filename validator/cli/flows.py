"""`validator flows`: the commands about the team's flow files. Nothing is run, nothing is modified."""

from __future__ import annotations

from validator.cli.subcommands import Subcommands

SUBCOMMANDS = {
    "lint": "Find every mistake in the flows before a device is touched, each with its place and what to do.",
    "list": "Every file that could be a flow: run, in which order, or passed over, and why.",
}
"""Subcommand -> what it does."""

command = Subcommands(
    "flows", "Look at the team's flow files: which are run, and what is wrong with them.", SUBCOMMANDS
)
