"""Runs for the record: the ones that other tests know, under any id, tenant and day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from tests.fakes.runs import approved, blocked, interrupted, not_production, undecided
from validator.history.acts import ActKind, DecisionActed
from validator.history.store import History
from validator.history.testimony import DecisionRow, Subject
from validator.model.events import Decided, Event, Record
from validator.model.observed import DeploymentObserved
from validator.support.clock import iso

KINDS: tuple[Callable[[], list[Record]], ...] = (approved, blocked, undecided, not_production, interrupted)


def a_run(
    name: str,
    make: Callable[[], list[Record]] = approved,
    *,
    tenant: str = "default",
    days: float = 0.0,
    deployment: str = "",
) -> list[Record]:
    """The records of one run, so many days later than the original."""
    return [
        replace(
            record,
            id=f"{name}-{record.seq:04d}",
            run=name,
            tenant=tenant,
            at=_later(record.at, days),
            event=_moved(record, days, deployment),
        )
        for record in make()
    ]


def acted(
    kind: ActKind = ActKind.OVERRIDE,
    by: str = "mara",
    after: str = "",
    *,
    deployment: str = "dep-2026-11-21.3",
    expires: str = "",
) -> DecisionActed:
    """What a person says about a deployment, of all of these runs unless given."""
    return DecisionActed(
        kind=kind,
        by=by,
        reason="seen",
        environment="production",
        deployment=deployment,
        expires_at=expires,
        after=after,
    )


def decided(history: History, environment: str = "production", **about: str) -> DecisionRow | None:
    """The decision that a gate would hear about."""
    return history.testimony(Subject(tenant=history.tenant, environment=environment, **about)).decision


def _moved(record: Record, days: float, deployment: str) -> Event:
    event = record.event
    if isinstance(event, Decided):
        decision = event.decision
        moved = replace(
            decision, decided_at=_later(decision.decided_at, days), expires_at=_later(decision.expires_at, days)
        )
        return Decided(decision=moved)
    if isinstance(event, DeploymentObserved) and deployment:
        return DeploymentObserved(deployment=replace(event.deployment, id=deployment))
    return event


def _later(at: str, days: float) -> str:
    return iso(datetime.fromisoformat(at) + timedelta(days=days))
