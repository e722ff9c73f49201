"""What a person should know of a changed deployment or a baseline, in one line each. Pure."""

from __future__ import annotations

from validator.model.observed import DeploymentChanged, ParityCompared
from validator.model.parity import Importance, Parity
from validator.model.traffic import TrafficAccounted, TrafficProof


def noticed(event: DeploymentChanged | ParityCompared | TrafficAccounted) -> tuple[str, ...]:
    """The lines. Of a comparison those of warnings: what is critical ends the run and is told there."""
    match event:
        case DeploymentChanged(changes=changes):
            return tuple(f"the deployment changed while flows ran: {change}" for change in changes)
        case ParityCompared(parity=parity):
            return tuple(parity.words(found) for found in parity.undeclared(Importance.WARNING))
        case TrafficAccounted(proof=None):
            return ()
        case TrafficAccounted(proof=proof):
            return (f"test traffic: {proof.why_not}",) if proof is not None and not proof.separated else ()


def traffic_in_short(proof: TrafficProof) -> str:
    """What an access log shows."""
    return (
        f"{proof.marked} marked requests of {proof.users} users in {proof.lines} lines; unmarked: {proof.unmarked}, "
        f"marked by others: {proof.foreign}"
    )


def in_short(parity: Parity) -> str:
    """How many things were compared, and how many differ how much."""
    counted = (f"{len(parity.undeclared(importance))} {importance}" for importance in Importance)
    return f"{len(parity.comparisons)} compared with {parity.right}; differences: {', '.join(counted)}"
