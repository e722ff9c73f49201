"""Runs derived again from what a reader of their journal gets."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fakes.builders import records
from validator.failures.rules import Rule
from validator.gates.policy import Policy
from validator.model.events import Event, Record, RunStarted
from validator.model.replay import Replay
from validator.pipeline.replay import replay
from validator.pipeline.terms import recorded_basis
from validator.support.codec import decode, encode


def journalled(events: Sequence[Event]) -> list[Record]:
    """The records as a reader of the journal gets them."""
    return [decode(Record, encode(record)) for record in records((float(n), event) for n, event in enumerate(events))]


def replayed(events: Sequence[Event], *, policy: Policy | None = None, rules: tuple[Rule, ...] | None = None) -> Replay:
    kept = journalled(events)
    started = kept[0].event
    assert isinstance(started, RunStarted)
    return replay(kept, recorded_basis(started, policy=policy, rules=rules))
