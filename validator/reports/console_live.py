"""What the console shows while a run goes on: one row per device, and how far the run has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from validator.model.attempt import AttemptOutcome
from validator.model.flow import FlowOutcome
from validator.reports.console_lines import BAD, GOOD, GREY, OUTCOME_STYLES
from validator.reports.state import AttemptState, LeasedDevice, RunState
from validator.support.text import one_line

_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed:
    """Seconds since things began, by this machine's clock."""

    run: float
    attempts: Mapping[tuple[str, int], float]
    """By flow and number of each attempt that runs."""


def board(state: RunState, elapsed: Elapsed) -> RenderableType:
    """The rows for the devices under one line for the whole run."""
    return Group(_headline(state, elapsed.run), *([_devices(state, elapsed)] if state.devices else []))


def clock(seconds: float) -> str:
    """A running time: `0:41`, `12:05`, `1:02:03`."""
    minutes, rest = divmod(int(max(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _headline(state: RunState, seconds: float) -> Text:
    words = Text.assemble((clock(seconds), "bold"), "  ", no_wrap=True, overflow="ellipsis")
    if state.plan is None or not state.devices:
        return words.append(_stage(state))
    outcomes = [flow.settled.outcome for flow in state.flows if flow.settled is not None]
    words.append(f"{len(outcomes)} of {len(state.flows)} flows settled")
    for outcome in FlowOutcome:
        if outcome in outcomes:
            words.append(", ").append(f"{outcomes.count(outcome)} {outcome}", style=OUTCOME_STYLES[outcome])
    return words


def _stage(state: RunState) -> str:
    """What is being done before the flows: what is known already tells what comes next."""
    if state.deployment is None:
        return "reading what is live"
    if state.build is None:
        return "waiting for the backend and the APK" if not state.readiness else "building or fetching the APK"
    return "planning" if state.plan is None else "making the devices ready"


def _devices(state: RunState, elapsed: Elapsed) -> Table:
    table = Table(box=None, expand=True, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(ratio=3, no_wrap=True, overflow="ellipsis")
    table.add_column(ratio=6, no_wrap=True, overflow="ellipsis")
    table.add_column(no_wrap=True, justify="right", width=7)
    table.add_column(ratio=4, no_wrap=True, overflow="ellipsis")
    for device in state.devices:
        table.add_row(*_row(device, state, elapsed))
    return table


def _row(device: LeasedDevice, state: RunState, elapsed: Elapsed) -> tuple[Text, Text, Text, Text]:
    attempts = [attempt for attempt in state.attempts if attempt.serial == device.info.serial]
    running = next((attempt for attempt in attempts if attempt.outcome is None), None)
    ended = [attempt for attempt in attempts if attempt.outcome is not None]
    last = max(ended, key=lambda attempt: attempt.finished_at, default=None)
    name = Text(one_line(device.info.serial, _NAME), style="bold")
    if running is not None:
        seconds = elapsed.attempts.get((running.flow, running.number), 0.0)
        return name, _running(running, state), Text(clock(seconds)), _last(last)
    if device.lost:
        return name, Text(one_line(f"lost: {device.lost}", _NAME), style=BAD), Text(), _last(last)
    return name, Text("idle", style=GREY), Text(), _last(last)


def _running(attempt: AttemptState, state: RunState) -> Text:
    words = Text(one_line(attempt.flow, _NAME))
    if attempt.number > 1:
        words.append(f" ({attempt.purpose} #{attempt.number})", style=GREY)
    steps = _steps_before(attempt, state)
    return words.append(f" {steps} steps", style=GREY) if steps else words


def _steps_before(attempt: AttemptState, state: RunState) -> int:
    """How many steps an earlier attempt of the same flow took; 0 when none is known."""
    counts = [
        len(other.evidence.runner.steps)
        for other in state.attempts
        if other.flow == attempt.flow and other.evidence is not None
    ]
    return max(counts, default=0)


def _last(attempt: AttemptState | None) -> Text:
    if attempt is None or attempt.outcome is None:
        return Text()
    style = GOOD if attempt.outcome is AttemptOutcome.PASSED else BAD
    return Text.assemble((f"{attempt.outcome} ", style), (one_line(attempt.flow, _NAME), GREY))
