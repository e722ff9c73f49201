"""Evidence as lines of text, one list per source: what rules search in and what they quote."""

from __future__ import annotations

from collections.abc import Sequence

from validator.failures.together import (
    foreign_dialog,
    launch_failure,
    of_endpoints,
    sign_in_flow,
    untimely_certificates,
)
from validator.model.attempt import AppEvidence, DeviceEvidence, Evidence, RunnerEnd, RunnerReport, Scene
from validator.model.deployment import ProbeResult
from validator.model.rules import Source

MAX_LINES = 1000
"""Lines of one source that rules see: the first half and the last half of more."""
MAX_LENGTH = 1000
"""Characters of one line that rules see. With `MAX_LINES` it bounds how long a hostile log can keep them busy."""


def lines(evidence: Evidence) -> dict[Source, tuple[str, ...]]:
    """All evidence of one attempt as lines.

    Facts that are numbers or states are written as `name=value`, so that rules stay what they are: one regular
    expression over one line.
    """
    app = evidence.app
    return {
        Source.EXIT_INFO: _bounded(app.exit_info),
        Source.CRASH_LOG: _bounded(app.crash_log),
        Source.DEVICE: _bounded(_device_lines(evidence.device, app)),
        Source.PREPARATION: _bounded([evidence.preparation] if evidence.preparation else []),
        Source.BACKEND: _bounded([_probe_line(probe) for probe in evidence.backend]),
        Source.HTTP: _bounded(of_endpoints(app.http_log, evidence.hosts)),
        Source.FOCUS: _bounded(_filled(app.focused_package, foreign_dialog(evidence))),
        Source.SCENE: _bounded(_scene(evidence)),
        Source.RUNNER: (
            *_bounded(_filled(launch_failure(evidence), sign_in_flow(evidence))),
            *_runner_lines(evidence.runner),
        ),
    }


def _filled(*said: str) -> tuple[str, ...]:
    return tuple(line for line in said if line)


def _device_lines(device: DeviceEvidence, app: AppEvidence) -> tuple[str, ...]:
    unread = f"unread={app.unread[:MAX_LENGTH]}" if app.unread else ""
    return _filled(f"state={device.state}" + _after(": ", device.detail), unread)


def _bounded(said: Sequence[str], prefix: str = "") -> tuple[str, ...]:
    half = MAX_LINES // 2
    kept = said if len(said) <= MAX_LINES else (*said[:half], *said[-half:])
    return tuple(f"{prefix}{line[:MAX_LENGTH]}"[:MAX_LENGTH] for line in kept)


def _after(sign: str, text: str) -> str:
    return sign + text[:MAX_LENGTH] if text else ""


def _probe_line(probe: ProbeResult) -> str:
    return f"{'ready' if probe.ready else 'not ready'} {probe.url[:MAX_LENGTH]}{_after(': ', probe.detail)}"


def _scene(evidence: Evidence) -> tuple[str, ...]:
    failed = (f"sign_in_failed={line[:MAX_LENGTH]}" for line in evidence.sign_in.failed)
    return (*_scene_lines(evidence.scene), *_filled(untimely_certificates(evidence)), *failed)


def _scene_lines(scene: Scene | None) -> tuple[str, ...]:
    if scene is None:
        return ()
    known = {
        "window": scene.window,
        "network": scene.network,
        "free_mb": scene.free_mb,
        "app": scene.app,
        "clock_off": scene.clock_off,
    }
    texts = (f"text={text[:MAX_LENGTH]}" for text in scene.texts)
    return (*(f"{name}={value}" for name, value in known.items() if value not in ("", None)), *texts)


def _runner_lines(report: RunnerReport) -> tuple[str, ...]:
    # A runner that loses its calls is ended within seconds. Those of one that came to its deadline were lost to being
    # ended there, which takes the connection from under it.
    lost = 0 if report.end is RunnerEnd.TIMED_OUT else report.transport_errors
    facts = [
        f"end={report.end}",
        f"complete={'true' if report.complete else 'false'}",
        f"transport_errors={lost}",
    ]
    if report.problem:
        facts.append(f"problem: {report.problem[:MAX_LENGTH]}")
    if report.message:
        facts.append(f"message: {report.message[:MAX_LENGTH]}")
    return (*_bounded(facts), *_bounded(report.output, "output: "))
