"""Stored payloads to events and back. What was once written is read for ever: old versions are lifted to today's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import cast, get_args

from validator.history.acts import Act
from validator.history.chain import CURRENT_VERSION, Sealed, canonical_text
from validator.history.entry import Entry, Payload, stream_of
from validator.history.errors import HistoryError, NewerPayloadError
from validator.history.stream import Stream
from validator.model.events import Event, Record
from validator.support.codec import UndecodableError, decode, encode

JsonObject = dict[str, object]
Lifts = Mapping[tuple[str, int], Callable[[JsonObject], JsonObject]]

TYPES: Mapping[str, type[Payload]] = {kind.__name__: kind for kind in (*get_args(Event), *get_args(Act))}

LIFTS: Lifts = {}
"""(type, version) -> the step to the next version. A change of an event's shape raises `CURRENT_VERSION` and enters its
step here; `tests/history/golden` keeps a payload of every type and version that was ever released."""


_LONGEST_NAME = 200
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_LARGEST = 2**31 - 1
"""What PostgreSQL's integers hold."""


def sealed_record(record: Record) -> Sealed:
    """A record of the pipeline, ready to be stored."""
    return Sealed(
        id=record.id,
        run=record.run,
        stream=stream_of(record.event.type),
        seq=record.seq,
        at=record.at,
        type=record.event.type,
        version=record.version,
        payload=canonical_text(encode(record.event)),
    )


def sealed_entry(entry: Entry) -> Sealed:
    """An entry, ready to be stored."""
    return Sealed(
        id=entry.id,
        run=entry.run,
        stream=entry.stream,
        seq=entry.seq,
        at=entry.at,
        type=entry.event.type,
        version=entry.version,
        payload=canonical_text(encode(entry.event)),
    )


def is_moment(text: str) -> bool:
    """Whether a text is a moment as events carry it: `2026-11-21T03:26:54.120Z`."""
    return _MOMENT.fullmatch(text) is not None


def require_sound(sealed: Sealed) -> None:
    """See that an envelope is one that both databases hold, and that sorts as it should.

    Raises:
        HistoryError: It is not; nobody but a damaged or forged file has such a one.
    """
    wrong = _unsound(sealed)
    if wrong:
        remedy = "nothing was stored; fetch the file again, or run the validation again"
        raise HistoryError(f"this is no event: {wrong}", where=f"event {sealed.id!r:.80}", remedy=remedy)


def _unsound(sealed: Sealed) -> str:
    if not _is_name(sealed.id):
        return "its id is empty, too long or not printable"
    if not _is_name(sealed.run or "-") or bool(sealed.run) is (sealed.stream is Stream.STORE):
        return "it does not name its run"
    if sealed.stream is not stream_of(sealed.type):
        return f"a {sealed.type:.40} has no place among the events of the kind {sealed.stream.value!r}"
    if not is_moment(sealed.at):
        return "its moment is not UTC, ISO 8601 with milliseconds"
    if not 0 <= sealed.seq <= _LARGEST or not 1 <= sealed.version <= _LARGEST:
        return "its number or version is out of range"
    return ""


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_NAME and text.isprintable()


def opened(tenant: str, sealed: Sealed) -> Entry:
    """The entry behind a stored event.

    Raises:
        NewerPayloadError: A newer program wrote it.
        HistoryError: The payload is not what its type and version say.
    """
    return Entry(
        id=sealed.id,
        run=sealed.run,
        tenant=tenant,
        stream=sealed.stream,
        seq=sealed.seq,
        at=sealed.at,
        version=sealed.version,
        event=read_payload(sealed),
    )


def read_payload(sealed: Sealed, lifts: Lifts = LIFTS, current: int = CURRENT_VERSION) -> Payload:
    """Read a payload of any version up to today's.

    Raises:
        NewerPayloadError: The type or the version is one that this program does not know.
        HistoryError: The payload is not what its type and version say.
    """
    kind = TYPES.get(sealed.type)
    where = f"event {sealed.id}"
    if kind is None or sealed.version > current:
        raise NewerPayloadError(
            f"{sealed.type} version {sealed.version} was written by a newer validator",
            where=where,
            remedy="upgrade validator on this machine to the version that your pipelines use",
        )
    text = sealed.payload if sealed.version == current else _lifted(sealed, lifts, current)
    try:
        return decode(kind, text)
    except UndecodableError as error:
        remedy = "run `validator history verify`: it says whether this event was changed"
        raise HistoryError(f"the payload is no {sealed.type}: {error}", where=where, remedy=remedy) from error


def _lifted(sealed: Sealed, lifts: Lifts, current: int) -> str:
    """The payload in today's shape; versions in which this type did not change have no step."""
    value = cast("JsonObject", json.loads(sealed.payload))
    for version in range(sealed.version, current):
        lift = lifts.get((sealed.type, version))
        value = lift(value) if lift is not None else value
    return json.dumps(value)
