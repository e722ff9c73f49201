"""What is known about a deployment when the gate is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from validator.gates.check import Answer, Claim, Question, Refusal, Ruling, check
from validator.gates.document import read_decision
from validator.history.acts import ActKind
from validator.history.errors import HistoryError
from validator.history.store import History
from validator.history.views import ActView, GateRecord, RunFilter, RunSummary
from validator.model.decision import ExitCode
from validator.model.errors import UsageError, ValidatorError
from validator.reports.decision_json import render_decision
from validator.reports.state import fold
from validator.support.clock import Clock
from validator.support.stop import Stop
from validator.support.text import one_line

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
        code = ExitCode.USAGE if isinstance(error, UsageError) else ExitCode.UNDECIDED
        line = f"closed: {one_line(error.text, 300)}"
        return None, Answer(open=False, exit_code=code, line=line, refusal=Refusal.NO_DECISION)
    return known, check(question, known.claim, known.ruling, newer=known.newer, now=now)


def unavailable(error: ValidatorError) -> Source:
    """A source that could not be opened."""

    def source(_question: Question, _now: datetime) -> Known:
        raise error

    return source


def from_history(history: History) -> Source:
    """The newest decision in the record of runs, with what people answered and what came since."""

    def source(question: Question, now: datetime) -> Known:
        latest = _latest(history, question)
        newest = next(iter(_newest(history, question)), None)
        running = newest.id if newest is not None and _in_progress(newest, now) else ""
        if latest is None:
            return Known(claim=None, running=running)
        document = render_decision(fold(history.log.records(latest.run)))
        if document is None:
            remedy = "run `validator history verify`"
            raise HistoryError("the record has no decision", where=f"run {latest.run}", remedy=remedy)
        rulings = [_ruling(act) for act in latest.acts if act.kind.decides]
        return Known(
            claim=read_decision(document, f"run {latest.run}"),
            ruling=rulings[-1] if rulings else None,
            newer=_what_is_newer(newest, latest.run, latest.deployment, now),
            running=running,
        )

    return source


def _latest(history: History, question: Question) -> GateRecord | None:
    """The newest decision. Where clocks and record disagree which that is, the one that does not open.

    A machine whose clock is late makes a decision that looks older than an approval that it came after.
    """
    subject = {"revision": question.revision, "deployment": question.deployment}
    latest = history.decisions.latest(question.environment, **subject)
    if latest is None or not latest.decision.verdict.opens or not any(subject.values()):
        return latest
    return history.decisions.last_stored(question.environment, **subject) or latest


def _newest(history: History, question: Question) -> tuple[RunSummary, ...]:
    return history.runs.page(RunFilter(environment=question.environment), limit=1).runs


def _in_progress(run: RunSummary, now: datetime) -> bool:
    silent = now - datetime.fromisoformat(run.last_at)
    return run.verdict is None and not run.finished_at and silent < DEAD_AFTER


def _what_is_newer(newest: RunSummary | None, run: str, deployment: str, now: datetime) -> str:
    """A newer run than the one that decided, of another deployment or without a decision, one sentence."""
    if newest is None or newest.id == run:
        return ""
    if newest.verdict is None:
        state = "is in progress" if _in_progress(newest, now) else "ended without a decision"
        return f"the newer run {newest.id} {state}"
    if newest.deployment != deployment:
        return f"run {newest.id} has validated deployment {newest.deployment or '(unknown)'} since"
    return ""


def _ruling(act: ActView) -> Ruling:
    return Ruling(
        opens=act.kind is ActKind.OVERRIDE,
        kind=act.kind,
        by=act.by,
        reason=act.reason,
        deployment=act.deployment,
        expires_at=_moment(act),
    )


def _moment(act: ActView) -> datetime | None:
    if not act.expires_at and act.kind is not ActKind.OVERRIDE:
        return None
    try:
        return datetime.fromisoformat(act.expires_at)
    except ValueError as error:
        remedy = "run `validator history verify`"
        raise HistoryError("an answer has no readable end", where=f"act {act.id}", remedy=remedy) from error
