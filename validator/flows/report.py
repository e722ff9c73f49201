"""One report from three witnesses: how the runner's process ended, what its reports say, and what it printed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from validator.flows.reading import MAX_TEXT, Reading
from validator.model.attempt import RunnerEnd, RunnerReport
from validator.support.process import Completed, Ended
from validator.support.text import one_line

_MAX_LINE: Final = 500
_BEGINNINGS: Final = ("Error:", "Validation errors:", "Exception in thread")


def report(  # noqa: PLR0913 - half of it by keyword, with a default
    runner: str,
    completed: Completed,
    reading: Reading,
    *,
    command: Sequence[str] = (),
    transport_errors: int = 0,
    problem: str = "",
) -> RunnerReport:
    """Put together what is known. Passed is only what reports and exit status agree on.

    Args:
        runner: Name and version.
        completed: How the process ended.
        reading: What its reports say.
        command: How it was started.
        transport_errors: Calls to the device that were lost.
        problem: What else went wrong, where the reports have no problem.
    """
    exited_well = completed.ended is Ended.EXITED and completed.exit_code == 0
    return RunnerReport(
        runner=runner,
        end=RunnerEnd.NOT_STARTED if completed.exit_code is None else RunnerEnd(completed.ended),
        exit_code=completed.exit_code,
        passed=reading.passed and exited_well,
        complete=reading.complete,
        steps=reading.steps,
        message=reading.message or _announced_error(reading, completed),
        output=last_words(completed.tail),
        transport_errors=transport_errors,
        seconds=completed.seconds,
        problem=reading.problem or _contradiction(reading, completed) or problem,
        command=tuple(command),
    )


def last_words(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines with a word in them, without anything that steers a terminal."""
    cleaned = (one_line(line, _MAX_LINE) for line in lines)
    return tuple(line for line in cleaned if any(character.isalnum() for character in line))


def _announced_error(reading: Reading, completed: Completed) -> str:
    """Of a run without a result: what was printed from the first line on that announces an error, or the last line."""
    words = last_words(completed.tail)
    if reading.complete or completed.ended is not Ended.EXITED or not words:
        return ""
    start = next((number for number, line in enumerate(words) if line.startswith(_BEGINNINGS)), len(words) - 1)
    return one_line(" ".join(words[start:]), MAX_TEXT)


def _contradiction(reading: Reading, completed: Completed) -> str:
    agree = reading.passed == (completed.exit_code == 0)
    if agree or not reading.complete or completed.ended is not Ended.EXITED:
        return ""
    return f"its reports say {'passed' if reading.passed else 'not passed'}, its exit status is {completed.exit_code}"
