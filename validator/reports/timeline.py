"""When which flow ran where: attempts as bars on one lane per device, in the units of a drawing 1000 wide. Pure.

Flows that wait for production stand below the devices, so that it shows what went on meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from validator.model.attempt import AttemptOutcome
from validator.reports.state import AttemptState, FlowState, RunState
from validator.reports.words import duration
from validator.support.text import one_line

WIDTH = 1000
LANE = 34
MARGIN = 24
"""Room for the time axis above the first lane."""

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_MOST_TICKS = 9
_MOST_WAIT_LANES = 8
"""Waits that happen at the same time beyond these are left out of the drawing; the evidence has all."""
_CHARACTER = 7.2
"""The width of one character of a bar's label at the drawing's font size, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One attempt."""

    x: float
    width: float
    style: str
    """`passed`, `failed`, `error`, `skipped`, `open` or `wait`."""
    label: str
    """As much of the flow's name as fits."""
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One device."""

    name: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One mark of the time axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The whole drawing."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    height: float


def timeline(state: RunState) -> Timeline | None:
    """The drawing; None when there is nothing to draw."""
    attempts = state.attempts
    if not attempts:
        return None
    start = min(_moment(attempt.started_at) for attempt in attempts)
    span = max(1.0, *(_end(attempt, start, state) for attempt in attempts))
    named = [
        (name, tuple(_bar(each, start, span, state) for each in attempts if each.serial == serial))
        for serial, name in _devices(state)
    ]
    named += [("waiting" if number == 0 else "", bars) for number, bars in enumerate(_waits(state, start, span))]
    lanes = tuple(Lane(name=name, y=MARGIN + LANE * number, bars=bars) for number, (name, bars) in enumerate(named))
    return Timeline(lanes=lanes, ticks=_ticks(span), height=MARGIN + LANE * len(lanes) + 4)


def _devices(state: RunState) -> list[tuple[str, str]]:
    """Serials and how their lanes are called: one in the place of a lost one stands, with an arrow, right below it."""
    replaces = {device.info.serial: device.replaces for device in state.devices}
    found: list[str] = []
    for serial in dict.fromkeys([*replaces, *(each.serial for each in state.attempts)]):
        before = replaces.get(serial, "")
        found.insert(found.index(before) + 1 if before in found else len(found), serial)
    return [(serial, one_line(f"↳ {serial}" if replaces.get(serial) else serial, 60)) for serial in found]


def _moment(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


def _end(attempt: AttemptState, start: float, state: RunState) -> float:
    """Seconds after the start; an attempt that never ended lasts to the run's last record."""
    began = _moment(attempt.started_at) - start
    return began + attempt.seconds if attempt.finished_at else max(_moment(state.last_at) - start, began)


def _bar(attempt: AttemptState, start: float, span: float, state: RunState) -> Bar:
    began = _moment(attempt.started_at) - start
    x, end = WIDTH * began / span, WIDTH * _end(attempt, start, state) / span
    width = max(end - x - 1, 2.0)
    fits = int((width - 8) / _CHARACTER)
    name = one_line(attempt.flow, 200)
    style = attempt.outcome.value if attempt.outcome is not None else "open"
    return Bar(
        x=round(x, 1),
        width=round(width, 1),
        style=style,
        label=one_line(name, fits) if fits >= 3 else "",
        title=f"{name}, attempt {attempt.number}: {_ended(attempt)}, {duration(attempt.seconds)}",
    )


def _waits(state: RunState, start: float, span: float) -> list[tuple[Bar, ...]]:
    """As few lanes as hold all waits without any two on top of one another."""
    lanes: list[list[Bar]] = []
    bars = (bar for flow in state.flows for bar in _waits_of(flow, start, span))
    for bar in sorted(bars, key=lambda bar: bar.x):
        free = next((lane for lane in lanes if lane[-1].x + lane[-1].width <= bar.x), None)
        if free is not None:
            free.append(bar)
        elif len(lanes) < _MOST_WAIT_LANES:
            lanes.append([bar])
    return [tuple(lane) for lane in lanes]


def _waits_of(flow: FlowState, start: float, span: float) -> Iterator[Bar]:
    ends = {attempt.number: attempt.finished_at for attempt in flow.attempts}
    for retry in flow.retries:
        if retry.not_before and (ended := ends.get(retry.number - 1)):
            began, until = _moment(ended) - start, _moment(retry.not_before) - start
            x, width = WIDTH * began / span, WIDTH * (min(until, span) - began) / span
            if width > 0:
                title = f"{one_line(flow.name, 200)} waits {duration(until - began)}: {one_line(retry.reason, 200)}"
                fits = int((width - 8) / _CHARACTER)
                label = one_line(flow.name, fits) if fits >= 3 else ""
                yield Bar(x=round(x, 1), width=round(max(width, 2.0), 1), style="wait", label=label, title=title)


def _ended(attempt: AttemptState) -> str:
    if attempt.outcome is None:
        return "did not end"
    if attempt.outcome is AttemptOutcome.PASSED or attempt.failure is None:
        return attempt.outcome.value
    return f"{attempt.outcome} ({attempt.failure.cause})"


def _ticks(span: float) -> tuple[Tick, ...]:
    step = next((step for step in _STEPS if span / step <= _MOST_TICKS), _STEPS[-1])
    count = min(int(span / step), 1000)
    return tuple(Tick(x=round(WIDTH * step * n / span, 1), label=_clock(step * n)) for n in range(count + 1))


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
