"""`validator alerts`: the commands about who is told."""

from __future__ import annotations

from validator.cli.subcommands import Subcommands

SUBCOMMANDS = {
    "deliver": "Send the alerts that could not be delivered when they were due.",
    "test": "Send a sample, marked as a test, to every target, and say of each whether it arrived.",
}
"""Subcommand -> what it does."""

command = Subcommands("alerts", "Try out who is told, and send what could not be delivered.", SUBCOMMANDS)
