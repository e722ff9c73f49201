"""`validator history`: the commands that keep the record itself."""

from __future__ import annotations

from validator.cli.subcommands import Subcommands

SUBCOMMANDS = {
    "migrate": "Bring the store to the shape that this program needs.",
    "verify": "Is every event what was once stored? Names the first that is not.",
    "rebuild": "Make all tables again from the events.",
    "export": "Write the chain of events to a file.",
    "import": "Store the events of an export, or of a run's events.jsonl.",
    "prune": "Remove old runs, after exporting the whole chain.",
    "stats": "How much is stored.",
}
"""Subcommand -> what it does."""

command = Subcommands(
    "history", "Keep the record of runs: an append-only chain of events in SQLite or PostgreSQL.", SUBCOMMANDS
)
