"""A past run's record: from its folder on this machine, or else from the store that a team shares."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from validator.model.events import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A run that was recorded."""

    run: str
    records: Sequence[Record]
    folder: str
    """Where its files lie, as a person would type it; empty when they are not on this machine."""


def recorded_run(run: str, reports: str, address: str | None, tenant: str | None) -> Recorded:
    """Find a run by its id, or `latest`.

    Args:
        run: The id, or `latest`: the newest in the folder, or else in the store.
        reports: The folder that runs write to.
        address: The store; None for the usual one.
        tenant: Whose records; None for the usual one.

    Raises:
        UsageError: It is in neither place.
        JournalError: Its record is there, and broken.
    """
    from validator.history.journal import FILE_NAME, read_journal
    from validator.model.errors import UsageError
    from validator.reports.folder import find_run_folder

    try:
        folder = find_run_folder(Path(reports).resolve(), run)
    except UsageError as missing:
        found = _stored(run, address, tenant)
        if found is None:
            raise missing from None
        return found
    return Recorded(run=folder.name, records=list(read_journal(folder / FILE_NAME)), folder=os.path.relpath(folder))


def _stored(run: str, address: str | None, tenant: str | None) -> Recorded | None:
    from validator.cli.history_open import is_there, opened_history
    from validator.reports.folder import LATEST

    if not is_there(address):
        return None
    with opened_history(address, tenant) as history:
        newest = history.runs.page(limit=1).runs if run == LATEST else ()
        name = newest[0].id if newest else run
        records = history.log.records(name)
    return Recorded(run=name, records=records, folder="") if records else None
