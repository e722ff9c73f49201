"""What the commands that read the record share: which store, which tenant, which moment, and tables."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from validator.history.store import History

_F = TypeVar("_F", bound=Callable[..., object])
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def store_option(wrapped: _F) -> _F:
    """Add `--history` to a subcommand."""
    return click.option(
        "--history",
        "address",
        default=None,
        metavar="URL",
        help="The store: sqlite:///FILE, postgresql://…  [default: $VALIDATOR_HISTORY, else .validator/history.db]",
    )(wrapped)


def store_options(wrapped: _F) -> _F:
    """Add `--history` and `--tenant` to a subcommand."""
    tenant = click.option(
        "--tenant", default=None, metavar="NAME", help="Whose records.  [default: $VALIDATOR_TENANT, else default]"
    )
    return store_option(tenant(wrapped))


def store_address(given: str | None) -> str:
    """The store that is meant: the option, the environment variable, or the file beside the project.

    Raises:
        UsageError: The option holds a password, which every user of this machine could read in the process list.
    """
    from validator.history.address import DEFAULT, VARIABLE, has_password
    from validator.model.errors import UsageError

    if given is not None and has_password(given):
        remedy = "put the address into VALIDATOR_HISTORY, or the password into ~/.pgpass"
        raise UsageError("a password must not be given on a command line", where="--history", remedy=remedy)
    return given or os.environ.get(VARIABLE, "") or DEFAULT


def is_there(given: str | None) -> bool:
    """Whether the store that is meant exists; one on a server is taken to."""
    from validator.history.address import parse_address

    file = parse_address(store_address(given), Path()).file
    return file is None or file.exists()


@contextmanager
def opened_history(address: str | None, tenant: str | None, *, make: bool = False) -> Iterator[History]:
    """The record of one tenant, open while the block runs.

    Args:
        address: The store; None for the usual one.
        tenant: Whose records; None for the usual one.
        make: Make the store when it is not there; whoever only reads would find nothing in it.

    Raises:
        UsageError: There is no store, or it is not to be used like this.
    """
    from validator.history.store import open_store
    from validator.model.errors import UsageError

    if not make and not is_there(address):
        remedy = "go to the folder that runs are started in, or name the store with --history"
        raise UsageError("nothing is recorded here yet", where=store_address(address), remedy=remedy)
    with open_store(store_address(address)) as store:
        yield store.tenant(tenant or os.environ.get("VALIDATOR_TENANT", "") or "default")


def moment(text: str, now: datetime | None = None) -> str:
    """A day (`2026-11-21`), a moment (ISO 8601) or an age (`7d`, `12h`) as UTC, ISO 8601.

    Raises:
        UsageError: It is none of them.
    """
    from validator.model.errors import UsageError
    from validator.support.clock import iso
    from validator.support.durations import DurationError, parse_duration

    if _DAY.match(text):
        try:
            read = datetime.fromisoformat(text)
        except ValueError as error:
            raise UsageError(f"{text} is no moment: {error}", remedy="write 2026-11-21 or 2026-11-21T03:30Z") from error
        return iso(read if read.tzinfo is not None else read.replace(tzinfo=UTC))
    try:
        age: timedelta = parse_duration(text)
    except DurationError as error:
        remedy = "write a day (2026-11-21), a moment (2026-11-21T03:30Z) or an age (7d)"
        raise UsageError(f"{text!r} is neither a moment nor an age", remedy=remedy) from error
    return iso((now or datetime.now(UTC)) - age)


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in plain text. Cells are made harmless to terminals, because apps and servers wrote some of them."""
    from validator.support.text import one_line

    table = [list(head), *([one_line(cell, 60) for cell in row] for row in rows)]
    widths = [max(len(row[index]) for row in table) for index in range(len(head))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table)
    return "\n".join(lines)
