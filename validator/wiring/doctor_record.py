"""The record of all runs: whether it can be reached. It is looked at and never made or changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from validator.history.address import Address, Kind, parse_address
from validator.history.database import Database
from validator.history.revision import NEWEST, REVISIONS
from validator.history.schema import revision_of
from validator.model.errors import ValidatorError
from validator.wiring.doctor_check import Check, unwell, well

_BUSY_SECONDS: Final = 5.0
_MIGRATE: Final = "run `validator history migrate`"


def record(text: str, folder: Path) -> Check:
    """The store behind an address; relative paths are taken from `folder`."""
    try:
        address = parse_address(text, folder)
        return _look(address)
    except ValidatorError as error:
        return unwell("history", error.text, error.remedy)


def _look(address: Address) -> Check:
    match address.kind:
        case Kind.MEMORY:
            return well("history", "kept in memory: nothing is left of a run but its reports")
        case Kind.SQLITE if address.file is not None and not address.file.exists():
            return _place(address.file)
        case Kind.SQLITE | Kind.POSTGRESQL:
            return _revision(address)


def _place(file: Path) -> Check:
    place = next(path for path in file.parents if path.exists())
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        return well("history", f"{file} is made by the first run")
    return unwell("history", f"{place} cannot be written", "mend its permissions, or set `history` to another file")


def _revision(address: Address) -> Check:
    database = Database(address, busy=_BUSY_SECONDS)
    try:
        with database.looking() as connection:
            revision = revision_of(connection)
    finally:
        database.close()
    if revision == NEWEST:
        return well("history", f"{address.shown}, revision {revision}")
    if revision and revision not in REVISIONS:
        found = f"{address.shown} is of revision {revision}, made by a newer program"
        return unwell("history", found, "install that program here, too")
    words = f"{address.shown} is of revision {revision}" if revision else f"{address.shown} is empty"
    if address.kind is Kind.SQLITE:
        return well("history", f"{words}; the next run brings it to {NEWEST}, after a backup")
    return unwell("history", words, _MIGRATE)
