"""How long forty flows of mixed length take on several devices: beside what is possible, and beside the runner alone.

What the flows do is wait: a script of theirs asks a server that answers after so many seconds. So two processors are
enough for eight devices, and what is measured is the order of the flows and what happens between them. The runner alone
takes flows in the order of their files, which is drawn anew for each measurement; validator knows from a run before how
long they take.
"""

from __future__ import annotations

import json
import math
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from benchmarks.flows import PACKAGE, Bench, bench
from benchmarks.measure import wall_time

FLOWS = 40
DEVICES = (1, 2, 4, 8)
ROUNDS = {1: 1, 2: 1, 4: 2, 8: 2}
"""How often each is measured; the medians count."""
SHORTEST, USUAL, LONGEST = 1.0, 12.0, 28.0
"""Seconds that a flow waits: the least, the mean before the longest are cut, the most. A script of the runner asks for
30 s at most."""
SAMPLE = 5
"""Flows that show what one takes besides its waiting."""
GOAL_BOUND, GOAL_RUNNER, GOAL_MEMORY = 1.15, 1.0, 150.0
_LONGEST_RUN = 1200.0
FLOW = f"""appId: {PACKAGE}
name: Flow {{number:02}}
---
- launchApp
- runScript: {{{{file: wait.js, env: {{{{SECONDS: "{{seconds:.2f}}"}}}}}}}}
- assertVisible: Corner Shop
"""
SCRIPT = "http.get('http://127.0.0.1:{port}/' + SECONDS)\n"


@dataclass(frozen=True, kw_only=True)
class Played:
    """One run of all flows."""

    seconds: float
    """From the command's start to its end."""
    makespan: float = 0.0
    """From the first attempt's start to the last one's end."""
    memory: float = 0.0
    """MB: the most that the process itself held."""
    children: float = 0.0
    """MB: the most that the programs held together that it had started."""


class _Patient(BaseHTTPRequestHandler):
    """Answers after as many seconds as the path says."""

    def do_GET(self) -> None:
        time.sleep(float(self.path[1:]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def _waiting_room() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Patient) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def lengths() -> list[float]:
    """Seconds that each flow waits, ascending: many short ones and a few long ones, spread exponentially."""
    shares = [(number + 0.5) / FLOWS for number in range(FLOWS)]
    return [min(LONGEST, SHORTEST - math.log(1 - share) * (USUAL - SHORTEST)) for share in shares]


def _write(stand: Bench, port: int) -> None:
    (stand.folder / "flows" / "wait.js").write_text(SCRIPT.format(port=port))
    config = json.loads((stand.folder / "configs" / "bench.yaml").read_text())
    for devices in DEVICES:
        some = {**config, "devices": [{"serial": serial} for serial in stand.fleet.serials[:devices]]}
        (stand.folder / "configs" / f"on-{devices}.yaml").write_text(json.dumps(some))


def _shuffle(stand: Bench, chance: random.Random) -> None:
    """The same flows in files of other names, so that they come in another order."""
    for file in stand.flows:
        file.unlink()
    places = chance.sample(range(FLOWS), FLOWS)
    for number, (place, seconds) in enumerate(zip(places, lengths(), strict=True)):
        (stand.folder / "flows" / f"{place:02}.yaml").write_text(FLOW.format(number=number, seconds=seconds))


def ours(stand: Bench, devices: int) -> Played:
    """`validator run` on so many devices."""
    program = [str(Path(sys.executable).with_name("validator")), "run", "-c", f"on-{devices}"]
    began = time.perf_counter()
    most, most_children = 0.0, 0.0
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(program, cwd=stand.folder, env=stand.environment, stdout=output, stderr=output)
        while child.poll() is None and time.perf_counter() - began < _LONGEST_RUN:
            most = max(most, _memory(child.pid, "VmHWM"))
            most_children = max(most_children, sum(_memory(pid, "VmRSS") for pid in _children(child.pid)))
            time.sleep(0.1)
        seconds = time.perf_counter() - began
        if child.wait(10) != 0:
            output.seek(0)
            raise SystemExit(f"validator run ended with {child.returncode}\n{output.read().decode()}")
    return Played(seconds=seconds, makespan=_makespan(stand.folder), memory=most, children=most_children)


def _memory(pid: int, key: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(key)), 0.0)


def _children(pid: int) -> Iterator[int]:
    """All descendants."""
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = [int(word) for word in tasks.read_text().split()]
        except OSError:
            continue
        for child in found:
            yield child
            yield from _children(child)


def _makespan(folder: Path) -> float:
    lines = (folder / "reports" / "latest" / "events.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    times = [
        datetime.fromisoformat(record["at"])
        for record in records
        if record["event"]["type"] in ("AttemptStarted", "AttemptFinished")
    ]
    return (times[-1] - times[0]).total_seconds()


def theirs(stand: Bench, devices: int) -> Played:
    """The runner's own parallel mode on the same devices."""
    options = ["--app-file", str(stand.folder / "app.apk"), "--device", ",".join(stand.fleet.serials[:devices])]
    options += ["--parallel", str(devices)] if devices > 1 else []
    return Played(seconds=_runner(stand, options, stand.folder / "flows"))


def alone(stand: Bench) -> list[float]:
    """What each flow takes when it is all that happens: its waiting, and what the runner adds to the shortest ones."""
    options = ["--device", stand.fleet.serials[0]]
    flows = {file.read_text().splitlines()[1]: file for file in stand.flows}
    shortest = [flows[f"name: Flow {number:02}"] for number in range(SAMPLE)]
    waits = lengths()
    added = [_runner(stand, options, flow) - wait for flow, wait in zip(shortest, waits, strict=False)]
    return [wait + statistics.median(added) for wait in waits]


def _runner(stand: Bench, options: Sequence[str], flows: Path) -> float:
    with tempfile.TemporaryDirectory() as output:
        command = [str(stand.runner), "--no-ansi", "--platform", "android", *options]
        return wall_time([*command, "test", "--output", output, "--flatten", str(flows)], env=stand.environment)


def _median(played: Sequence[Played], of: Callable[[Played], float]) -> float:
    return statistics.median(map(of, played))


def _verdict(value: float, goal: float | None) -> str:
    return "" if goal is None else f" goal <= {goal:g}: {'met' if value <= goal else 'MISSED'}"


def _row(devices: int, takes: Sequence[float], mine: Sequence[Played], other: Sequence[Played]) -> None:
    bound = max(*takes, sum(takes) / devices)
    span, wall, runner = (
        _median(mine, lambda each: each.makespan),
        _median(mine, lambda each: each.seconds),
        _median(other, lambda each: each.seconds),
    )
    memory, children = max(each.memory for each in mine), max(each.children for each in mine)
    print(f"{devices} devices, {len(mine)} times")
    print(f"  {'bound: max(longest flow, sum / devices)':<56} {bound:8.1f} s")
    told = _verdict(span / bound, GOAL_BOUND if devices == 4 else None)
    print(f"  {'validator, first start to last end':<56} {span:8.1f} s   {span / bound:5.2f} of the bound{told}")
    told = _verdict(wall / runner, GOAL_RUNNER if devices > 1 else None)
    print(f"  {'validator run, the whole command':<56} {wall:8.1f} s   {wall / runner:5.2f} of the runner{told}")
    print(f"  {f'maestro-runner --parallel {devices}':<56} {runner:8.1f} s   {runner / bound:5.2f} of the bound")
    told = _verdict(memory, GOAL_MEMORY if devices == max(DEVICES) else None)
    print(f"  {'memory of validator, most':<56} {memory:8.1f} MB  its programs {children:.0f} MB{told}", flush=True)


def main() -> None:
    """On one device to eight; what flows usually take is known from a run before."""
    chance = random.Random(7)  # noqa: S311 - an order, no secret
    with _waiting_room() as port, bench(max(DEVICES), flows=0) as stand:
        _write(stand, port)
        _shuffle(stand, chance)
        ours(stand, max(DEVICES))
        takes = alone(stand)
        print(f"{FLOWS} flows, {min(takes):.1f} to {max(takes):.1f} s each, {sum(takes):.1f} s together, one by one")
        for devices in DEVICES:
            mine, other = [], []
            for _ in range(ROUNDS[devices]):
                _shuffle(stand, chance)
                mine.append(ours(stand, devices))
                other.append(theirs(stand, devices))
            _row(devices, takes, mine, other)
