"""What was seen of one attempt, in short: for a person who asks why. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import assert_never

from validator.model.attempt import AppEvidence, DeviceEvidence, Evidence, RunnerEnd, RunnerReport, Scene, StepStatus
from validator.model.explanation import Seen


def seen(evidence: Evidence) -> tuple[Seen, ...]:
    """The facts of an attempt, each on one line."""
    return tuple(_all(evidence))


def _all(evidence: Evidence) -> Iterator[Seen]:
    if evidence.preparation:
        yield Seen(subject="preparation", text=evidence.preparation)
    else:
        yield Seen(subject="runner", text=_runner(evidence.runner))
    yield Seen(subject="device", text=_device(evidence.device, evidence.scene))
    yield from _app(evidence.app)
    if evidence.sign_in.users:
        yield Seen(subject="signed in", text=", ".join(evidence.sign_in.users))
    if evidence.sign_in.unread:
        yield Seen(subject="signed in", text=f"the backend did not say who: {evidence.sign_in.unread}")
    for probe in evidence.backend:
        yield Seen(subject="backend", text=f"{'ready' if probe.ready else 'not ready'} {probe.url}: {probe.detail}")


def _runner(report: RunnerReport) -> str:
    passed = sum(1 for step in report.steps if step.status is StepStatus.PASSED)
    parts = [
        _ended(report),
        "says passed" if report.passed else "says failed" if report.complete else "did not finish its report",
        f"{passed} of {len(report.steps)} steps passed" if report.steps else "",
        f"{report.transport_errors} calls to the device lost" if report.transport_errors else "",
        report.problem,
        report.message,
    ]
    return "; ".join(part for part in parts if part)


def _ended(report: RunnerReport) -> str:
    match report.end:
        case RunnerEnd.EXITED:
            return f"exited with {report.exit_code}"
        case RunnerEnd.TIMED_OUT:
            return "ended by us at the flow's deadline"
        case RunnerEnd.STOPPED:
            return "ended by us, because there was nothing left to wait for"
        case RunnerEnd.NOT_STARTED:
            return "never started"
        case end:
            assert_never(end)


def _device(device: DeviceEvidence, scene: Scene | None) -> str:
    parts = [f"{device.state.replace('_', ' ')}{f' ({device.detail})' if device.detail else ''}"]
    if scene is not None:
        parts += [
            f"in front: {scene.window.partition('/')[0]}" if scene.window else "",
            f"{scene.free_mb} MB free" if scene.free_mb is not None else "",
            f"network: {scene.network}" if scene.network in ("none", "airplane mode") else "",
        ]
    return "; ".join(part for part in parts if part)


def _app(app: AppEvidence) -> Iterator[Seen]:
    for subject, lines in (("exit", app.exit_info), ("crash log", app.crash_log), ("http", app.http_log)):
        if lines:
            yield Seen(subject=subject, text=_shortly(lines))
    if not (app.exit_info or app.crash_log):
        yield Seen(subject="app", text="Android recorded no crash, no hang and no exit of it")


_REASON = re.compile(r"\breason=\d+ \(.*?\)+ (?=subreason=)")
"""The part of an exit record that says what happened: `reason=4 (APP CRASH(EXCEPTION))`."""


def _shortly(lines: Sequence[str]) -> str:
    """The first line, which says what happened, and how many follow."""
    reason = _REASON.search(lines[0][:_LONGEST])
    first = reason[0].strip() if reason is not None else lines[0][:_LONGEST]
    more = len(lines) - 1
    return first + (f" (and {more} more {'line' if more == 1 else 'lines'})" if more else "")


_LONGEST = 500
