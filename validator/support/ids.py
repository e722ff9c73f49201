"""Identifiers that sort as they were made."""

from __future__ import annotations

import secrets
import threading
import time
from datetime import UTC, datetime

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80
_RUN_LETTERS = "abcdefghjkmnpqrstvwxyz0123456789"

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A ULID: 26 letters, 48 bits of milliseconds and 80 random bits (github.com/ulid/spec).

    Within one process every id is greater than the one before, also within a millisecond and when the clock goes back.
    """
    return _encode(_next_value(time.time_ns() // 1_000_000))


def new_run_id(now: datetime) -> str:
    """The id of a run: its moment in UTC to the second and four random letters, `20261121-032654-k3x9`."""
    letters = "".join(secrets.choice(_RUN_LETTERS) for _ in range(4))
    return f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{letters}"


def _next_value(milliseconds: int) -> int:
    global _last  # noqa: PLW0603 - the order of ids is a property of the whole process
    fresh = (milliseconds << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    with _lock:
        same_or_earlier = milliseconds <= _last >> _RANDOM_BITS
        _last = _last + 1 if same_or_earlier else fresh
        return _last


def _encode(value: int) -> str:
    return "".join(_CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5))
