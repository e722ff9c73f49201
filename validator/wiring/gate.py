"""What is known about a deployment when the gate is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from validator.gates.check import Answer, Claim, Question, Refusal, Ruling, check
from validator.history.testimony import DecisionRow, NewestRun, Subject, Testimony
from validator.model.errors import UsageError, ValidatorError
from validator.model.verdict import ExitCode
from validator.support.clock import Clock
from validator.support.stop import Stop
from validator.wiring.gate_record import recorded_claim, recorded_ruling

DEAD_AFTER = timedelta(minutes=15)
"""A run that recorded nothing for so long is taken for dead: each flow, boot and build reports sooner than that."""
_PAUSE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a source has to say."""

    claim: Claim | None
    ruling: Ruling | None = None
    newer: str = ""
    """What is known that is newer than the claim."""
    running: str = ""
    """The run in progress that may still decide."""


Source = Callable[[Question, datetime], Known]


def ask(question: Question, source: Source, clock: Clock, *, wait: float, stop: Stop) -> Answer:
    """Ask the gate; while a run is in progress that may open it, again and again.

    Args:
        question: What is about to be deployed.
        source: Who is asked.
        clock: The time.
        wait: Seconds that a run in progress is waited for at most.
        stop: Ends the waiting.
    """
    until = clock.monotonic() + wait
    while True:
        known, answer = _once(question, source, clock.now())
        left = until - clock.monotonic()
        may_change = known is not None and (bool(known.running) or known.claim is None)
        if answer.open or not may_change or left <= 0 or stop.wait(min(_PAUSE, left)):
            return answer


def _once(question: Question, source: Source, now: datetime) -> tuple[Known | None, Answer]:
    try:
        known = source(question, now)
    except ValidatorError as error:
        # an answer that nothing hinders need not load what makes foreign text harmless
        from validator.support.text import one_line  # noqa: PLC0415

        code = ExitCode.USAGE if isinstance(error, UsageError) else ExitCode.UNDECIDED
        line = f"closed: {one_line(error.text, 300)}"
        return None, Answer(open=False, exit_code=code, line=line, refusal=Refusal.NO_DECISION)
    return known, check(question, known.claim, known.ruling, newer=known.newer, now=now)


class Witness(Protocol):
    """Whoever can say what is recorded."""

    def testimony(self, subject: Subject) -> Testimony:
        """What is recorded about a subject."""
        ...


def from_record(witness: Witness) -> Source:
    """The newest decision in the record of runs, with what people answered and what came since."""

    def source(question: Question, now: datetime) -> Known:
        told = witness.testimony(
            Subject(
                tenant=question.tenant,
                environment=question.environment,
                deployment=question.deployment,
                revision=question.revision,
            )
        )
        newest = told.newest
        running = newest.id if newest is not None and _in_progress(newest, now) else ""
        if told.decision is None:
            return Known(claim=None, running=running)
        return Known(
            claim=recorded_claim(told),
            ruling=recorded_ruling(told),
            newer=_what_is_newer(newest, told.decision, now),
            running=running,
        )

    return source


def _in_progress(run: NewestRun, now: datetime) -> bool:
    silent = now - datetime.fromisoformat(run.last_at)
    return not run.verdict and not run.finished_at and silent < DEAD_AFTER


def _what_is_newer(newest: NewestRun | None, decided: DecisionRow, now: datetime) -> str:
    """A newer run than the one that decided, of another deployment or without a decision, one sentence."""
    if newest is None or newest.id == decided.run:
        return ""
    if not newest.verdict:
        state = "is in progress" if _in_progress(newest, now) else "ended without a decision"
        return f"the newer run {newest.id} {state}"
    if newest.deployment != decided.deployment:
        return f"run {newest.id} has validated deployment {newest.deployment or '(unknown)'} since"
    return ""
