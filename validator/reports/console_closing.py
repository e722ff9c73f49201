"""What the console says last: a table, what went wrong, the decision, and what to do next. For a person at 3 a.m."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from validator.model.causes import Cause
from validator.model.events import AlertFailed
from validator.model.flow import FlowOutcome
from validator.reports.console_lines import BAD, GREY, OUTCOME_STYLES, VERDICT_STYLES, WARNING
from validator.reports.state import FlowState, RunState
from validator.reports.words import (
    banner_words,
    cause_words,
    devices,
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
    worst_last,
)
from validator.support.text import one_line

_MOST_GROUPS = 12
_MOST_NAMES = 12
_NAME, _TEXT = 120, 300


def closing(state: RunState, folder: str) -> Iterator[RenderableType]:
    """The closing report, piece by piece; what matters most stands last, where the eye is.

    Args:
        state: The run.
        folder: Where the reports lie, as a person would type it; empty when there are none.
    """
    yield Text()
    yield Hanging("Tested", subject_words(state))
    yield Text()
    if state.flows:
        yield _table(state)
    yield from _troubles(state, folder)
    yield Text()
    yield _banner(state)
    yield from _reasons(state)
    yield from _steps(state)
    yield from _alerts(state)
    if folder:
        yield Hanging("Report", f"{folder.rstrip('/')}/index.html")


def _table(state: RunState) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    table.add_column("Flow", ratio=4, overflow="fold")
    table.add_column("Outcome", no_wrap=True, width=12)
    table.add_column("Cause", ratio=5, overflow="fold")
    table.add_column("Device", min_width=14, max_width=24, overflow="fold")
    table.add_column("Time", no_wrap=True, justify="right", width=8)
    table.add_column("Tries", no_wrap=True, justify="right", width=5)
    for flow in worst_last(state.flows):
        table.add_row(
            Text(one_line(flow.name, _NAME) + ("" if flow.required else " (info)")),
            Text(outcome_words(flow), style=_style(flow)),
            Text(one_line(cause_words(flow), _NAME)),
            Text("\n".join(one_line(device, _NAME) for device in devices(flow)) or "-"),
            Text(time_words(flow)),
            Text(str(len(flow.attempts))),
        )
    return table


def _style(flow: FlowState) -> str:
    return OUTCOME_STYLES[flow.settled.outcome] if flow.settled is not None else BAD


def _troubles(state: RunState, folder: str) -> Iterator[RenderableType]:
    if state.stage_failure is not None:
        failure = state.stage_failure
        yield Text()
        yield Text.assemble((f"Stage {one_line(failure.stage, _NAME)} failed: ", BAD), failure.cause.meaning)
        yield Hanging(" ", failure.message)
    groups = _grouped(state)
    for flows in groups[:_MOST_GROUPS]:
        yield Text()
        yield from _group(flows, folder)
    if len(groups) > _MOST_GROUPS:
        yield Text(f"… and {len(groups) - _MOST_GROUPS} more causes: see the report", style=GREY)


def _grouped(state: RunState) -> list[list[FlowState]]:
    """Flows that did not pass, worst first, together when outcome, cause and reason are the same."""
    groups: dict[tuple[str, Cause | None, str], list[FlowState]] = {}
    for flow in worst_first(flow for flow in state.flows if is_trouble(flow.settled)):
        settled = flow.settled
        key = (outcome_words(flow), settled.cause if settled else None, settled.why if settled else "")
        groups.setdefault(key, []).append(flow)
    return list(groups.values())


def _group(flows: Sequence[FlowState], folder: str) -> Iterator[RenderableType]:
    first = flows[0]
    names = ", ".join(one_line(flow.name, _NAME) for flow in flows[:_MOST_NAMES])
    more = f" and {len(flows) - _MOST_NAMES} more" if len(flows) > _MOST_NAMES else ""
    head = f"{names}{more}"
    yield Text.assemble((head, "bold"), ": ", (outcome_words(first), _style(first)), ", ", cause_words(first))
    settled = first.settled
    if settled is None or settled.outcome is FlowOutcome.PASSED:
        return
    where = f" ({one_line(first.name, _NAME)})" if len(flows) > 1 else ""
    failed = [attempt.folder for attempt in first.attempts if attempt.failure is not None]
    details = (
        (f"step{where}", settled.step),
        ("why", settled.why),
        ("quote", settled.quote),
        ("evidence", f"{folder.rstrip('/')}/{failed[0]}".lstrip("/") if failed else ""),
    )
    for label, text in details:
        if text:
            yield Hanging(f"  {label}", text, indent=12)


class Hanging:
    """A label and a text that wraps beside it; no line ends in spaces, so that logs stay clean."""

    def __init__(self, label: str, text: str, *, indent: int = 0) -> None:
        self._label = label
        self._text = Text(one_line(text, _TEXT))
        self._indent = max(indent, len(label) + 1)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        margin = Text(self._label.ljust(self._indent), style=GREY)
        for part in self._text.wrap(console, max(options.max_width - self._indent, 20), overflow="fold"):
            part.rstrip()
            yield Text.assemble(margin, part)
            margin = Text(" " * self._indent)


def _banner(state: RunState) -> Panel:
    style = VERDICT_STYLES[state.decision.verdict] if state.decision is not None else "bold white on magenta"
    words = Text(f"{banner_words(state)}: {one_line(gate_words(state), _TEXT)}", justify="center")
    return Panel(words, box=box.HEAVY, style=style, expand=True, subtitle=f"exit code {exit_code(state).value}")


def _reasons(state: RunState) -> Iterator[RenderableType]:
    if state.decision is None:
        return
    for reason in state.decision.reasons:
        flows = ", ".join(one_line(name, _NAME) for name in reason.flows[:_MOST_NAMES])
        more = f" and {len(reason.flows) - _MOST_NAMES} more" if len(reason.flows) > _MOST_NAMES else ""
        yield Hanging("-", f"{reason.message}: {flows}{more}" if flows else reason.message)
    if state.decision.flows:
        yield Hanging("-", tally(state.decision))


def _steps(state: RunState) -> Iterator[RenderableType]:
    steps = [*next_steps(state), *filter(None, [rollback_words(state)])]
    yield Text()
    yield Text("What to do next", style="bold")
    for number, step in enumerate(steps, start=1):
        yield Hanging(f"{number}.", step)
    yield Text()


def _alerts(state: RunState) -> Iterator[RenderableType]:
    for alert in state.alerts:
        if isinstance(alert, AlertFailed):
            yield Text(
                one_line(f"The alert to {alert.channel} was not delivered: {alert.reason}", _TEXT), style=WARNING
            )
            yield Hanging(" ", alert.remedy)
