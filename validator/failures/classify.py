"""One attempt's evidence in, its outcome and failure out. Pure: the same evidence always gives the same answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from validator.failures.lines import lines
from validator.failures.rules import Rule
from validator.model.attempt import AttemptOutcome, Evidence, StepStatus
from validator.model.causes import Cause, Family
from validator.model.failure import Failure, Quote
from validator.model.rules import Source

MAX_QUOTES = 5
MAX_QUOTE_LENGTH = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """How an attempt ended and, unless it passed, why."""

    outcome: AttemptOutcome
    failure: Failure | None


def classify(evidence: Evidence, rules: Sequence[Rule]) -> Classification:
    """Decide what the evidence of one attempt means.

    A runner's "passed" stands only when no rule that overrules it matches; anything else that no rule recognises is
    `unknown`, which neither passes nor blocks.
    """
    found = next(matches(evidence, rules), None)
    if found is not None:
        return Classification(outcome=outcome_of(found.cause), failure=found)
    if _claims_pass(evidence):
        return Classification(outcome=AttemptOutcome.PASSED, failure=None)
    return Classification(outcome=AttemptOutcome.ERROR, failure=_unknown(evidence))


def matches(evidence: Evidence, rules: Sequence[Rule]) -> Iterator[Failure]:
    """What each rule that may speak makes of the evidence, in the order of the rules: the first one decides."""
    sources, passed = lines(evidence), _claims_pass(evidence)
    for rule in rules:
        failure = _apply(rule, sources, evidence) if rule.overrules or not passed else None
        if failure is not None:
            yield failure


def _claims_pass(evidence: Evidence) -> bool:
    return evidence.runner.passed and not evidence.preparation


def outcome_of(cause: Cause) -> AttemptOutcome:
    """Whether a cause says that something is wrong with the product, or that it could not be measured."""
    match cause.family:
        case Family.PRODUCT | Family.BACKEND | Family.BUILD:
            return AttemptOutcome.FAILED
        case Family.THROTTLED | Family.INFRASTRUCTURE | Family.FLOW | Family.UNKNOWN:
            return AttemptOutcome.ERROR
        case family:
            assert_never(family)


def _apply(rule: Rule, sources: Mapping[Source, tuple[str, ...]], evidence: Evidence) -> Failure | None:
    found = [(line, hit) for line in sources[rule.source] if (hit := rule.pattern.search(line))]
    if not found:
        return None
    cause = rule.cause if rule.cause is not None else Cause(found[0][1].group(1))
    quotes = [Quote(source=rule.source, line=_shorten(line)) for line, _ in found]
    if cause in (Cause.APP_CRASH, Cause.APP_ANR) and rule.source is not Source.CRASH_LOG:
        quotes += [Quote(source=Source.CRASH_LOG, line=_shorten(line)) for line in sources[Source.CRASH_LOG]]
    return Failure(cause=cause, rule=rule.id, why=rule.why, quotes=tuple(quotes[:MAX_QUOTES]), step=last_step(evidence))


def telling_quote(failure: Failure) -> str:
    """The one line to show where there is room for one: what the app itself said of its crash, else the first."""
    said = [quote.line for quote in failure.quotes if quote.source == Source.CRASH_LOG and _BLAME.search(quote.line)]
    first = failure.quotes[0].line if failure.quotes else ""
    return said[0] if said else first


_BLAME = re.compile(r"\b[\w.$]+(Exception|Error)\b|Fatal signal|Abort message|\bANR in ")


def _unknown(evidence: Evidence) -> Failure:
    report = evidence.runner
    said = report.message or (report.output[-1] if report.output else f"exit code {report.exit_code}")
    return Failure(
        cause=Cause.UNKNOWN,
        rule="none",
        why="No rule recognised this failure, so it neither passes nor blocks.",
        quotes=(Quote(source=Source.RUNNER, line=_shorten(said)),),
        step=last_step(evidence),
    )


def last_step(evidence: Evidence) -> str:
    """The step at which the flow ended: the one that failed, or that never got an answer."""
    ended = [step for step in evidence.runner.steps if step.status in (StepStatus.FAILED, StepStatus.RUNNING)]
    return ended[-1].text if ended else ""


def _shorten(line: str) -> str:
    return line if len(line) <= MAX_QUOTE_LENGTH else line[: MAX_QUOTE_LENGTH - 1] + "…"
