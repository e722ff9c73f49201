"""Rate limits of the shop: how many requests, and how many new anonymous accounts, one address may cost."""

from __future__ import annotations

from dataclasses import dataclass

from validator.demo.backend.buckets import Buckets, Quota, Verdict
from validator.demo.backend.switches import Limit

ACCOUNTS = "accounts"
REQUESTS = "requests"

SIGN_IN = ("POST", "/v1/users/anonymous")
"""The request that costs an account."""

LIMITED_PREFIX = "/v1/"
"""Probes and metrics are free; the shop's API is not."""


@dataclass(frozen=True, slots=True)
class RateLimiter:
    """One bucket of each kind for each address."""

    accounts: Buckets
    requests: Buckets

    @classmethod
    def of(cls, limit: Limit) -> RateLimiter:
        """Full buckets with these limits."""
        capacity = limit.accounts_burst or limit.accounts_per_hour
        hourly = 0.0 if limit.never_lifts else limit.accounts_per_hour / 3600
        rate = 0.0 if limit.never_lifts else limit.requests_per_second
        return cls(
            accounts=Buckets(Quota(name=ACCOUNTS, capacity=capacity, per_second=hourly)),
            requests=Buckets(Quota(name=REQUESTS, capacity=limit.requests_burst, per_second=rate)),
        )

    def check(self, method: str, path: str, address: str, *, now: float) -> list[Verdict]:
        """What each limit that the request falls under says; a refused request costs no account."""
        if not path.startswith(LIMITED_PREFIX):
            return []
        verdicts = [self.requests.take(address, now=now)]
        if (method, path) == SIGN_IN and verdicts[0].allowed:
            verdicts.append(self.accounts.take(address, now=now))
        return verdicts


def headers_of(verdicts: list[Verdict]) -> dict[str, str]:
    """`RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-11); `Retry-After` when refused."""
    if not verdicts:
        return {}
    policies = (f'"{v.quota.name}";q={v.quota.capacity};w={v.quota.window_s}' for v in verdicts)
    states = (f'"{v.quota.name}";r={v.remaining};t={v.wait_s}' for v in verdicts)
    headers = {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(states)}
    refused = [v.wait_s for v in verdicts if not v.allowed]
    return headers | ({"Retry-After": str(max(refused))} if refused else {})
