"""What a server says about the rate at which it may be asked. Pure.

Read are `Retry-After` (RFC 9110, 10.2.3), `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11), the older
`RateLimit-Remaining`/`-Reset` and `X-RateLimit-Remaining`/`-Reset`, and bodies that speak of a quota: the problem types
of that draft (RFC 9457), those of Supabase and of Firebase. Everything that waits for a server asks here, so that all
obey the same rules. Whatever a stranger sends is at worst nothing said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

UNSAID: Final = 60.0
"""Seconds to wait when a limit is named and no time: at least a minute, as GitHub's rules say
(https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit)."""
LONGEST: Final = 7 * 24 * 3600.0
"""Seconds; nobody is believed who asks for more."""
LIMITED: Final = re.compile(
    r"http-problem-types#(?:quota-exceeded|temporary-reduced-capacity)\b"
    r"|\bover_(?:request|email_send|sms_send)_rate_limit\b|\bTOO_MANY_ATTEMPTS_TRY_LATER\b|\btoo-many-requests\b"
    r"|\b(?:QUOTA|RATE_LIMIT)_EXCEEDED\b|\berror code: 1015\b|\brate limit\b",
    re.IGNORECASE,
)
"""What says in a body, or on a screen, that a limit is spent (1015 is Cloudflare's)."""
CHALLENGED: Final = re.compile(
    r"\bJust a moment\.\.\.|Attention Required! \| Cloudflare|\berror code: 10(?:05|06|07|08|09|10|12|20)\b"
    r"|errors\.edgesuite\.net|\bReference ?(?:#|&#35;)1?\d\.[0-9a-f]|\bIncapsula incident ID\b|awsWafCookieDomainList"
    r"|\bThe request could not be satisfied\b",
    re.IGNORECASE,
)
"""What the pages of web application firewalls say: Cloudflare's, Akamai's, Imperva's, AWS WAF's and CloudFront's."""
_MOST: Final = 2000
"""Characters of a header, and bytes of a body, that are read."""
_DATE: Final = re.compile(r"[A-Z][a-z]{2,8}, ?\d\d[ -][A-Z][a-z]{2}[ -]\d{2,4} \d\d:\d\d:\d\d GMT")
_NUMBER: Final = re.compile(r"\d{1,15}", re.ASCII)
_SPENT: Final = re.compile(r";\s*r=0\s*(?:;|$)", re.ASCII)
_RESETS: Final = re.compile(r";\s*t=(\d{1,15})\s*(?:;|$)", re.ASCII)
_EPOCH: Final = 1e9
"""A reset beyond is a moment in seconds since 1970, not a span: 32 years."""
_EPOCH_MS: Final = 1e12


def asked_to_wait(status: int, headers: Mapping[str, str], body: bytes, now: float) -> float | None:
    """Seconds until the limit lifts; None when the answer is no rate limit.

    Args:
        status: 403, 429 and 503 can be rate limits; a 403 only when it says so.
        headers: Names in lower case; repeated ones joined by a comma.
        body: What the server says.
        now: Unix time, for servers that do not tell their own.
    """
    if status not in (403, 429, 503):
        return None
    said = wait_in(headers, now)
    if said is None and (_is_spent(headers) or status == 429 or _speaks_of_limits(body)):
        said = UNSAID
    return said


def wait_in(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the headers of an answer ask to wait; None when they ask for nothing that can be understood.

    `Retry-After` speaks first. Of several times the longest counts: waiting too long does no harm. Dates are held
    against the server's own clock where it tells it.
    """
    now = _moment(headers.get("date", "")) or now
    said = [*_after(headers.get("retry-after", ""), now)]
    if not said and _is_spent(headers):
        said = [*_resets(headers, now)]
    return min(max(*said, 0.0), LONGEST) if said else None


def challenge(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a web application firewall answered in the server's place, and wants a browser or nobody.

    Cloudflare marks its challenges with `cf-mitigated: challenge`, AWS WAF with `x-amzn-waf-action` (202 and 405).
    """
    if headers.get("cf-mitigated", "").strip().lower() == "challenge" or "x-amzn-waf-action" in headers:
        return True
    return status in (403, 406, 503) and CHALLENGED.search(body[:_MOST].decode("utf-8", "replace")) is not None


def _after(text: str, now: float) -> Iterable[float]:
    text = text[:_MOST]
    for date in _DATE.findall(text):
        moment = _moment(date)
        if moment is not None:
            yield moment - now
    for part in _DATE.sub("", text).split(","):
        if _NUMBER.fullmatch(part.strip()):
            yield float(part)


def _is_spent(headers: Mapping[str, str]) -> bool:
    older = (headers.get(f"{prefix}ratelimit-remaining", "") for prefix in ("", "x-"))
    spent = any(part.strip() == "0" for text in older for part in text[:_MOST].split(","))
    return spent or any(_SPENT.search(item) for item in _items(headers))


def _resets(headers: Mapping[str, str], now: float) -> Iterable[float]:
    for item in _items(headers):
        if _SPENT.search(item) and (found := _RESETS.search(item)) is not None:
            yield float(found[1])
    for prefix in ("", "x-"):
        for part in headers.get(f"{prefix}ratelimit-reset", "")[:_MOST].split(","):
            if _NUMBER.fullmatch(part.strip()):
                yield _span(float(part), now)


def _items(headers: Mapping[str, str]) -> list[str]:
    return headers.get("ratelimit", "")[:_MOST].split(",")


def _span(reset: float, now: float) -> float:
    """The older headers hold a span or a moment, in seconds or milliseconds: each provider as it likes."""
    if reset >= _EPOCH_MS:
        return reset / 1000 - now
    return reset - now if reset >= _EPOCH else reset


def _speaks_of_limits(body: bytes) -> bool:
    return LIMITED.search(body[:_MOST].decode("utf-8", "replace")) is not None


def _moment(text: str) -> float | None:
    """Unix time of an HTTP date."""
    try:
        moment = parsedate_to_datetime(text[:100])
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
