"""How long to wait before a flow that production throttled runs again. Pure."""

from __future__ import annotations

import re

from validator.model.attempt import Evidence
from validator.model.causes import Family
from validator.model.failure import Failure

DEFAULT_WAIT = 10.0
"""Seconds to wait when production limited us and did not say for how long."""
LONGEST_WAIT = 60.0
"""Seconds; a longer Retry-After is not waited for, the flow is tried once more after this."""

_RETRY_AFTER = re.compile(r"\bretry-after:\s*(\d{1,9})\b", re.IGNORECASE)


def wait_for(failure: Failure, evidence: Evidence) -> float:
    """Seconds to wait before the next attempt: what `Retry-After` (RFC 9110, 10.2.3) says in the app's log, capped."""
    if failure.cause.family is not Family.THROTTLED:
        return 0.0
    told = [float(hit.group(1)) for line in evidence.app.http_log if (hit := _RETRY_AFTER.search(line))]
    return min(max(told), LONGEST_WAIT) if told else DEFAULT_WAIT
