"""All attempts of one flow in, what to do next out: run it again, or settle it. Pure.

A product failure is confirmed, never cured: it is run once more, with a fresh user, on another device where there is
one. The same cause at the same step again makes the flow `failed`, a pass makes it `flaky`, anything else is
`inconclusive`. A 503 says of itself that it will pass, so it is confirmed twice. Infrastructure is retried elsewhere
within limits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from validator.failures.throttling import DEFAULT_WAIT, LONGEST_WAIT, is_too_long, will_pass
from validator.model.attempt import AttemptOutcome
from validator.model.causes import Cause, Family
from validator.model.failure import Failure
from validator.model.flow import FlowOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One finished attempt, as far as settling is concerned."""

    outcome: AttemptOutcome
    failure: Failure | None
    serial: str
    asked_wait: float = 0.0
    """Seconds that production asked to be left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often one flow may be run again, by family of the failure; 0 means never."""

    infrastructure: int = 2
    throttled: int = 2
    unknown: int = 1
    backend: int = 1
    product: int = 1
    """Runs that confirm a product failure."""
    passing: int = 2
    """Runs that confirm an answer which says that it will pass (503): one that sheds load hits some calls by chance."""
    attempts: int = 4
    """The most attempts of one flow, whatever they came to."""

    def of(self, family: Family) -> int:
        """The limit of one family. Build and flow errors are the same every time: never again."""
        return {
            Family.INFRASTRUCTURE: self.infrastructure,
            Family.THROTTLED: self.throttled,
            Family.UNKNOWN: self.unknown,
            Family.BACKEND: self.backend,
            Family.PRODUCT: self.product,
            Family.BUILD: 0,
            Family.FLOW: 0,
        }[family]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Run the flow once more."""

    purpose: str
    """`confirm` or `retry`."""
    reason: str
    failure: Failure
    """What made it necessary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The flow's outcome is final."""

    outcome: FlowOutcome
    failure: Failure | None
    """What decided it; the first failure of a flaky flow."""


def settle(tried: Sequence[Tried], limits: Limits) -> Again | Settled:
    """Say what becomes of a flow after its latest attempt.

    Args:
        tried: Its attempts in order; at least one.
        limits: How often each family may be tried again.
    """
    failures = [attempt.failure for attempt in tried if attempt.failure is not None]
    latest = tried[-1]
    if latest.failure is None:
        return _passed(failures)
    final = _confirmed(failures, limits) or _contradicted(failures)
    if final is not None:
        return final
    if is_too_long(latest.failure, latest.asked_wait):
        return Settled(outcome=FlowOutcome.INCONCLUSIVE, failure=_not_waited(latest.failure))
    if len(tried) >= limits.attempts:
        return Settled(outcome=FlowOutcome.INCONCLUSIVE, failure=latest.failure)
    return _again_or_inconclusive(failures, latest.failure, limits, latest.asked_wait)


def _not_waited(failure: Failure) -> Failure:
    why = f"{failure.why} It asks to wait for longer than a run does, which is {LONGEST_WAIT:.0f} s at most."
    return replace(failure, why=why)


def _passed(failures: Sequence[Failure]) -> Settled:
    visible = [failure for failure in failures if failure.cause.family not in _HARMLESS]
    if visible:
        return Settled(outcome=FlowOutcome.FLAKY, failure=visible[0])
    return Settled(outcome=FlowOutcome.PASSED, failure=None)


_HARMLESS = (Family.INFRASTRUCTURE, Family.THROTTLED)
"""Failures that say nothing about the app: a pass after them is a plain pass, with all attempts still shown."""

_CONFIRMABLE = (Family.PRODUCT, Family.BACKEND)


def _confirmed(failures: Sequence[Failure], limits: Limits) -> Settled | None:
    seen: Counter[tuple[Cause, str]] = Counter()
    for failure in failures:
        if failure.cause.family is Family.BUILD:
            return Settled(outcome=FlowOutcome.FAILED, failure=failure)
        key = _same(failure)
        seen[key] += 1
        if failure.cause.family in _CONFIRMABLE and seen[key] > _confirmations(failure, limits):
            return Settled(outcome=FlowOutcome.FAILED, failure=failure)
    return None


def _confirmations(failure: Failure, limits: Limits) -> int:
    return limits.passing if will_pass(failure) else 1


def _same(failure: Failure) -> tuple[Cause, str]:
    """What makes two failures one.

    For what the app shows it is cause and step. For a crash, a hang or the backend it is the cause alone: at which step
    they are noticed depends on timing.
    """
    return failure.cause, failure.step if failure.cause in (Cause.APP_ASSERTION, Cause.SIGNIN_FAILED) else ""


def _contradicted(failures: Sequence[Failure]) -> Settled | None:
    confirmable = [failure for failure in failures if failure.cause.family in _CONFIRMABLE]
    if len({_same(failure) for failure in confirmable}) < 2:
        return None
    return Settled(outcome=FlowOutcome.INCONCLUSIVE, failure=confirmable[0])


def _again_or_inconclusive(
    failures: Sequence[Failure], latest: Failure, limits: Limits, asked: float
) -> Again | Settled:
    family = latest.cause.family
    spent = sum(1 for failure in failures if failure.cause.family is family)
    if spent > (limits.passing if will_pass(latest) else limits.of(family)):
        return Settled(outcome=FlowOutcome.INCONCLUSIVE, failure=latest)
    if family in _CONFIRMABLE:
        return Again(purpose="confirm", reason=f"{latest.cause}: once more, to confirm it", failure=latest)
    how = _throttled(asked) if family is Family.THROTTLED else "elsewhere if possible"
    return Again(purpose="retry", reason=f"{latest.cause}: once more, {how}", failure=latest)


def _throttled(asked: float) -> str:
    when = (
        f"in {asked:.0f} s, as production asks" if asked else f"in {DEFAULT_WAIT:.0f} s; production does not say when"
    )
    return f"with a fresh user on any device, {when}"
