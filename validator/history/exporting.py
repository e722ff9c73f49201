"""A tenant's chain as JSON Lines: a header, every event with its link, a footer with the head.

The file can be checked without any database, and by anyone who can compute SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from validator.history.acts import ChainStarted
from validator.history.chain import FORMAT, Head, Sealed, canonical, genesis, link
from validator.history.errors import HistoryError
from validator.history.reading import Link, StoredEvents
from validator.history.stream import Stream
from validator.support.codec import UndecodableError, decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first line."""

    format: str
    tenant: str
    after_position: int
    after_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event."""

    position: int
    id: str
    run: str
    stream: Stream
    seq: int
    at: str
    type: str
    version: int
    payload: dict[str, object]
    prev: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """The last line; a file without it was cut off."""

    events: int
    position: int
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What a file contains."""

    events: int
    head: Head
    sha256: str


def write_export(stored: StoredEvents, out: BinaryIO) -> Exported:
    """Write a tenant's whole chain.

    Raises:
        HistoryError: The chain is broken; what is broken is not exported as if it were whole.
    """
    total, events = hashlib.sha256(), 0

    def put(line: str) -> None:
        data = line.encode("ascii") + b"\n"
        total.update(data)
        out.write(data)

    head: Head | None = None
    for item in stored.chain():
        if head is None:
            head = _before(stored.tenant, item)
            put(_header(stored.tenant, head))
        head = _checked(stored.tenant, head, item)
        put(_line(item))
        events += 1
    if head is None:
        head = genesis(stored.tenant)
        put(_header(stored.tenant, head))
    put(canonical({"events": events, "position": head.position, "head": head.hash}))
    return Exported(events=events, head=head, sha256=total.hexdigest())


def write_export_file(stored: StoredEvents, file: Path) -> Exported:
    """Write the export to a file that appears under its name when it is whole and on disk. Raises as `write_export`."""
    part = file.with_name(f".{file.name}.part")
    try:
        with part.open("wb") as out:
            exported = write_export(stored, out)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except OSError as error:
        message = f"the export cannot be written: {error.strerror}"
        raise HistoryError(message, where=str(file), remedy="name a folder that exists and has space") from error
    finally:
        part.unlink(missing_ok=True)
    return exported


def read_export(file: Path, note: Callable[[bytes], None] | None = None) -> Iterator[Sealed]:
    """The events of an export, each checked against the chain as it is read.

    Args:
        file: The export.
        note: Is shown every line, for a digest of the whole.

    Raises:
        HistoryError: The file is no export, was changed, or ends too early.
    """
    lines = _lines(file, note)
    header = _first(file, lines)
    head = Head(position=header.after_position, hash=header.after_hash)
    events = 0
    for number, line in enumerate(lines, start=2):
        if line.startswith(b'{"events"'):
            _end(file, line, Footer(events=events, position=head.position, head=head.hash))
            if next(lines, None) is not None:
                raise _refused(file, number + 1, "something follows the last line")
            return
        item = _read_line(file, number, line)
        if events == 0 and head != genesis(header.tenant) and item.sealed.type != ChainStarted.__name__:
            raise _refused(file, number, "it begins in the middle of a chain")
        head = _checked(header.tenant, head, item, where=f"{file}:{number}")
        events += 1
        yield item.sealed
    raise _refused(file, events + 2, "the file ends without its last line: it was cut off")


def export_tenant(file: Path) -> str:
    """Whose chain the file holds. Raises as `read_export`."""
    return _first(file, _lines(file, None)).tenant


def _lines(file: Path, note: Callable[[bytes], None] | None) -> Iterator[bytes]:
    try:
        with file.open("rb") as source:
            for line in source:
                if note is not None:
                    note(line)
                yield line
    except OSError as error:
        message = f"the export cannot be read: {error.strerror}"
        raise HistoryError(message, where=str(file), remedy="name a file that is there") from error


def _first(file: Path, lines: Iterator[bytes]) -> Header:
    try:
        header = decode(Header, next(lines, b""))
    except UndecodableError as error:
        raise _refused(file, 1, f"this is no export: {error}") from error
    if header.format != FORMAT:
        raise _refused(file, 1, f"the format is {header.format}, this program reads {FORMAT}")
    return header


def _end(file: Path, line: bytes, found: Footer) -> None:
    try:
        footer = decode(Footer, line)
    except UndecodableError as error:
        raise _refused(file, found.events + 2, str(error)) from error
    if footer != found:
        raise _refused(file, found.events + 2, f"it says {footer.events} events, {found.events} were read")


def _read_line(file: Path, number: int, line: bytes) -> Link:
    try:
        event = decode(Line, line)
        payload = canonical(event.payload)
    except (UndecodableError, ValueError) as error:
        raise _refused(file, number, f"this line is no event: {error}") from error
    sealed = Sealed(
        id=event.id,
        run=event.run,
        stream=event.stream,
        seq=event.seq,
        at=event.at,
        type=event.type,
        version=event.version,
        payload=payload,
    )
    return Link(sealed=sealed, prev=event.prev, head=Head(position=event.position, hash=event.hash))


def _before(tenant: str, first: Link) -> Head:
    """What the chain begins after: nothing, or the chain that a pruning ended."""
    if first.sealed.type != ChainStarted.__name__:
        return genesis(tenant)
    return Head(position=first.head.position - 1, hash=first.prev)


def _checked(tenant: str, head: Head, item: Link, where: str = "") -> Head:
    right = link(tenant, head, item.sealed)
    if item.prev != head.hash or item.head != right:
        raise HistoryError(
            f"event {item.sealed.id} at position {item.head.position} is not the next link: it was changed",
            where=where or f"tenant {tenant}",
            remedy="run `validator history verify`, and restore what is broken from a backup or an older export",
        )
    return right


def _header(tenant: str, after: Head) -> str:
    return canonical({"format": FORMAT, "tenant": tenant, "after_position": after.position, "after_hash": after.hash})


def _line(item: Link) -> str:
    sealed = item.sealed
    value = {
        "at": sealed.at,
        "hash": item.head.hash,
        "id": sealed.id,
        "payload": json.loads(sealed.payload),
        "position": item.head.position,
        "prev": item.prev,
        "run": sealed.run,
        "seq": sealed.seq,
        "stream": sealed.stream.value,
        "type": sealed.type,
        "version": sealed.version,
    }
    return canonical(value)


def _refused(file: Path, line: int, what: str) -> HistoryError:
    return HistoryError(what, where=f"{file}:{line}", remedy="fetch the file again; nothing was taken from it")
