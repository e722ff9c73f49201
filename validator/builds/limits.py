"""How long a server asks to be left alone. Pure.

GitHub's rules: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

_UNSAID: Final = 60.0
"""Seconds to wait when a limit is named and no time: at least a minute, as GitHub's rules say."""
_LONGEST: Final = 7 * 24 * 3600.0


def asked_to_wait(status: int, headers: Mapping[str, str], body: bytes, now: float) -> float | None:
    """Seconds until the limit lifts; None when the answer is no rate limit.

    Args:
        status: 403, 429 and 503 can be rate limits; a 403 only when it says so.
        headers: Names in lower case.
        body: What the server says.
        now: Unix time, for servers that do not tell their own.
    """
    if status not in (403, 429, 503):
        return None
    now = _moment(headers.get("date", "")) or now  # the server's clock, which its times are read from
    said = _seconds(headers.get("retry-after", ""), now)
    if said is None and headers.get("x-ratelimit-remaining", "").strip() == "0":
        reset = _number(headers.get("x-ratelimit-reset", ""))
        said = reset - now if reset is not None else _UNSAID
    if said is None and (status == 429 or (status == 403 and b"rate limit" in body.lower())):
        said = _UNSAID
    return None if said is None else min(max(said, 0.0), _LONGEST)


def _seconds(text: str, now: float) -> float | None:
    number = _number(text)
    if number is not None:
        return number
    moment = _moment(text)
    return None if moment is None else moment - now


def _number(text: str) -> float | None:
    text = text.strip()
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def _moment(text: str) -> float | None:
    """Unix time of an HTTP date."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
