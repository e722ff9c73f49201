"""The console: live rows on a terminal, plain lines elsewhere, and the same closing report on both."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from enum import Enum, auto

from rich.console import Console, RenderableType
from rich.live import Live

from validator.model.events import (
    AttemptFinished,
    AttemptStarted,
    BuildReady,
    DeviceLost,
    FlowSettled,
    PlanMade,
    Record,
    RetryScheduled,
    RunFinished,
    StageFailed,
    Warned,
)
from validator.model.observed import DeploymentChanged
from validator.model.traffic import TrafficAccounted
from validator.reports.console_closing import closing
from validator.reports.console_lines import lines
from validator.reports.console_live import Elapsed, board
from validator.reports.state import RunState, apply, fold
from validator.support.clock import Clock

_LOGGED_WHEN_LIVE = (
    BuildReady,
    PlanMade,
    FlowSettled,
    RetryScheduled,
    DeviceLost,
    StageFailed,
    Warned,
    DeploymentChanged,
    TrafficAccounted,
)
"""What the live rows do not show, or would forget."""

_REMOTE_FONT = re.compile(r"@font-face \{[^}]*\}\s*")
_FACTS = ("run", "deployment", "live", "parity", "backend", "build", "finding", "plan", "device")


class Progress(Enum):
    """How the console tells what goes on."""

    LINES = auto()
    """One line per event, never wrapped: for logs."""
    LIVE = auto()
    """Rows that are drawn anew, above them a log of what is settled: for a terminal."""
    STILL = auto()
    """What a terminal keeps of `LIVE`: for pictures."""


class ConsoleReport:
    """Tells a person how a run goes.

    Whatever apps and servers say is shown as plain text: neither terminal sequences nor markup in it have an effect.
    """

    def __init__(self, console: Console, clock: Clock, *, folder: str = "", progress: Progress | None = None) -> None:
        """Write to the given console.

        Args:
            console: Where to write; its width and colours (`NO_COLOR`) are kept to.
            clock: Measures what is still running.
            folder: Where the reports lie, as a person would type it.
            progress: By default `LIVE` where the console is an interactive terminal, else `LINES`.
        """
        self._console = console
        self._clock = clock
        self._folder = folder
        self._state = RunState()
        self._began = clock.monotonic()
        self._running: dict[tuple[str, int], float] = {}
        self._closed = False
        self._progress = progress or _suitable(console)
        self._live = self._screen() if self._progress is Progress.LIVE else None

    def handle(self, record: Record) -> None:
        """Take one record."""
        self._state = apply(self._state, record)
        match record.event:
            case AttemptStarted() as began:
                self._running = {**self._running, (began.flow, began.number): self._clock.monotonic()}
            case AttemptFinished() as ended:
                over = (ended.flow, ended.number)
                self._running = {key: moment for key, moment in self._running.items() if key != over}
            case _:
                pass
        self._log(record)
        if isinstance(record.event, RunFinished):
            self.close()

    def close(self) -> None:
        """Give the terminal back and print the closing report, once."""
        if self._closed:
            return
        self._closed = True
        if self._live is not None:
            self._live.stop()
        if self._state.seq >= 0:
            show_closing(self._console, self._state, self._folder)

    def _log(self, record: Record) -> None:
        if self._live is not None:
            self._live.start()  # does nothing when it has been started
        everything = self._progress is Progress.LINES
        if everything or isinstance(record.event, _LOGGED_WHEN_LIVE):
            for text in lines(record, self._state):
                # A line of a log is one line, however long: whoever greps gets all of it.
                self._console.print(text, soft_wrap=everything)

    def _screen(self) -> Live:
        return Live(
            get_renderable=self._board,
            console=self._console,
            refresh_per_second=4,
            transient=True,
            redirect_stderr=False,
        )

    def _board(self) -> RenderableType:
        now = self._clock.monotonic()
        since = {key: now - moment for key, moment in self._running.items()}
        return board(self._state, Elapsed(run=now - self._began, attempts=since))


def _suitable(console: Console) -> Progress:
    return Progress.LIVE if console.is_terminal and not console.is_dumb_terminal else Progress.LINES


def show_closing(console: Console, state: RunState, folder: str) -> None:
    """Print the closing report of a run."""
    for piece in closing(state, folder):
        console.print(piece)


def run_text(records: Iterable[Record], *, width: int, color: bool, folder: str = "") -> str:
    """A stored run as text: its facts, then the closing report as it was printed at the end."""
    kept = list(records)
    console = _recorder(width, color=color)
    state = fold(kept)
    for record in kept:
        for text in lines(record, state):
            if text.plain.split(" ", 1)[0] in _FACTS:
                console.print(text, soft_wrap=True)
    show_closing(console, state, folder)
    file = console.file
    assert isinstance(file, io.StringIO)  # noqa: S101  made so in _recorder
    return file.getvalue()


def print_text(pieces: Iterable[RenderableType], *, width: int, color: bool) -> str:
    """What the pieces look like on a terminal of this width, as text."""
    console = _recorder(width, color=color)
    for piece in pieces:
        console.print(piece)
    file = console.file
    assert isinstance(file, io.StringIO)  # noqa: S101  made so in _recorder
    return file.getvalue()


def run_picture(records: Iterable[Record], clock: Clock, *, title: str, width: int = 100, folder: str = "") -> str:
    """An SVG picture of what a terminal of this width shows of a run, as `README.md` has it."""
    console = _recorder(width, color=True)
    report = ConsoleReport(console, clock, folder=folder, progress=Progress.STILL)
    for record in records:
        report.handle(record)
    report.close()
    # rich names a font to be fetched from a public server; the picture must not cause requests.
    return _REMOTE_FONT.sub("", console.export_svg(title=title))


def _recorder(width: int, *, color: bool) -> Console:
    return Console(
        file=io.StringIO(),
        record=True,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        highlight=False,
        legacy_windows=False,
    )
