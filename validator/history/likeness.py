"""When two failures are the same failure: their messages without what changes from run to run. Pure."""

from __future__ import annotations

import hashlib
import re

LONGEST = 500
"""How much of a message a projection keeps; the event has all of it."""

_CHANGING = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b|\d+")
_WORD = re.compile(r"[a-z#]{2,}")


def storable(text: str) -> str:
    """The text without NUL, which PostgreSQL's text cannot hold."""
    return text.replace("\0", "\N{SYMBOL FOR NULL}")


def shortened(text: str) -> str:
    """The text, at most `LONGEST` characters of it, as both databases can hold it."""
    return storable(text[:LONGEST])


def normalised(message: str) -> str:
    """The message without its numbers, addresses and ids."""
    return " ".join(_CHANGING.sub("#", message.lower()).split())


def signature(cause: str, message: str) -> str:
    """A short name for "this cause with this message"; empty when there is no message to compare."""
    text = normalised(message)
    return hashlib.sha256(f"{cause}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()[:16] if text else ""


def words(message: str) -> frozenset[str]:
    """The words that a message is compared by."""
    return frozenset(_WORD.findall(normalised(message)))


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """How much two sets of words have in common, 0 to 1 (Jaccard)."""
    return len(one & other) / len(one | other) if one or other else 0.0
