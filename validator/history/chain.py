"""The hash chain: what an event's link is made of, and how it is computed. Pure.

Each event carries the SHA-256 of its own envelope, its payload's digest and the hash of the event before it, so that
whoever changes, removes or inserts one has to change every later one too; and the head of the chain stands in exports.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from validator.history.stream import Stream

FORMAT = "validator.history/v1"
CURRENT_VERSION = 1
"""The version of payloads that this program writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An event ready to be stored: its payload is canonical JSON."""

    id: str
    run: str
    stream: Stream
    seq: int
    at: str
    type: str
    version: int
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a tenant's chain."""

    position: int
    """0 for a chain without events."""
    hash: str


def canonical(value: object) -> str:
    r"""JSON with sorted keys, without blanks, ASCII only: one text for one value, on every database and in every file.

    It differs from RFC 8785 in escaping what is not ASCII (`\u00fc`), so that no encoding or normalisation on the
    way can change a byte, and in taking numbers as Python writes them.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def canonical_text(data: bytes | str) -> str:
    """The canonical form of a JSON text."""
    return canonical(json.loads(data))


def digest(payload: str) -> str:
    """The SHA-256 of a canonical payload, 64 hexadecimal digits."""
    return hashlib.sha256(payload.encode("ascii")).hexdigest()


def genesis(tenant: str) -> Head:
    """What the first event of a tenant is linked to; differs by tenant, so that no chain passes for another's."""
    return Head(position=0, hash=hashlib.sha256(f"{FORMAT}\n{tenant}".encode()).hexdigest())


def link(tenant: str, before: Head, sealed: Sealed) -> Head:
    """The head of the chain after this event."""
    return link_of_digest(tenant, before, sealed, digest(sealed.payload))


def link_of_digest(tenant: str, before: Head, sealed: Sealed, payload_digest: str) -> Head:
    """The same, by the digest of the payload alone: what it says need not be at hand."""
    position = before.position + 1
    envelope = canonical(
        {
            "at": sealed.at,
            "id": sealed.id,
            "payload": payload_digest,
            "position": position,
            "prev": before.hash,
            "run": sealed.run,
            "seq": sealed.seq,
            "stream": sealed.stream.value,
            "tenant": tenant,
            "type": sealed.type,
            "version": sealed.version,
        }
    )
    return Head(position=position, hash=digest(envelope))
