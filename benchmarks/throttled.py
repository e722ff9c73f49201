"""Flows against a backend that limits and sheds at random: how many are called failed, here and by a plain loop.

The app is healthy and the deployment is what it should be, so that a flow which is called failed is called so falsely.
Of all requests a fifth is answered with 429 and `Retry-After: 1`, and of the rest a twentieth with 503.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.flows import PACKAGE, Bench, bench
from validator.demo.backend.switches import Fail, Switch
from validator.history.journal import read_journal
from validator.model.events import AttemptStarted, Decided, FailureClassified, FlowSettled

RUNS, FLOWS, DEVICES = 4, 50, 4
"""Runs of validator, flows in each, and devices: 200 flows, as many as the loop runs."""
NEVER_AFTER = 900.0
"""Seconds after which a side that has not ended is said never to end."""
FLOW = f"""appId: {PACKAGE}
name: Guest {{number}}
---
- launchApp:
    clearState: true
- tapOn: Continue as guest
- extendedWaitUntil:
    visible: Signed in as guest-.*
    timeout: 2500
"""


@dataclass(slots=True, kw_only=True)
class Told:
    """What one side said of its flows."""

    outcomes: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    seconds: float = 0.0


def switches(seed: int) -> tuple[Switch, ...]:
    """What the backend does."""
    return (
        Switch(effect=Fail(status=429, share=0.2, seed=seed, retry_after_s=1)),
        Switch(effect=Fail(status=503, share=0.05, seed=seed + 1000)),
    )


def through_validator(told: Told, lab: Bench) -> None:
    """One `validator run` over all flows."""
    program = str(Path(sys.executable).with_name("validator"))
    command = [program, "run", "-c", "bench"]
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=lab.folder, env=lab.environment, capture_output=True, timeout=NEVER_AFTER, check=False
    )
    told.seconds += time.perf_counter() - began
    if done.returncode not in (0, 1, 3):
        raise SystemExit(done.stderr.decode(errors="replace"))
    for record in read_journal(lab.folder / "reports" / "latest" / "events.jsonl"):
        match record.event:
            case AttemptStarted():
                told.attempts += 1
            case FailureClassified(failure=failure):
                told.causes[failure.cause] += 1
            case FlowSettled(flow=flow):
                told.outcomes[f"{flow.outcome} {flow.cause or ''}".strip()] += 1
            case Decided(decision=decision):
                told.decisions[decision.verdict] += 1
            case _:
                pass


def through_loop(told: Told, lab: Bench) -> None:
    """What one would write instead: a loop over the flows, one for each device, and the exit status decides."""
    began = time.perf_counter()
    serials = lab.fleet.serials
    with ThreadPoolExecutor(len(serials)) as pool:
        shares = [lab.flows[first :: len(serials)] for first in range(len(serials))]
        for statuses in pool.map(lambda pair: _loop(lab, *pair), zip(serials, shares, strict=True)):
            told.outcomes.update("passed" if status == 0 else "failed" for status in statuses)
    told.attempts += len(lab.flows)
    told.seconds += time.perf_counter() - began


def _loop(lab: Bench, serial: str, flows: Sequence[Path]) -> list[int]:
    return [_alone(lab, serial, flow, first=number == 0) for number, flow in enumerate(flows)]


def _alone(lab: Bench, serial: str, flow: Path, *, first: bool) -> int:
    install = ["--app-file", str(lab.folder / "app.apk")] if first else []
    with tempfile.TemporaryDirectory() as output:
        command = [str(lab.runner), "--no-ansi", "--platform", "android", *install, "--device", serial]
        command += ["test", "--output", output, "--flatten", str(flow)]
        done = subprocess.run(command, env=lab.environment, capture_output=True, timeout=NEVER_AFTER, check=False)
        return done.returncode


def show(name: str, told: Told) -> None:
    """One side."""
    flows = told.outcomes.total()
    failed = sum(count for outcome, count in told.outcomes.items() if outcome.startswith("failed"))
    print(f"{name:<24} {failed:3} of {flows} flows called failed, {told.attempts} attempts, {told.seconds:.0f} s")
    for what, counts in (("flows", told.outcomes), ("failures of attempts", told.causes), ("runs", told.decisions)):
        if counts:
            print(f"  {what}: " + ", ".join(f"{count} {said}" for said, count in counts.most_common()))


def main() -> None:
    """Both, in turns."""
    ours, theirs = Told(), Told()
    for seed in range(RUNS):
        with bench(DEVICES, FLOW, FLOWS, switches(seed), probed=True) as lab:
            through_validator(ours, lab)
        with bench(DEVICES, FLOW, FLOWS, switches(seed)) as lab:
            through_loop(theirs, lab)
    print(f"{RUNS} x {FLOWS} flows, {DEVICES} devices; 429 to 20 % of all requests, 503 to 5 %; the app is healthy")
    show("validator", ours)
    show("maestro-runner in a loop", theirs)
