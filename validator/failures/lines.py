"""Evidence as lines of text, one list per source: what rules search in and what they quote."""

from __future__ import annotations

from enum import StrEnum

from validator.model.attempt import Evidence, RunnerReport


class Source(StrEnum):
    """Where a line of evidence comes from."""

    EXIT_INFO = "exit_info"
    CRASH_LOG = "crash_log"
    DEVICE = "device"
    PREPARATION = "preparation"
    BACKEND = "backend"
    HTTP = "http"
    FOCUS = "focus"
    RUNNER = "runner"


def lines(evidence: Evidence) -> dict[Source, tuple[str, ...]]:
    """All evidence of one attempt as lines.

    Facts that are numbers or states are written as `name=value`, so that rules stay what they are: one regular
    expression over one line.
    """
    device, app = evidence.device, evidence.app
    return {
        Source.EXIT_INFO: app.exit_info,
        Source.CRASH_LOG: app.crash_log,
        Source.DEVICE: (f"state={device.state}" + (f": {device.detail}" if device.detail else ""),),
        Source.PREPARATION: (evidence.preparation,) if evidence.preparation else (),
        Source.BACKEND: tuple(
            f"{'ready' if probe.ready else 'not ready'} {probe.url}: {probe.detail}" for probe in evidence.backend
        ),
        Source.HTTP: app.http_log,
        Source.FOCUS: (app.focused_package,) if app.focused_package else (),
        Source.RUNNER: _runner_lines(evidence.runner),
    }


def _runner_lines(report: RunnerReport) -> tuple[str, ...]:
    facts = [
        f"end={report.end}",
        f"complete={'true' if report.complete else 'false'}",
        f"transport_errors={report.transport_errors}",
    ]
    if report.problem:
        facts.append(f"problem: {report.problem}")
    if report.message:
        facts.append(f"message: {report.message}")
    return (*facts, *(f"output: {line}" for line in report.output))
