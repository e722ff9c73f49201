"""Where the record of runs lives: `sqlite:///…`, `postgresql://…` or `memory:`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from validator.history.errors import AddressError

DEFAULT = "sqlite:///.validator/history.db"
"""One file beside the project, made on first use."""
VARIABLE = "VALIDATOR_HISTORY"
"""The environment variable that names the store where no configuration does."""


_PASSWORD = re.compile(r"[?&]password=([^&]*)")


class Kind(StrEnum):
    """Which database keeps the record."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A store's address, understood."""

    kind: Kind
    file: Path | None = None
    """The database file of SQLite, absolute."""
    dsn: str = ""
    """What libpq is given for PostgreSQL; may hold a password, so it is never printed."""
    blobs: Path | None = None
    """The folder of long payloads; None: they are kept in a table of the database."""
    shown: str = ""
    """The address for people: without a password."""


def parse_address(text: str, folder: Path) -> Address:
    """Understand an address; relative paths are taken from `folder`.

    Raises:
        AddressError: It is none of the three kinds, or incomplete.
    """
    if text in ("memory:", "memory://"):
        return Address(kind=Kind.MEMORY, shown="memory:")
    try:
        if text.isprintable() and text.startswith("sqlite:///"):
            return _sqlite(text, folder)
        if text.isprintable() and text.startswith(("postgresql://", "postgres://")):
            return _postgresql(text, folder)
    except ValueError:  # of urllib; its text may quote a password
        pass
    raise AddressError(
        "this is not the address of a store",
        where=_without_password(text),
        remedy=f"write {DEFAULT}, postgresql://user@host/database or memory:",
    )


def has_password(text: str) -> bool:
    """Whether the address holds a password, which must not be given on a command line."""
    login, at, _ = text.partition("://")[2].rpartition("@")
    return text.startswith("postgres") and ((bool(at) and ":" in login) or "password=" in text)


def passwords_in(text: str) -> tuple[str, ...]:
    """The passwords in an address, as written and as meant, so that they can be kept out of everything else."""
    login = text.partition("://")[2].rpartition("@")[0]
    written = [login.partition(":")[2], *(found[1] for found in _PASSWORD.finditer(text))]
    return tuple(dict.fromkeys(form for password in written if password for form in (password, unquote(password))))


def _sqlite(text: str, folder: Path) -> Address:
    path = unquote(urlsplit(text).path.removeprefix("/"))
    if not path or not path.isprintable():
        raise AddressError("the address names no file", where=text, remedy=f"write {DEFAULT}")
    file = (folder / path).absolute()
    return Address(kind=Kind.SQLITE, file=file, blobs=file.with_name(f"{file.name}.blobs"), shown=f"sqlite:///{path}")


def _postgresql(text: str, folder: Path) -> Address:
    parts = urlsplit(text)
    options = parse_qsl(parts.query, keep_blank_values=True)
    if not parts.path.strip("/"):
        remedy = "write postgresql://user@host/database"
        raise AddressError("the address names no database", where=_without_password(text), remedy=remedy)
    blobs = next((value for name, value in options if name == "blobs"), "")
    query = urlencode([(name, value) for name, value in options if name != "blobs"])
    return Address(
        kind=Kind.POSTGRESQL,
        dsn=urlunsplit(("postgresql", parts.netloc, parts.path, query, "")),
        blobs=(folder / blobs).absolute() if blobs else None,
        shown=_without_password(text),
    )


def _without_password(text: str) -> str:
    """The address for people. A password that was not encoded may hold anything: all before the last `@` goes."""
    scheme, separator, rest = text.partition("://")
    if "password" in unquote(rest).lower():
        return f"{scheme}{separator}\N{HORIZONTAL ELLIPSIS}"
    before, at, place = rest.rpartition("@")
    user = re.split("[:/?#]", before)[0]
    return f"{scheme}{separator}{user}{at}{place}"
