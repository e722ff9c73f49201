"""`validator gate`: the commands about decisions."""

from __future__ import annotations

from validator.cli.subcommands import Subcommands

SUBCOMMANDS = {
    "check": "Is the gate open for what is about to be deployed? Anything but a clear yes is closed.",
    "decide": "Record what a person decides about RUN: override the gate, roll back, or fix forward.",
    "keygen": "Make a pair of keys for signing decisions: FILE, which nobody may see, and FILE.pub.",
    "lint": "Find every mistake in gate files: wrong keys, expired quarantines, rules that do nothing.",
    "replay": "Derive causes and decision again from a run's record, and show what differs.",
    "verify": "Check a signed decision without asking anybody: signature, subject, validity, policy.",
}
"""Subcommand -> what it does."""

command = Subcommands("gate", "Ask the gate, answer it, sign and check its decisions, derive them again.", SUBCOMMANDS)
