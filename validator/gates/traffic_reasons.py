"""What the gate makes of a run's traffic: production must be able to tell it from that of real users. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from validator.gates.facts import Facts
from validator.gates.policy import Policy
from validator.gates.weighed import Weighed, unmeasurable, warning
from validator.model.decision import ReasonCode
from validator.model.traffic import WhenUnmarked

_DOUBTFUL = 6
"""As bad as a flow that production's limits stopped."""
_TIRED = 7


def traffic(facts: Facts, policy: Policy) -> Iterable[Weighed]:
    """Leaks, or logs that prove nothing, by what the run's configuration says; forged marks as a warning."""
    account = facts.traffic
    if account is None or account.proof is None:
        return
    if not account.proof.separated:
        message = f"test traffic is not told from real users: {account.proof.why_not}"
        match account.unmarked:
            case WhenUnmarked.WARN:
                yield warning(_TIRED, ReasonCode.TRAFFIC, message)
            case WhenUnmarked.UNDECIDED:
                yield unmeasurable(_DOUBTFUL, policy, ReasonCode.TRAFFIC, message)
            case never:
                assert_never(never)
    if account.proof.foreign:
        message = f"requests of others that carry the mark of this run ({account.proof.foreign}) > limit (0)"
        yield warning(_TIRED, ReasonCode.TRAFFIC, message)


def traffic_steps(facts: Facts) -> tuple[str, ...]:
    """What to do about leaks that keep the gate closed."""
    account = facts.traffic
    if account is None or account.proof is None or account.unmarked is WhenUnmarked.WARN or account.proof.separated:
        return ()
    return ("Have the app send its mark with every call: `validator traffic RUN` names the requests without it.",)
