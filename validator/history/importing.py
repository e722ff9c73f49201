"""Events from files: an export of a chain, or the `events.jsonl` that a run left behind (its spool)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from validator.history.chain import Sealed, canonical
from validator.history.entry import stream_of
from validator.history.errors import HistoryError, TenantError
from validator.history.exporting import export_tenant, read_export
from validator.history.log import Appended, EventLog
from validator.history.payloads import opened, require_sound
from validator.history.stream import Stream
from validator.support.codec import UndecodableError, decode

_EXPORT = b'{"after_hash":'
"""How an export begins: its header's first key in canonical order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledLine:
    """A line of a run's journal, its event not yet understood: it is stored as it was written."""

    id: str
    run: str
    tenant: str
    seq: int
    at: str
    version: int
    event: dict[str, object]


def import_file(log: EventLog, file: Path) -> Appended:
    """Store what a file holds. What is there already is left as it is, so it may be repeated.

    A file is checked to its end before its first event is stored.

    Raises:
        HistoryError: The file is neither an export nor a journal, or was changed.
        TenantError: It is another tenant's.
        ConflictError: It contradicts what is stored.
        StoreUnreachableError: The database is away or busy.
    """
    if not _is_export(file):
        _require_events(file, sum(1 for _ in read_spool(file, log.tenant)))
        return log.append_sealed(read_spool(file, log.tenant))
    tenant = export_tenant(file)
    if tenant != log.tenant:
        raise _foreign(str(file), tenant, log.tenant)
    for sealed in read_export(file):
        require_sound(sealed)
        opened(tenant, sealed)
    return log.append_sealed(read_export(file))


def read_spool(file: Path, tenant: str) -> Iterator[Sealed]:
    """The events of a run's `events.jsonl`; a torn last line is left out.

    Raises:
        HistoryError: The file cannot be read, or a line is no event of a run: what people decide is no part of a
            journal, so nobody opens a gate by adding a line.
        TenantError: It is another tenant's.
    """
    try:
        with file.open("rb") as source:
            for number, line in enumerate(source, start=1):
                if line.endswith(b"\n"):
                    yield _spooled(line, tenant, f"{file}:{number}")
    except OSError as error:
        message = f"the events cannot be read: {error.strerror}"
        raise HistoryError(message, where=str(file), remedy="name a file that is there") from error


def _spooled(line: bytes, tenant: str, where: str) -> Sealed:
    try:
        read = decode(SpooledLine, line)
        sealed = Sealed(
            id=read.id,
            run=read.run,
            stream=stream_of(str(read.event.get("type"))),
            seq=read.seq,
            at=read.at,
            type=str(read.event.get("type")),
            version=read.version,
            payload=canonical(read.event),
        )
    except (UndecodableError, ValueError) as error:
        remedy = "only a run's events.jsonl or the output of `validator history export` can be imported"
        raise HistoryError(f"this line is no event: {error}", where=where, remedy=remedy) from error
    if read.tenant != tenant:
        raise _foreign(where, read.tenant, tenant)
    if sealed.stream is not Stream.RUN:
        raise HistoryError(f"a {sealed.type} is no event of a run", where=where, remedy="remove this line")
    require_sound(sealed)
    opened(tenant, sealed)
    return sealed


def _require_events(file: Path, events: int) -> None:
    if not events:
        remedy = "fetch the file again: an export has at least two lines, and a run that began has one"
        raise HistoryError("there is no event in this file", where=str(file), remedy=remedy)


def _is_export(file: Path) -> bool:
    try:
        with file.open("rb") as source:
            return source.read(len(_EXPORT)) == _EXPORT
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        raise HistoryError(message, where=str(file), remedy="name a file that is there") from error


def _foreign(where: str, theirs: str, ours: str) -> TenantError:
    remedy = f"import it with --tenant {theirs}"
    return TenantError(f"these events belong to tenant {theirs!r}, not to {ours!r}", where=where, remedy=remedy)
