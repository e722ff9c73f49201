"""Test-traffic marks: which validation run, if any, says that it sent a request.

Baggage does not mark anything by itself: the service that receives it has to copy it into its own log and metrics
(https://opentelemetry.io/docs/demo/services/load-generator/). This is where the shop does so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

RUN_MEMBER = "validator.run"
SYNTHETIC_MEMBER = "synthetic_request"
RUN_HEADER = "x-validator-run"

MAX_BAGGAGE_BYTES = 8192
"""Baggage beyond this is not read: the least that a service must propagate (https://www.w3.org/TR/baggage/#limits)."""

MAX_RUN_LENGTH = 128
"""Longer run ids are cut, so that a forged mark cannot flood the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a request says about itself."""

    run: str = ""
    """The validation run that sent it; empty for real users."""
    synthetic: bool = False
    """Whether it declares itself test traffic."""


def read_mark(headers: Mapping[str, str]) -> Mark:
    """Read the mark of a request: `baggage: validator.run=ID,synthetic_request=true`, else `X-Validator-Run: ID`.

    Never raises: whatever a stranger sends is at worst no mark.
    """
    members = dict(_baggage_members(headers.get("baggage", "")))
    run = (members.get(RUN_MEMBER) or headers.get(RUN_HEADER, "").strip())[:MAX_RUN_LENGTH]
    return Mark(run=run, synthetic=bool(run) or members.get(SYNTHETIC_MEMBER) == "true")


def _baggage_members(header: str) -> Iterator[tuple[str, str]]:
    for member in header[:MAX_BAGGAGE_BYTES].split(","):
        pair = member.partition(";")[0]
        key, equals, value = pair.partition("=")
        if equals:
            yield key.strip(), unquote(value.strip(), errors="replace")
