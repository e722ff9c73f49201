"""What causes and decisions are derived by: recorded when a run begins, read back when it is replayed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from validator.failures.rules import Rule, built_in_digest, built_in_rules, with_team
from validator.failures.settle import Limits
from validator.gates.policy import Policy
from validator.model.errors import UsageError
from validator.model.events import RunStarted
from validator.model.rules import TeamRule, Terms
from validator.pipeline.judging import Bounds
from validator.support.codec import UndecodableError, decode, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Rules and policy, ready to derive by."""

    rules: Sequence[Rule]
    policy: Policy
    limits: Limits
    notes: tuple[str, ...] = ()
    """What a person should know about where they come from."""

    @property
    def bounds(self) -> Bounds:
        """How often may be tried what did not work."""
        most = self.policy.limits.consecutive_infrastructure
        return Bounds(limits=self.limits, consecutive_infrastructure=most)


def terms(policy: Policy, limits: Limits, team_rules: Iterable[TeamRule]) -> Terms:
    """What a run records of its rules and policy."""
    return Terms(
        policy=policy.canonical.decode(),
        limits=encode(limits).decode(),
        team_rules=tuple(team_rules),
        built_in_rules=built_in_digest(),
    )


def recorded_basis(started: RunStarted, *, policy: Policy | None = None, rules: Sequence[Rule] | None = None) -> Basis:
    """What a run was judged by, or others in their place.

    Args:
        started: The run's first event.
        policy: The policy to decide by, instead of the recorded one.
        rules: What stands in the place of the built-in rules. The team's own rules stay.

    Raises:
        UsageError: The record does not hold its policy, or holds what cannot be read.
    """
    known = started.terms
    team = known.team_rules if known is not None else ()
    return Basis(
        rules=with_team(built_in_rules() if rules is None else rules, team),
        policy=policy or _policy(started),
        limits=_limits(known),
        notes=tuple(_notes(known, rules is not None)),
    )


def _policy(started: RunStarted) -> Policy:
    usual = Policy()
    if started.terms is None:
        if started.policy == usual.ref:
            return usual
        remedy = "give the gate file of that time with --policy"
        raise UsageError("this run was recorded without the content of its policy", remedy=remedy)
    try:
        return decode(Policy, started.terms.policy)
    except UndecodableError as error:
        remedy = "the record was changed; give the gate file of that time with --policy"
        raise UsageError(f"the recorded policy cannot be read: {error}", remedy=remedy) from error


def _limits(known: Terms | None) -> Limits:
    if known is None:
        return Limits()
    try:
        return decode(Limits, known.limits)
    except UndecodableError as error:
        raise UsageError(f"the recorded limits cannot be read: {error}", remedy="the record was changed") from error


def _notes(known: Terms | None, replaced: bool) -> Iterable[str]:
    if replaced:
        yield "the built-in rules were replaced by those of the file"
    elif known is None:
        yield "the record does not say which rules the run was judged by; these are those of this validator"
    elif known.built_in_rules != built_in_digest():
        yield "this validator's built-in rules are others than those that the run was judged by"
