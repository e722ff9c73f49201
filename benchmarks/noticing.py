"""How long after a fault the attempt is over and its cause known: through validator, and through the runner alone.

The flow waits for what never comes, which takes the runner its own 17 s when nothing goes wrong. Each fault strikes in
the middle of that. The runner alone counts as over when its process ends, whatever it says then.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.flows import PACKAGE, Bench, bench
from validator.history.journal import read_journal
from validator.model.events import AttemptFinished, FailureClassified
from validator.virtual.control import ControlClient
from validator.virtual.faults import Fault, FaultKind

FAULTS = (
    FaultKind.DROP,
    FaultKind.BLIP,
    FaultKind.FREEZE,
    FaultKind.REBOOT,
    FaultKind.NO_NETWORK,
    FaultKind.AUTOMATION_DEAD,
    FaultKind.AUTOMATION_HUNG,
    FaultKind.CRASH,
    FaultKind.NATIVE_CRASH,
    FaultKind.ANR,
    FaultKind.PROCESS_DEATH,
)
GONE = (FaultKind.DROP, FaultKind.BLIP, FaultKind.FREEZE, FaultKind.REBOOT, FaultKind.NO_NETWORK)
GOAL = 6.0
NEVER_AFTER = 60.0
"""Seconds after which a side that has not ended is said never to end."""
_INTO_THE_FLOW = 2.5
_START_SECONDS = 30.0
FLOW = f"appId: {PACKAGE}\nname: Waiting\n---\n- launchApp\n- assertVisible: Never on any screen\n"


@dataclass(frozen=True, kw_only=True)
class Noticed:
    """What came of one fault."""

    seconds: float | None
    """None: never."""
    said: str


def through_validator(kind: FaultKind) -> Noticed:
    """Seconds from the fault to the end of the attempt that it hit, evidence included."""
    with _ready() as lab:
        program = str(Path(sys.executable).with_name("validator"))
        with _started([program, "run", "-c", "bench"], lab) as process:
            struck = _strike(lab, kind)
            ended = _first_attempt(lab.folder / "reports" / "latest" / "events.jsonl", process)
    if ended is None:
        return Noticed(seconds=None, said="")
    moment, cause = ended
    return Noticed(seconds=moment - struck, said=cause)


def through_runner(kind: FaultKind) -> Noticed:
    """Seconds from the fault to the end of the runner's process."""
    with _ready() as lab, tempfile.TemporaryDirectory() as output:
        install = ["--app-file", str(lab.folder / "app.apk"), "--device", lab.fleet.serials[0]]
        command = [str(lab.runner), "--no-ansi", "--platform", "android", *install, "test", "--output", output]
        with _started([*command, "--flatten", str(lab.folder / "flows" / "waiting.yaml")], lab) as process:
            struck = _strike(lab, kind)
            try:
                code = process.wait(NEVER_AFTER)
            except subprocess.TimeoutExpired:
                return Noticed(seconds=None, said="")
            return Noticed(seconds=time.time() - struck, said=f"exit status {code}")


@contextmanager
def _ready() -> Iterator[Bench]:
    with bench(1) as lab:
        for flow in lab.flows:
            flow.unlink()
        (lab.folder / "flows" / "waiting.yaml").write_text(FLOW)
        yield lab


@contextmanager
def _started(command: list[str], lab: Bench) -> Iterator[subprocess.Popen[bytes]]:
    """In a group of its own, of which nothing is left when the block ends."""
    said = (lab.folder / "said.txt").open("wb")
    process = subprocess.Popen(
        command, cwd=lab.folder, env=lab.environment, stdout=said, stderr=said, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # validator's own guard ends what it has started
        process.wait()
        said.close()


def _strike(lab: Bench, kind: FaultKind) -> float:
    """Let the fault strike once the app has been in front for a while; the moment of it."""
    control, ends = ControlClient(lab.fleet.control), time.monotonic() + _START_SECONDS
    while control.devices()[0].front != PACKAGE:
        if time.monotonic() > ends:
            raise SystemExit(f"the app was never in front\n{(lab.folder / 'said.txt').read_text()}")
        time.sleep(0.05)
    time.sleep(_INTO_THE_FLOW)
    control.arm(Fault(kind=kind))
    return time.time()


def _first_attempt(journal: Path, process: subprocess.Popen[bytes]) -> tuple[float, str] | None:
    """When the first attempt had ended, and the cause that was found for it."""
    ends = time.monotonic() + NEVER_AFTER
    while time.monotonic() < ends:
        over = process.poll() is not None
        records = list(read_journal(journal)) if journal.exists() else []
        at = [record.at for record in records if isinstance(record.event, AttemptFinished)]
        causes = [record.event.failure.cause for record in records if isinstance(record.event, FailureClassified)]
        if at and causes:
            return datetime.fromisoformat(at[0]).timestamp(), str(causes[0])
        if over:
            return None
        time.sleep(0.1)
    return None


def main() -> None:
    """All faults, one after the other."""
    print(f"{'seconds from the fault to the end of the attempt':<52} {'validator':>28} {'maestro-runner alone':>28}")
    slowest = 0.0
    for kind in FAULTS:
        mine, theirs = through_validator(kind), through_runner(kind)
        slowest = max(slowest, (mine.seconds or NEVER_AFTER) if kind in GONE else 0.0)
        print(f"  {kind:<50} {_told(mine):>28} {_told(theirs):>28}", flush=True)
    verdict = "met" if slowest <= GOAL else "MISSED"
    print(f"  {'worst for a device that goes away':<50} {slowest:26.1f} s    goal <= {GOAL:g}: {verdict}")


def _told(noticed: Noticed) -> str:
    return f"never (> {NEVER_AFTER:g} s)" if noticed.seconds is None else f"{noticed.said} {noticed.seconds:6.1f} s"
