"""`summary.md`: the run on one page, for a CI job's summary or a pull request. The decision comes first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from validator.model.decision import Decision
from validator.model.events import AlertSent
from validator.reports.markdown import block, code, link, table, text, within
from validator.reports.state import AttemptState, FlowState, RunState
from validator.reports.words import (
    banner_words,
    cause_words,
    devices_words,
    duration,
    exit_code,
    gate_words,
    is_trouble,
    next_steps,
    outcome_words,
    rollback_words,
    subject_words,
    tally,
    time_words,
    worst_first,
)

LIMIT = 1024 * 1024
"""Bytes that GitHub takes as the summary of one step (GitHub Actions, "Workflow commands", job summaries)."""

_ROWS = 400
_NAMES = 20
_NAME_LIMIT = 200


def render_summary(state: RunState, *, base: str | None = "", limit: int = LIMIT) -> str:
    """The summary, at most `limit` bytes long as UTF-8.

    Args:
        state: The run, decided or not.
        base: What stands before the paths of evidence in links; empty when the summary lies in the run's folder,
            None when there is nothing to link to: paths are then only named.
        limit: At least 10,000.
    """
    return within(_blocks(state, base), limit)


def _blocks(state: RunState, base: str | None) -> Iterator[str]:
    decision = state.decision
    yield f"## {banner_words(state)}: {text(gate_words(state))}"
    yield text(subject_words(state))
    yield _facts(state)
    if decision is not None:
        yield _reasons(decision)
    yield _next(state)
    if state.stage_failure is not None:
        failure = state.stage_failure
        yield f"**Stage {text(failure.stage)} failed:** {text(failure.message)}  \n{text(failure.remedy)}"
    yield from _flows(state)
    for flow in worst_first(state.flows):
        if is_trouble(flow.settled) and flow.attempts:
            yield _trouble(flow, base)
    yield from _never_run(state)
    yield from _endings(state)


def _facts(state: RunState) -> str:
    seconds = duration(state.finished.seconds) if state.finished is not None else "not finished"
    return " · ".join(
        (
            f"environment {code(state.environment, _NAME_LIMIT)}",
            f"run {code(state.run, _NAME_LIMIT)}",
            seconds,
            f"exit code {exit_code(state).value}",
        )
    )


def _reasons(decision: Decision) -> str:
    lines = ["**Why**", ""]
    for reason in decision.reasons:
        flows = f": {_names(reason.flows)}" if reason.flows else ""
        lines.append(f"- {text(reason.message)}{flows}")
    return "\n".join(lines)


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(code(name, _NAME_LIMIT) for name in names[:_NAMES])
    return f"{shown} and {len(names) - _NAMES} more" if len(names) > _NAMES else shown


def _next(state: RunState) -> str:
    lines = ["**What to do next**", ""]
    lines += [f"{number}. {text(step)}" for number, step in enumerate(next_steps(state), start=1)]
    rollback = rollback_words(state)
    if rollback:
        lines += ["", text(rollback)]
    return "\n".join(lines)


def _flows(state: RunState) -> Iterator[str]:
    if not state.flows:
        yield "No flow was run."
        return
    if state.decision is not None:
        yield f"**Flows** ({tally(state.decision)})"
    flows = worst_first(state.flows)
    head = ("Flow", "Outcome", "Cause", "Device", "Time", "Attempts")
    yield table(head, (_row(flow) for flow in flows[:_ROWS]))
    if len(flows) > _ROWS:
        yield f"… and {len(flows) - _ROWS} more flows."


def _row(flow: FlowState) -> tuple[str, ...]:
    name = code(flow.name, _NAME_LIMIT)
    return (
        name if flow.required else f"{name} (informational)",
        outcome_words(flow) if not is_trouble(flow.settled) else f"**{outcome_words(flow)}**",
        text(cause_words(flow)),
        text(devices_words(flow), _NAME_LIMIT) if flow.attempts else "-",
        time_words(flow),
        str(len(flow.attempts)),
    )


def _trouble(flow: FlowState, base: str | None) -> str:
    parts = [f"### {code(flow.name, _NAME_LIMIT)}: {outcome_words(flow)}", text(cause_words(flow))]
    for attempt in flow.attempts:
        parts += _attempt(attempt, base)
    return "\n\n".join(parts)


def _never_run(state: RunState) -> Iterator[str]:
    """Flows without an attempt, together when it is for the same reason."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for flow in state.flows:
        if is_trouble(flow.settled) and not flow.attempts:
            why = flow.settled.why if flow.settled is not None else ""
            groups.setdefault((outcome_words(flow), cause_words(flow), why), []).append(flow.name)
    for (outcome, cause, why), names in groups.items():
        yield f"### {_names(names)}: {outcome}\n\n{text(f'{cause}. {why}' if why else cause)}"


def _attempt(attempt: AttemptState, base: str | None) -> Iterator[str]:
    outcome = attempt.outcome.value if attempt.outcome is not None else "did not end"
    where = f"Attempt {attempt.number} ({text(attempt.purpose)}) on {code(attempt.serial, _NAME_LIMIT)}"
    failure = attempt.failure
    if failure is None:
        yield f"{where}, {duration(attempt.seconds)}: {outcome}"
        return
    step = f" at {code(failure.step)}" if failure.step else ""
    yield (
        f"{where}, {duration(attempt.seconds)}: **{failure.cause}**{step}  \n"
        f"{text(failure.why)} (rule {code(failure.rule, _NAME_LIMIT)})"
    )
    if failure.quotes:
        yield block(f"{quote.source}: {quote.line}" for quote in failure.quotes)
    if attempt.files:
        yield f"Evidence: {_links((file.path for file in attempt.files), base)}"


def _links(paths: Iterable[str], base: str | None) -> str:
    shown = list(paths)
    links = [
        code(path) if base is None else link(path.rpartition("/")[2] or path, path, base) for path in shown[:_NAMES]
    ]
    more = [f"and {len(shown) - _NAMES} more"] if len(shown) > _NAMES else []
    return ", ".join([*links, *more])


def _endings(state: RunState) -> Iterator[str]:
    if state.warnings:
        yield "\n".join(["**Warnings**", "", *(f"- {text(warning)}" for warning in state.warnings[:_NAMES])])
    for alert in state.alerts:
        if isinstance(alert, AlertSent):
            yield f"Alert sent to {text(alert.channel)}."
        else:
            yield f"**Alert to {text(alert.channel)} not delivered:** {text(alert.reason)}  \n{text(alert.remedy)}"
    apk = state.apk
    if apk is not None:
        yield f"APK sha256 {code(apk.sha256)}"
