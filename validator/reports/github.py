"""What a step of GitHub Actions leaves behind: a job summary, and outputs that later steps read.

Sources: GitHub Actions, "Workflow commands": `$GITHUB_STEP_SUMMARY` takes at most 1 MiB per step, and more is not
shown at all; `$GITHUB_OUTPUT` takes one `name=value` a line. Both files are appended to. `::error` lines become
annotations, ten of a kind for a step.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, assert_never

from validator.model.decision import Decision, SettledFlow, Verdict
from validator.model.events import Record, StopReason
from validator.model.flow import FlowOutcome
from validator.reports.state import RunState, apply
from validator.reports.summary import LIMIT, render_summary
from validator.reports.words import exit_code
from validator.support.text import one_line

_MOST_LINES = 10
_SMALLEST = 10_000
"""Bytes below which a summary says nothing useful."""


class GitHubActions:
    """Appends to the files that GitHub names, and says workflow commands; each may be absent."""

    def __init__(self, *, summary: Path | None, output: Path | None, commands: TextIO | None = None) -> None:
        self._summary = summary
        self._commands = commands
        self._output = output
        self._state = RunState()

    def handle(self, record: Record) -> None:
        """Take one record."""
        self._state = apply(self._state, record)

    def close(self) -> None:
        """Append the summary and the outputs, for a run without a decision too."""
        if self._commands is not None:
            self._commands.writelines(f"{line}\n" for line in error_lines(self._state))
            self._commands.flush()
        if self._output is not None:
            _append(self._output, outputs(self._state))
        if self._summary is not None:
            room = LIMIT - (self._summary.stat().st_size if self._summary.exists() else 0)
            if room >= _SMALLEST:
                _append(self._summary, render_summary(self._state, base=None, limit=room))


def outputs(state: RunState) -> str:
    """The outputs that later steps read; without a decision the gate is closed."""
    decision = state.decision
    verdict = decision.verdict if decision is not None else Verdict.UNDECIDED
    gate = "open" if verdict.opens else "closed"
    blocked = str(not verdict.opens).lower()
    return (
        f"PRODUCTION_VALIDATION={_validation(state, verdict)}\nBLOCK_DEPLOYMENT={blocked}\n"
        f"decision={verdict}\ngate={gate}\nexit_code={exit_code(state).value}\n"
    )


def error_lines(state: RunState) -> Iterator[str]:
    """`::error` lines of a gate that is closed, the first for the decision, the next for flows; none of an open one."""
    decision = state.decision
    if decision is None:
        yield command("production validation", "there is no decision: the gate is closed")
    elif not decision.verdict.opens:
        reasons = "; ".join(reason.message for reason in decision.reasons)
        yield command(f"production validation: {decision.verdict}", one_line(reasons, 500))
        yield from (_flow_line(flow) for flow in _failed(decision)[: _MOST_LINES - 1])


def command(title: str, message: str) -> str:
    """One `::error` line; what stands in it cannot begin another one."""
    return f"::error title={_escaped(title, also=True)}::{_escaped(message)}"


def _escaped(text: str, *, also: bool = False) -> str:
    """As GitHub's own toolkit escapes data, and properties (`also`)."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if also else text


def _failed(decision: Decision) -> list[SettledFlow]:
    fine = (FlowOutcome.PASSED, FlowOutcome.FLAKY)
    return [flow for flow in decision.flows if flow.required and flow.outcome not in fine]


def _flow_line(flow: SettledFlow) -> str:
    told = [flow.cause.meaning if flow.cause is not None else "it never ran", flow.step, flow.why, flow.quote]
    return command(one_line(f"{flow.name}: {flow.outcome}", 200), one_line("; ".join(filter(None, told)), 500))


def _validation(state: RunState, verdict: Verdict) -> str:
    if state.finished is not None and state.finished.stop is StopReason.DEADLINE:
        return "timeout"
    match verdict:
        case Verdict.APPROVED | Verdict.APPROVED_WITH_WARNINGS:
            return "passed"
        case Verdict.BLOCKED:
            return "failed"
        case Verdict.UNDECIDED:
            return "undecided"
        case _:
            assert_never(verdict)


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
