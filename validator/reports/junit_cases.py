"""What `junit.xml` says of each flow, before it is XML: one case per expected flow, with all its attempts. Pure.

Nothing that was not measured is a pass: a flow without an outcome, a missing one and a run that never came to its flows
are errors. What counts in JUnit follows the cause: product and backend are failures, everything else is an error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from validator.model.attempt import AttemptOutcome
from validator.model.causes import Cause, Family
from validator.model.decision import StageFailure
from validator.model.failure import Failure
from validator.model.flow import FlowOutcome
from validator.reports.state import AttemptState, FlowState, RunState
from validator.reports.words import cause_words, duration, gate_words, outcome_words
from validator.support.text import one_line, shorten, visible

NAME_LIMIT = 300
LINE_LIMIT = 2_000
TEXT_LIMIT = 20_000
"""Characters of one element's text: consumers refuse big files (GitLab: 30 MB), and `run.json` has everything."""


class Kind(StrEnum):
    """The element that tells how a case ended."""

    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a case, or one attempt of it, did not pass."""

    kind: Kind
    type: str
    """The cause, `missing`, `left_out` or `unsettled`."""
    message: str
    text: str
    """The whole story: some consumers show nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test case."""

    name: str
    classname: str
    file: str = ""
    seconds: float = 0.0
    problem: Problem | None = None
    reruns: tuple[Problem, ...] = ()
    """The attempts beside the one that `problem` tells of; of a flaky flow all that failed."""
    properties: tuple[tuple[str, str], ...] = ()
    output: str = ""


def cases(state: RunState, attachments: str) -> tuple[Case, ...]:
    """All cases of a run, at least one.

    Args:
        state: The run.
        attachments: What to put before a file's path, so that it is relative to where CI looks for it; ends in `/`.
    """
    classname = f"validator.{one_line(state.environment, NAME_LIMIT) or 'run'}"
    found = [_flow_case(flow, state, classname, attachments) for flow in state.flows]
    found += [_left_out_case(name, classname) for name in (state.plan.left_out if state.plan is not None else ())]
    if state.stage_failure is not None:
        found.append(_stage_case(state.stage_failure, f"{classname}.stages"))
    elif not found:
        found.append(_empty_case(state, f"{classname}.stages"))
    return tuple(_unique(found))


def _left_out_case(name: str, classname: str) -> Case:
    words = "the command line left it out, so the run says nothing about it and opens no gate"
    problem = Problem(kind=Kind.SKIPPED, type="left_out", message=words, text=words)
    return Case(name=one_line(name, NAME_LIMIT) or "(no name)", classname=classname, problem=problem)


def _unique(found: list[Case]) -> list[Case]:
    """GitLab keeps only the first of two cases with the same classname and name."""
    taken: set[tuple[str, str]] = set()
    unique = []
    for case in found:
        name, count = case.name, 1
        while (case.classname, name) in taken:
            count += 1
            name = f"{case.name} ({count})"
        taken.add((case.classname, name))
        unique.append(replace(case, name=name))
    return unique


def _flow_case(flow: FlowState, state: RunState, classname: str, attachments: str) -> Case:
    main = _deciding(flow)
    others = [attempt for attempt in flow.attempts if attempt.failure is not None and attempt is not main]
    return Case(
        name=one_line(flow.name, NAME_LIMIT) or "(no name)",
        classname=classname,
        file=_file(flow, state),
        seconds=flow.seconds,
        problem=_problem(flow, main),
        reruns=tuple(_attempt_problem(attempt) for attempt in others) if _shows_reruns(flow) else (),
        properties=_properties(flow, state),
        output=_output(flow, attachments),
    )


def _file(flow: FlowState, state: RunState) -> str:
    if flow.planned is None or state.plan is None:
        return ""
    return one_line(f"{state.plan.workspace}/{flow.planned.file}", NAME_LIMIT)


def _shows_reruns(flow: FlowState) -> bool:
    """A pass after infrastructure failed is a plain pass: it must not be counted as flaky."""
    return flow.settled is None or flow.settled.outcome is not FlowOutcome.PASSED


def _deciding(flow: FlowState) -> AttemptState | None:
    """The attempt that the case's own element tells of: the first one with the cause that decided."""
    settled = flow.settled
    if settled is None or settled.outcome in (FlowOutcome.PASSED, FlowOutcome.FLAKY):
        return None
    failed = [attempt for attempt in flow.attempts if attempt.failure is not None]
    same = [attempt for attempt in failed if attempt.failure is not None and attempt.failure.cause is settled.cause]
    return next(iter(same or failed), None)


def _problem(flow: FlowState, main: AttemptState | None) -> Problem | None:
    settled = flow.settled
    if settled is None:
        return _without_outcome(Kind.ERROR, "unsettled", flow)
    match settled.outcome:
        case FlowOutcome.PASSED | FlowOutcome.FLAKY:
            return None
        case FlowOutcome.MISSING:
            return _without_outcome(Kind.ERROR if settled.required else Kind.SKIPPED, "missing", flow)
        case FlowOutcome.FAILED | FlowOutcome.INCONCLUSIVE if not settled.required and _only_skipped(flow):
            return _without_outcome(Kind.SKIPPED, "skipped", flow)
        case FlowOutcome.FAILED | FlowOutcome.INCONCLUSIVE:
            return _settled_problem(flow, main)
        case _:
            assert_never(settled.outcome)


def _only_skipped(flow: FlowState) -> bool:
    return bool(flow.attempts) and all(attempt.outcome is AttemptOutcome.SKIPPED for attempt in flow.attempts)


def _settled_problem(flow: FlowState, main: AttemptState | None) -> Problem:
    settled = flow.settled
    if main is not None and main.failure is not None and settled is not None and main.failure.cause is settled.cause:
        return _attempt_problem(main)
    cause = settled.cause if settled is not None else None
    lines = [cause_words(flow)]
    if settled is not None:
        lines += [line for line in (settled.why, settled.step and f"step: {settled.step}", settled.quote) if line]
    return Problem(
        kind=_kind(cause),
        type=cause.value if cause is not None else Cause.UNKNOWN.value,
        message=one_line(": ".join(lines[:2]), NAME_LIMIT),
        text=_text(lines),
    )


def _without_outcome(kind: Kind, name: str, flow: FlowState) -> Problem:
    words = cause_words(flow) or "it was not run"
    why = flow.settled.why if flow.settled is not None else ""
    return Problem(kind=kind, type=name, message=words, text=_text([words, why] if why else [words]))


def _attempt_problem(attempt: AttemptState) -> Problem:
    failure = attempt.failure
    cause = failure.cause if failure is not None else Cause.UNKNOWN
    why = failure.why if failure is not None else ""
    return Problem(
        kind=_kind(cause),
        type=cause.value,
        message=one_line(f"{cause.meaning}: {why}" if why else cause.meaning, NAME_LIMIT),
        text=_text(_story(attempt, failure)),
    )


def _kind(cause: Cause | None) -> Kind:
    return Kind.FAILURE if cause is not None and cause.family in (Family.PRODUCT, Family.BACKEND) else Kind.ERROR


def _story(attempt: AttemptState, failure: Failure | None) -> list[str]:
    where = f"attempt {attempt.number} ({attempt.purpose}) on {attempt.serial}, {duration(attempt.seconds)}"
    if failure is None:
        return [where]
    lines = [f"{failure.cause.meaning} ({failure.cause})", failure.why, f"rule: {failure.rule}"]
    if failure.step:
        lines.append(f"step: {failure.step}")
    lines.append(where)
    return [*lines, *(f"{quote.source}: {quote.line}" for quote in failure.quotes)]


def _text(lines: list[str]) -> str:
    return shorten("\n".join(one_line(line, LINE_LIMIT) for line in lines), TEXT_LIMIT)


def _properties(flow: FlowState, state: RunState) -> tuple[tuple[str, str], ...]:
    settled = flow.settled
    cause = settled.cause if settled is not None else None
    failures = [attempt.failure for attempt in flow.attempts if attempt.failure is not None]
    rule = next((failure.rule for failure in failures if failure.cause is cause), "")
    found = {
        "outcome": outcome_words(flow),
        "cause": cause.value if cause is not None else "",
        "family": cause.family.value if cause is not None else "",
        "rule": rule,
        "step": settled.step if settled is not None else "",
        "required": "true" if flow.required else "false",
        "flaky": "true" if settled is not None and settled.outcome is FlowOutcome.FLAKY else "false",
        "attempts": str(len(flow.attempts)),
        "device": ", ".join(dict.fromkeys(attempt.serial for attempt in flow.attempts)),
        **subject_properties(state),
    }
    return tuple((name, one_line(value, LINE_LIMIT)) for name, value in found.items() if value)


def subject_properties(state: RunState) -> dict[str, str]:
    """What was tested, for every case and for the suite."""
    apk, deployment = state.apk, state.deployment
    return {
        "run": state.run,
        "apk.sha256": apk.sha256 if apk is not None else "",
        "deployment.id": deployment.id if deployment is not None else "",
        "deployment.revision": deployment.revision if deployment is not None else "",
    }


def _output(flow: FlowState, attachments: str) -> str:
    lines = []
    for attempt in flow.attempts:
        outcome = attempt.outcome.value if attempt.outcome is not None else "did not end"
        cause = f" ({attempt.failure.cause})" if attempt.failure is not None else ""
        lines.append(
            one_line(
                f"attempt {attempt.number} ({attempt.purpose}): {outcome}{cause} on {attempt.serial}, "
                f"{duration(attempt.seconds)}",
                LINE_LIMIT,
            )
        )
        lines += [f"[[ATTACHMENT|{attachments}{file.path}]]" for file in attempt.screenshots if _is_plain(file.path)]
    return "\n".join(lines)


def _is_plain(path: str) -> bool:
    """Whether the path can stand in an attachment mark without ending it."""
    return path == visible(path) and not any(mark in path for mark in ("]]", "|", "\n"))


def _stage_case(failure: StageFailure, classname: str) -> Case:
    lines = [f"{failure.cause.meaning} ({failure.cause})", failure.message, f"what to do: {failure.remedy}"]
    return Case(
        name=one_line(f"stage {failure.stage}", NAME_LIMIT),
        classname=classname,
        problem=Problem(
            kind=_kind(failure.cause),
            type=failure.cause.value,
            message=one_line(failure.message, NAME_LIMIT),
            text=_text(lines),
        ),
        properties=(("cause", failure.cause.value), ("family", failure.cause.family.value)),
    )


def _empty_case(state: RunState, classname: str) -> Case:
    words = f"no flow was run; {gate_words(state)}"
    problem = Problem(kind=Kind.ERROR, type="missing", message=words, text=words)
    return Case(name="flows", classname=classname, problem=problem)
