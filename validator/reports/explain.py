"""Why a run came to what it came to, for a person at 3 a.m.: `validator explain`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from validator.model.attempt import AttemptOutcome
from validator.model.decision import Verdict
from validator.model.errors import UsageError
from validator.model.explanation import ExplainedAttempt, ExplainedFlow, Explanation, Otherwise
from validator.model.flow import FlowOutcome
from validator.reports.console import print_text
from validator.reports.console_closing import Hanging
from validator.reports.console_lines import BAD, GOOD, OUTCOME_STYLES, VERDICT_STYLES, WARNING
from validator.reports.words import NO_DECISION, duration, verdict_words
from validator.support.text import one_line

_NAME = 120
_LABEL = 15


def explain_text(
    explanation: Explanation, *, width: int = 100, color: bool = False, folder: str = "", whole: bool = False
) -> str:
    """The explanation as text; what matters most stands last, where the eye is.

    Args:
        explanation: What is told, of the flows that were asked for.
        width: Columns; 80 or more.
        color: Write colours as terminal sequences.
        folder: Where the run's files lie; empty when they are gone.
        whole: Tell all about flows that passed at once, too.
    """
    return print_text(_pieces(explanation, folder, whole=whole), width=width, color=color)


def only(flows: Sequence[ExplainedFlow], name: str) -> tuple[ExplainedFlow, ...]:
    """The flow of this name, or the one whose name begins so, whatever the case.

    Raises:
        UsageError: There is none, or there are several.
    """
    exact = [flow for flow in flows if flow.name == name]
    likely = exact or [flow for flow in flows if flow.name.lower().startswith(name.lower())]
    if len(likely) == 1:
        return tuple(likely)
    names = ", ".join(flow.name for flow in likely or flows) or "none"
    what = f"several flows begin with {name!r}" if likely else f"this run has no flow {name!r}"
    raise UsageError(what, remedy=f"there are: {names}")


def _pieces(explanation: Explanation, folder: str, *, whole: bool) -> Iterator[RenderableType]:
    for flow in sorted(explanation.flows, key=_lightness, reverse=True):
        yield from _flow(flow, folder, explanation.verdict, whole=whole)
    yield Text()
    verdict = explanation.verdict
    words = verdict_words(verdict) if verdict is not None else NO_DECISION
    style = VERDICT_STYLES[verdict] if verdict is not None else BAD
    yield Text.assemble((f" {words} ", style), f"  {one_line(explanation.environment, _NAME)}, run {explanation.run}")
    if explanation.decided_by:
        yield Hanging("decided by", explanation.decided_by)
    yield from _otherwise(explanation.otherwise, verdict)
    for note in explanation.notes:
        yield Hanging("Note", note)


def _lightness(flow: ExplainedFlow) -> tuple[bool, bool]:
    passed = flow.settled is not None and flow.settled.outcome is FlowOutcome.PASSED
    return passed, not flow.required


def _flow(flow: ExplainedFlow, folder: str, verdict: Verdict | None, *, whole: bool) -> Iterator[RenderableType]:
    settled = flow.settled
    plain = settled is not None and settled.outcome is FlowOutcome.PASSED and len(flow.attempts) == 1
    if not plain or whole:
        yield Text()
    outcome = settled.outcome.value if settled is not None else "without an outcome"
    style = OUTCOME_STYLES[settled.outcome] if settled is not None else BAD
    info = "" if flow.required else " (info)"
    yield Text.assemble((one_line(flow.name, _NAME) + info, "bold"), ": ", (outcome, style), _because(flow))
    if plain and not whole:
        return
    if not flow.attempts and settled is not None and settled.why:
        yield Hanging("  why", settled.why, indent=_LABEL)
    for attempt in flow.attempts:
        yield from _attempt(attempt, folder)
    yield from _otherwise(flow.otherwise, verdict)


def _because(flow: ExplainedFlow) -> str:
    settled = flow.settled
    if settled is None or settled.outcome is FlowOutcome.PASSED or settled.cause is None:
        return ""
    return f", {settled.cause.meaning} ({settled.cause})"


def _attempt(attempt: ExplainedAttempt, folder: str) -> Iterator[RenderableType]:
    outcome = attempt.outcome
    words = outcome.value if outcome is not None else "the run ended under it"
    style = GOOD if outcome is AttemptOutcome.PASSED else WARNING
    purpose = {"confirm": ", to confirm", "retry": ", once more"}.get(attempt.purpose, "")
    lasted = f", {duration(attempt.seconds)}" if outcome is not None else ""
    cause = f", {attempt.failure.cause}" if attempt.failure is not None else ""
    head = f"  Attempt {attempt.number} on {one_line(attempt.serial, _NAME)}{purpose}{lasted}: "
    yield Text.assemble(head, (words + cause, style))
    for label, text in _details(attempt):
        yield Hanging(f"    {label}", text, indent=_LABEL)
    if folder and outcome is not None and outcome is not AttemptOutcome.PASSED:
        yield Hanging("    evidence", f"{folder.rstrip('/')}/{attempt.folder}", indent=_LABEL)


def _details(attempt: ExplainedAttempt) -> Iterator[tuple[str, str]]:
    label = "seen"
    for fact in attempt.seen:
        yield label, f"{fact.subject}: {fact.text}"
        label = ""
    failure = attempt.failure
    if failure is not None:
        yield "rule", f"{failure.rule}: {failure.why}"
        label = "quotes"
        for quote in failure.quotes:
            yield label, f"{quote.source}: {quote.line}"
            label = ""
        if failure.step:
            yield "at step", failure.step
    label = "outweighed"
    for other in attempt.outweighed:
        yield label, f"{other.rule} ({other.cause}): {other.why}"
        label = ""
    if attempt.outcome is not None:
        yield "so", attempt.followed


def _otherwise(alternatives: Sequence[Otherwise], verdict: Verdict | None) -> Iterator[RenderableType]:
    label = "  otherwise"
    for other in alternatives:
        yield Hanging(label, f"had {other.had}: {other.then}{_decided(other, verdict)}", indent=_LABEL)
        label = ""


def _decided(other: Otherwise, verdict: Verdict | None) -> str:
    if other.verdict is None:
        return ""
    still = "still " if other.verdict is verdict else ""
    return f", the run {still}{other.verdict.replace('_', ' ')}"
