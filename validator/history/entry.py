"""An event as the store takes it: the envelope of the pipeline's records, widened by acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from validator.history.acts import Act, ChainStarted
from validator.history.stream import Stream
from validator.model.errors import PermanentError
from validator.model.events import Event, Record

Payload = Event | Act


_ACTS = frozenset(kind.__name__ for kind in get_args(Act))


def stream_of(type_name: str) -> Stream:
    """The numbering that events of this type belong to."""
    if type_name == ChainStarted.__name__:
        return Stream.STORE
    return Stream.ACT if type_name in _ACTS else Stream.RUN


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event with everything that the store knows of it."""

    id: str
    run: str
    """Empty for what was done to the store itself."""
    tenant: str
    stream: Stream
    seq: int
    at: str
    version: int
    event: Payload


def as_record(entry: Entry) -> Record:
    """The entry as the pipeline wrote it.

    Raises:
        PermanentError: It is an act, which no pipeline wrote.
    """
    if isinstance(entry.event, Act):
        raise PermanentError(f"{entry.event.type} is no event of a run", where=f"event {entry.id}")
    return Record(
        id=entry.id,
        run=entry.run,
        tenant=entry.tenant,
        seq=entry.seq,
        at=entry.at,
        version=entry.version,
        event=entry.event,
    )
