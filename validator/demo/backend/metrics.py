"""Request counts and durations in the Prometheus text format, test traffic apart from real traffic by a label."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_ROUTES = (
    "/v1/users/anonymous",
    "/v1/catalogue/{sku}",
    "/v1/catalogue",
    "/v1/search",
    "/v1/cart/items/{sku}",
    "/v1/cart/items",
    "/v1/cart",
    "/v1/orders",
    "/health",
    "/version",
    "/metrics",
)
_PATTERNS = tuple((route, re.compile(re.sub(r"\{\w+\}", "[^/]+", route))) for route in _ROUTES)


def route_of(path: str) -> str:
    """The route's template, `other` for a path that is none: a stranger must not be able to invent labels."""
    return next((route for route, pattern in _PATTERNS if pattern.fullmatch(path)), "other")


@dataclass(frozen=True, slots=True, order=True)
class _Series:
    method: str
    route: str
    status: int
    synthetic: bool

    def labels(self) -> str:
        synthetic = "true" if self.synthetic else "false"
        return f'method="{self.method}",route="{self.route}",status="{self.status}",synthetic="{synthetic}"'


_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class Metrics:
    """Counts since the start."""

    _requests: Counter[_Series] = field(default_factory=Counter)
    _seconds: defaultdict[_Series, float] = field(default_factory=lambda: defaultdict(float))

    def observe(self, *, method: str, path: str, status: int, synthetic: bool, seconds: float) -> None:
        """Count one answered request."""
        known = method if method in _METHODS else "other"
        series = _Series(known, route_of(path), status, synthetic)
        self._requests[series] += 1
        self._seconds[series] += seconds

    def text(self, *, users: int) -> str:
        """The exposition."""
        lines = [
            "# HELP shop_anonymous_users Anonymous users that exist now.",
            "# TYPE shop_anonymous_users gauge",
            f"shop_anonymous_users {users}",
            "# HELP shop_requests_total Requests answered; synthetic is what the request's mark said.",
            "# TYPE shop_requests_total counter",
            *(f"shop_requests_total{{{s.labels()}}} {n}" for s, n in sorted(self._requests.items())),
            "# HELP shop_request_seconds_total Time spent on answering.",
            "# TYPE shop_request_seconds_total counter",
            *(f"shop_request_seconds_total{{{s.labels()}}} {n:.6f}" for s, n in sorted(self._seconds.items())),
        ]
        return "\n".join(lines) + "\n"
