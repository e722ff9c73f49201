from __future__ import annotations

import io
import threading
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len
from rich.console import Console

from tests.fakes.builders import CRASH, decision, flow, opening, plan, records, settled
from tests.fakes.runs import approved, blocked, interrupted, not_production, undecided
from validator.model.decision import Verdict
from validator.model.events import Decided, Record
from validator.model.flow import FlowOutcome
from validator.reports.console import ConsoleReport, Progress, run_picture
from validator.reports.console_live import Elapsed, board
from validator.reports.show import show_text
from validator.reports.state import fold

FOLDER = "reports/20261121-032654-k3x9"
WORDS = {
    "run", "resumed", "deployment", "backend", "build", "finding", "plan", "device", "start", "attempt", "cause",
    "retry", "lost", "flow", "stage", "warning", "decision", "alert", "end",
}  # fmt: skip


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds


def console(width: int = 80, *, terminal: bool = False) -> Console:
    return Console(file=io.StringIO(), width=width, force_terminal=terminal, legacy_windows=False)


def written(target: Console) -> str:
    assert isinstance(target.file, io.StringIO)
    return target.file.getvalue()


def told(run: Sequence[Record], width: int = 80) -> str:
    target = console(width)
    report = ConsoleReport(target, HandClock(), folder=FOLDER)
    for record in run:
        report.handle(record)
    report.close()
    return written(target)


def log(output: str) -> list[str]:
    return output.split("\n\n", 1)[0].splitlines()


def test_each_line_of_a_log_begins_with_its_word_and_is_never_wrapped(every_run: Sequence[Record]) -> None:
    lines = log(told(every_run))
    assert {line.split()[0] for line in lines} <= WORDS
    assert len(lines) >= len(every_run)


def test_a_log_names_every_flow_with_outcome_cause_device_and_time() -> None:
    flows = [line for line in log(told(blocked())) if line.startswith("flow ")]
    assert flows == [
        "flow       passed Sign in on emulator-5554, 13.1 s",
        "flow       flaky Search the catalogue app_assertion on 127.0.0.1:5601, 43.1 s, 2 attempts",
        "flow       inconclusive Profile device_lost on emulator-5554, 9.4 s",
        "flow       failed Checkout app_crash on emulator-5554, 127.0.0.1:5601, 1 m 21 s, 2 attempts",
    ]


def test_two_runs_with_the_same_events_give_the_same_log() -> None:
    assert told(blocked()) == told(blocked())


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_the_closing_report_keeps_to_the_width(every_run: Sequence[Record], width: int) -> None:
    closing = told(every_run, width).split("\n\n", 1)[1]
    assert all(cell_len(line) <= width for line in closing.splitlines())


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_has_flow_outcome_cause_device_time_and_attempts(width: int) -> None:
    output = told(approved(), width)
    head = next(line for line in output.splitlines() if line.startswith("Flow "))
    assert head.split() == ["Flow", "Outcome", "Cause", "Device", "Time", "Tries"]
    row = next(line for line in output.splitlines() if line.startswith("Checkout"))
    assert row.split() == ["Checkout", "passed", "127.0.0.1:5601", "15.3", "s", "1"]


def test_the_decision_stands_after_the_table_with_reasons_steps_and_reports() -> None:
    output = told(blocked())
    order = [
        output.index("Tested com.example.shop"),
        output.index("Checkout: failed, the app crashed"),
        output.index("BLOCKED: the frontend must not be deployed"),
        output.index("- product failures (1) > limit (0): Checkout"),
        output.index("1. Look at the evidence"),
        output.index("2. Decide, by name"),
        output.index(f"Report {FOLDER}/index.html"),
    ]
    assert order == sorted(order)
    assert f"evidence  {FOLDER}/attempts/checkout/1" in output


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (approved, "APPROVED: the gate is open"),
        (undecided, "UNDECIDED: the frontend must not be deployed"),
        (interrupted, "NO DECISION: the gate stays closed; the run was interrupted"),
        (not_production, "Stage build failed: the APK is not the production build of this deployment"),
        (undecided, "The alert to slack #prod-alerts was not delivered"),
        (interrupted, "1. Run it again"),
    ],
)
def test_a_tired_person_reads(run: object, words: str) -> None:
    assert callable(run)
    assert words in told(run())


def test_a_run_that_broke_off_without_an_end_has_a_closing_report() -> None:
    assert "NO DECISION: the gate stays closed; the run has not ended, or was killed" in told(blocked()[:12])


def test_the_closing_report_is_printed_once() -> None:
    target = console()
    report = ConsoleReport(target, HandClock())
    for record in approved():
        report.handle(record)
    report.close()
    report.close()
    assert written(target).count("APPROVED: the gate is open") == 1


def test_nothing_is_printed_for_a_run_that_never_began() -> None:
    target = console()
    ConsoleReport(target, HandClock()).close()
    assert written(target) == ""


def test_flows_that_failed_alike_are_told_together() -> None:
    many = [settled(f"Flow {number}", FlowOutcome.FAILED, CRASH) for number in range(40)]
    run = records(
        [
            *opening(),
            (14.0, plan([flow(each.name) for each in many])),
            (15.0, Decided(decision=decision(Verdict.BLOCKED, many))),
        ]
    )
    output = told(run)
    assert output.count("Android recorded that the app ended with an uncaught exception.") == 1
    assert "Flow 11 and 28 more: failed, the app crashed" in " ".join(output.split())


def test_without_a_terminal_there_are_no_escapes_and_no_trailing_spaces_in_the_log() -> None:
    output = told(blocked())
    assert "\x1b" not in output
    assert all(line == line.rstrip() for line in log(output))


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    target = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="truecolor")
    report = ConsoleReport(target, HandClock(), progress=Progress.STILL)
    for record in blocked():
        report.handle(record)
    output = written(target)
    assert "BLOCKED: the frontend must not be deployed" in output
    assert not any(f"\x1b[{color}" in output for color in ("31", "32", "33", "37;41", "1;31", "41", "38;"))


def test_an_ascii_terminal_gets_ascii_lines() -> None:
    raw = io.BytesIO()
    target = Console(file=io.TextIOWrapper(raw, encoding="ascii", write_through=True), width=80)
    report = ConsoleReport(target, HandClock())
    for record in approved():
        report.handle(record)
    assert b"| " in raw.getvalue()
    assert b"APPROVED: the gate is open" in raw.getvalue()


def test_on_a_terminal_the_screen_is_given_back_and_what_was_settled_stays() -> None:
    target = console(terminal=True)
    report = ConsoleReport(target, HandClock())
    for record in blocked():
        report.handle(record)
    output = written(target)
    assert output.count("\x1b[?25l") == output.count("\x1b[?25h") == 1  # the cursor, hidden and shown again
    assert output.count("passed Sign in on emulator-5554") == 1
    assert output.rindex("BLOCKED") > output.rindex("\x1b[?25h")


def test_a_terminal_that_cannot_draw_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    target = console(terminal=True)
    report = ConsoleReport(target, HandClock())
    for record in approved():
        report.handle(record)
    assert "\x1b[?25l" not in written(target)
    assert "start " in written(target)


def live(events: int, *, elapsed: dict[tuple[str, int], float] | None = None) -> list[str]:
    target = console()
    target.print(board(fold(blocked()[:events]), Elapsed(run=67.0, attempts=elapsed or {})))
    return [line.rstrip() for line in written(target).splitlines()]


def test_the_live_rows_show_each_device_its_flow_how_long_and_what_it_did_last() -> None:
    position = next(n for n, r in enumerate(blocked()) if r.event.type == "RetryScheduled") + 1
    rows = live(position, elapsed={("Checkout", 1): 12.4})
    assert rows[0] == "1:07  1 of 5 flows settled, 1 passed"
    assert rows[1].split() == ["emulator-5554", "Checkout", "0:12", "passed", "Sign", "in"]
    assert rows[2].split()[:2] == ["127.0.0.1:5601", "idle"]
    assert len(rows) == 3


def test_a_flow_that_ran_before_shows_its_number_of_steps() -> None:
    position = (
        next(
            n
            for n, r in enumerate(blocked())
            if getattr(r.event, "number", 0) == 2
            and r.event.type == "AttemptStarted"
            and getattr(r.event, "flow", "") == "Checkout"
        )
        + 1
    )
    row = next(line for line in live(position) if "(confirm #2)" in line)
    assert "6 steps" in row


def test_a_device_that_was_lost_says_so() -> None:
    assert any("lost: adb says offline" in line for line in live(len(blocked())))


@pytest.mark.parametrize(
    ("events", "words"),
    [(1, "reading what is live"), (2, "waiting for the backend"), (3, "building"), (4, "planning")],
)
def test_before_the_flows_the_live_line_says_what_is_being_done(events: int, words: str) -> None:
    assert words in live(events)[0]


class Screen(io.StringIO):
    """A terminal's input that says when a text was drawn."""

    def __init__(self, awaited: str) -> None:
        super().__init__()
        self._awaited = awaited
        self.drawn = threading.Event()

    def write(self, text: str) -> int:
        if self._awaited in text:
            self.drawn.set()
        return super().write(text)


def test_the_screen_is_drawn_anew_while_nothing_happens() -> None:
    screen = Screen("1:15")
    clock = HandClock()
    report = ConsoleReport(Console(file=screen, width=80, force_terminal=True), clock)
    for record in blocked()[:9]:
        report.handle(record)
    clock.seconds = 75.0
    assert screen.drawn.wait(10)
    report.close()


def test_showing_a_stored_run_tells_its_facts_and_its_end() -> None:
    output = show_text(blocked(), width=100, folder=FOLDER)
    assert output.startswith("run        20261121-032654-k3x9: production, deploy, policy frontend-production\n")
    assert "device     emulator-5554 ready after 2.1 s: Pixel 8, emulator, API 34" in output
    assert "start " not in output
    assert "BLOCKED: the frontend must not be deployed" in output
    assert "\x1b" not in output
    assert "\x1b[" in show_text(blocked(), color=True)


def test_the_picture_shows_the_real_console_and_fetches_nothing() -> None:
    picture = run_picture(blocked(), HandClock(), title="validator run -c production")
    root = ET.fromstring(picture)
    text = "".join(root.itertext()).replace("\xa0", " ")
    assert "BLOCKED: the frontend must not be deployed" in text
    assert "validator run -c production" in text
    assert "url(http" not in picture
    assert "@font-face" not in picture
