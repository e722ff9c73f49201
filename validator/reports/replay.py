"""A run derived again, beside what was recorded: `validator gate replay`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from validator.model.decision import Decision, SettledFlow
from validator.model.replay import Judged, Replay, ReplayedAttempt, ReplayedFlow
from validator.reports.console import print_text
from validator.reports.console_closing import Hanging
from validator.reports.console_lines import GOOD, OUTCOME_STYLES, VERDICT_STYLES, WARNING
from validator.reports.words import verdict_words
from validator.support.codec import encode_pretty
from validator.support.text import one_line

SCHEMA = "validator.replay/v1"
_NAME, _LABEL = 120, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDocument:
    """What `--json` prints."""

    schema: str
    same: bool
    replay: Replay


def replay_json(replay: Replay) -> bytes:
    """Both results in full."""
    return encode_pretty(ReplayDocument(schema=SCHEMA, same=replay.same, replay=replay))


def replay_text(replay: Replay, *, width: int = 100, color: bool = False) -> str:
    """Whether everything came out the same, or else what differs: causes, outcomes, the decision."""
    return print_text(_pieces(replay), width=width, color=color)


def _pieces(replay: Replay) -> Iterator[RenderableType]:
    attempts = [attempt for attempt in replay.attempts if not attempt.same]
    flows = [flow for flow in replay.flows if not flow.same]
    for attempt in attempts:
        yield from _attempt(attempt)
    for flow in flows:
        yield from _flow(flow)
    if attempts or flows:
        yield Text()
    yield from _decision(replay)
    for note in replay.notes:
        yield Hanging("Note", note)


def _attempt(attempt: ReplayedAttempt) -> Iterator[RenderableType]:
    yield Text.assemble((f"{one_line(attempt.flow, _NAME)} #{attempt.number}", "bold"))
    yield Hanging("  recorded", _judged(attempt.recorded), indent=_LABEL)
    if not attempt.made:
        yield Hanging("  now", "it would not have been made", indent=_LABEL)
        return
    yield Hanging("  now", _judged(attempt.now), indent=_LABEL)
    failure, before = attempt.now.failure, attempt.recorded.failure
    if failure is not None and (before is None or before.rule != failure.rule):
        for quote in failure.quotes:
            yield Hanging("  quote", f"{quote.source}: {quote.line}", indent=_LABEL)
    elif failure is not None and before is not None and (failure.rule, failure.cause) == (before.rule, before.cause):
        yield Hanging("  differs in", ", ".join(_parts(before, failure)), indent=_LABEL + 2)


def _parts(before: object, now: object) -> Iterator[str]:
    for name in ("why", "quotes", "step"):
        if getattr(before, name) != getattr(now, name):
            yield name


def _judged(judged: Judged) -> str:
    failure = judged.failure
    return f"{judged.outcome}, {failure.cause} by {failure.rule}: {failure.why}" if failure else judged.outcome.value


def _flow(flow: ReplayedFlow) -> Iterator[RenderableType]:
    style = OUTCOME_STYLES[flow.now.outcome] if flow.now is not None else WARNING
    yield Text.assemble((one_line(flow.name, _NAME), "bold"), ", the flow: ", (_settled(flow.now), style))
    yield Hanging("  recorded", _settled(flow.recorded), indent=_LABEL)
    if flow.now is not None and flow.now.why:
        yield Hanging("  why", flow.now.why, indent=_LABEL)


def _settled(flow: SettledFlow | None) -> str:
    if flow is None:
        return "no outcome"
    cause = f", {flow.cause}" if flow.cause is not None else ""
    times = "attempt" if flow.attempts == 1 else "attempts"
    return f"{flow.outcome}{cause} after {flow.attempts} {times}"


def _decision(replay: Replay) -> Iterator[RenderableType]:
    recorded, now = replay.recorded, replay.now
    if recorded == now:
        words = "same decision, byte for byte" if replay.same else "same decision, byte for byte, from other causes"
        yield Text.assemble((words, GOOD if replay.same else WARNING), f": {verdict_words(now.verdict)}")
        return
    yield Text.assemble(
        "decision: recorded ",
        (f" {verdict_words(recorded.verdict)} ", VERDICT_STYLES[recorded.verdict]),
        ", now ",
        (f" {verdict_words(now.verdict)} ", VERDICT_STYLES[now.verdict]),
    )
    for reason in recorded.reasons:
        yield Hanging("  recorded", reason.message, indent=_LABEL)
    for reason in now.reasons:
        yield Hanging("  now", reason.message, indent=_LABEL)
    yield Hanging("  differs in", ", ".join(_differences(recorded, now)), indent=_LABEL + 2)


def _differences(recorded: Decision, now: Decision) -> Iterator[str]:
    for name in Decision.__dataclass_fields__:
        if getattr(recorded, name) != getattr(now, name):
            yield name.replace("_", " ")
