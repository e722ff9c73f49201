"""A stored run, told again: for `validator show RUN`, as text or as the content of `run.json`."""

from __future__ import annotations

from collections.abc import Iterable

from validator.model.events import Record
from validator.reports.console import run_text
from validator.reports.run_json import render_run
from validator.reports.state import fold


def show_text(records: Iterable[Record], *, width: int = 100, color: bool = False, folder: str = "") -> str:
    """The run as the console told it: its facts, the table of flows, the decision and what to do next.

    Args:
        records: The run's records in order.
        width: Columns; 80 or more.
        color: Write colours as terminal sequences.
        folder: Where the reports lie; empty when they are gone.
    """
    return run_text(records, width=width, color=color, folder=folder)


def show_json(records: Iterable[Record]) -> bytes:
    """The content of `run.json`."""
    return render_run(fold(records))
