"""Token buckets per address: how many requests and how many new anonymous accounts one address may cost."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One limit: a bucket that holds `capacity` tokens and gains `per_second` of them, up to its capacity."""

    name: str
    """The policy's name in the `RateLimit` headers and in the problem body."""
    capacity: int
    per_second: float
    """Zero means that a spent bucket never fills again."""

    @property
    def window_s(self) -> int:
        """Seconds in which an empty bucket fills, the `w` of `RateLimit-Policy`; a year where it never does."""
        return NEVER_S if self.per_second <= 0 else max(1, math.ceil(self.capacity / self.per_second))


NEVER_S = 365 * 24 * 3600
"""What `Retry-After` says of a limit that never lifts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a bucket answered to one request."""

    quota: Quota
    allowed: bool
    remaining: int
    """Whole tokens left after this request, the `r` of `RateLimit`."""
    wait_s: int
    """Seconds until the next token while none is left, otherwise until the bucket is full: the `t` of `RateLimit`."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class Buckets:
    """The buckets of one quota, one for each address. Time is given by the caller, in seconds of any steady clock."""

    quota: Quota
    _by_address: dict[str, _Bucket] = field(default_factory=dict)

    def take(self, address: str, *, now: float) -> Verdict:
        """Take one token from the address' bucket, or say how long to wait for one."""
        bucket = self._by_address.setdefault(address, _Bucket(self.quota.capacity, now))
        self._refill(bucket, now)
        allowed = bucket.tokens >= 1
        if allowed:
            bucket.tokens -= 1
        return Verdict(
            quota=self.quota, allowed=allowed, remaining=math.floor(bucket.tokens), wait_s=self._wait_s(bucket)
        )

    def _refill(self, bucket: _Bucket, now: float) -> None:
        gained = max(0.0, now - bucket.at) * self.quota.per_second
        bucket.tokens = min(float(self.quota.capacity), bucket.tokens + gained)
        bucket.at = now

    def _wait_s(self, bucket: _Bucket) -> int:
        target = 1 if bucket.tokens < 1 else self.quota.capacity
        missing = target - bucket.tokens
        if missing <= 0:
            return 0
        return NEVER_S if self.quota.per_second <= 0 else math.ceil(missing / self.quota.per_second)
