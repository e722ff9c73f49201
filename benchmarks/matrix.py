"""Every scenario of the demo, through validator and through a plain loop over the flow runner, side by side.

The loop is what one would write without validator: install the app, run each flow, and let the exit status decide.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from validator.cli.demo_stage import Stage, stage
from validator.demo.build import BuildOptions, Variant, build
from validator.demo.scenarios.catalogue import SCENARIOS
from validator.demo.scenarios.reading import read_reports
from validator.demo.scenarios.scenario import REVISION, Scenario
from validator.demo.scenarios.verdict import Seen, complaints, right_cause
from validator.flows import maestro_runner_report
from validator.flows.maestro_runner_program import find_program
from validator.model.causes import Cause
from validator.support.process import Ended, run
from validator.support.stop import Stop

WORKERS = 4
DEVICES = 2
HUNG_AFTER = 75.0
"""Seconds for one flow, or for what validator takes beyond a scenario's own limit. A passing flow takes 2 s."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one side made of a scenario."""

    verdict: str
    cause: str
    seconds: float
    passed: bool
    blames_product: bool
    hung: bool
    family_right: bool
    cause_right: bool
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """One scenario, by both."""

    scenario: Scenario
    ours: Result
    plain: Result


def ours(scenario: Scenario, folder: Path) -> Result:
    """`validator demo`."""
    began = time.monotonic()
    program = [sys.executable, "-m", "validator", "demo", "--fault", scenario.name, "--devices", str(DEVICES)]
    try:
        limit = scenario.within + HUNG_AFTER
        done = subprocess.run(program, cwd=folder, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return _hung(time.monotonic() - began)
    seconds = time.monotonic() - began
    seen = read_reports((folder / "reports" / "latest").resolve(), done.returncode)
    return Result(
        verdict=seen.decision,
        cause=", ".join(dict.fromkeys(cause for flow in scenario.struck for cause in seen.causes_of(flow))),
        seconds=seconds,
        passed=done.returncode == 0,
        blames_product=seen.decision == "blocked",
        hung=False,
        family_right=_family_right(scenario, seen),
        cause_right=right_cause(scenario, seen),
        wrong=(*complaints(scenario, seen), *(["too late"] if seconds > scenario.within else [])),
    )


def _family_right(scenario: Scenario, seen: Seen) -> bool:
    families = [{Cause(cause).family for cause in seen.causes_of(flow)} for flow in scenario.struck]
    return not scenario.families or all(found & set(scenario.families) for found in families)


def plain(scenario: Scenario, folder: Path) -> Result:
    """The flow runner alone on the first device, one flow after the other."""
    with stage(scenario, folder, DEVICES, Stop()) as ready:
        options = BuildOptions(
            variant=Variant.PRODUCTION, keystore=folder / "keys", api_url=ready.api_url, revision=REVISION
        )
        build(options, folder / "app.apk")
        began = time.monotonic()
        failed, said, hung = _loop(scenario, ready, folder)
        seconds = time.monotonic() - began
    if hung:
        return _hung(seconds)
    return Result(
        verdict="failed" if failed else "passed",
        cause=said,
        seconds=seconds,
        passed=not failed,
        blames_product=failed,
        hung=False,
        # An exit status knows two families: nothing, and the product.
        family_right=not scenario.families or (failed and "product" in scenario.families),
        cause_right=not scenario.causes,
    )


def _hung(seconds: float) -> Result:
    return Result(
        verdict="hangs",
        cause="",
        seconds=seconds,
        passed=False,
        blames_product=False,
        hung=True,
        family_right=False,
        cause_right=False,
    )


def _loop(scenario: Scenario, ready: Stage, folder: Path) -> tuple[bool, str, bool]:
    """Whether a flow failed, what the runner said of the first one that did, and whether one never ended."""
    failed, said = False, ""
    for number, flow in enumerate(_flows(scenario, ready.project.flows)):
        install = ["--app-file", str(folder / "app.apk")] if number == 0 else []
        output = folder / f"report-{number}"
        command = [
            *(str(find_program(None, Path.cwd())), "--no-ansi", "--platform", "android", *install),
            *("--device", ready.fleet.serials[0], "test", "--output", str(output), "--flatten", str(flow)),
        ]
        done = run(command, deadline=HUNG_AFTER, stop=Stop(), env=_environment(ready))
        if done.ended is not Ended.EXITED:
            return failed, said, True
        if done.exit_code != 0:
            reading = maestro_runner_report.read(output, ready.fleet.serials[0])
            said = said or reading.message or " ".join(done.tail[-1:])
            failed = True
    return failed, said, False


def _flows(scenario: Scenario, workspace: Path) -> list[Path]:
    files = [file for file in sorted(workspace.glob("*.yaml")) if file.name != "config.yaml"]
    return [file for file in files if not scenario.only or file.stem in scenario.only]


def _environment(ready: Stage) -> dict[str, str]:
    path = os.pathsep.join([str(Path(ready.fleet.adb.path).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "ANDROID_ADB_SERVER_PORT": str(ready.fleet.adb.server_port)}


def play(scenario: Scenario) -> Row:
    """Run a scenario through both, one after the other."""
    with tempfile.TemporaryDirectory(prefix="validator-matrix-") as name:
        folder = Path(name).resolve()
        for side in ("ours", "plain"):
            (folder / side).mkdir()
        return Row(scenario=scenario, ours=ours(scenario, folder / "ours"), plain=plain(scenario, folder / "plain"))


def show(row: Row) -> None:
    """One line, or several where something is wrong."""
    mine, theirs = row.ours, row.plain
    print(
        f"{row.scenario.name:<27} {mine.verdict:<22} {mine.cause:<20.20} {mine.seconds:5.1f} s | "
        f"{theirs.verdict:<6} {theirs.cause:<40.40} {theirs.seconds:5.1f} s",
        flush=True,
    )
    for wrong in mine.wrong:
        print(f"  WRONG  {wrong}", flush=True)


def sums(rows: Sequence[Row]) -> None:
    """What counts."""
    print(f"\n{len(rows)} scenarios, {DEVICES} devices, {WORKERS} at a time")
    print(f"{'':<40} {'validator':>10} {'maestro-runner alone':>22}")
    told = [row for row in rows if row.scenario.families]
    caused = [row for row in rows if row.scenario.causes]
    _count("passed although it must not pass", rows, lambda row, it: it.passed and _must_not_pass(row.scenario))
    _count("blamed on the product although healthy", rows, lambda row, it: it.blames_product and _healthy(row.scenario))
    _count("never ended", rows, lambda _, it: it.hung)
    _share("right family of causes", told, lambda it: it.family_right)
    _share("right cause", caused, lambda it: it.cause_right)
    _count("otherwise not as the scenario says", rows, lambda _, it: bool(it.wrong))
    _time("seconds to the verdict, median", [(row.ours.seconds, row.plain.seconds) for row in rows], statistics.median)
    _time("seconds to the verdict, worst", [(row.ours.seconds, row.plain.seconds) for row in rows], max)
    for family in dict.fromkeys(family for row in rows for family in row.scenario.families):
        some = [row for row in rows if family in row.scenario.families]
        _share(f"  right cause, family {family} ({len(some)})", some, lambda it: it.cause_right)


def _must_not_pass(scenario: Scenario) -> bool:
    return not scenario.decision.startswith("approved")


def _healthy(scenario: Scenario) -> bool:
    return not scenario.broken


def _count(what: str, rows: Iterable[Row], holds: Callable[[Row, Result], bool]) -> None:
    pairs = [(holds(row, row.ours), holds(row, row.plain)) for row in rows]
    print(f"{what:<40} {sum(pair[0] for pair in pairs):>10} {sum(pair[1] for pair in pairs):>22}")


def _share(what: str, rows: Sequence[Row], holds: Callable[[Result], bool]) -> None:
    if rows:
        mine, theirs = (sum(holds(it) for it in side) for side in zip(*((r.ours, r.plain) for r in rows), strict=True))
        print(f"{what:<40} {mine / len(rows):>10.0%} {theirs / len(rows):>22.0%}")


def _time(what: str, pairs: Sequence[tuple[float, float]], of: Callable[[Iterable[float]], float]) -> None:
    mine, theirs = (of(side) for side in zip(*pairs, strict=True))
    print(f"{what:<40} {mine:>10.1f} {theirs:>22.1f}")


def main() -> None:
    """All scenarios, some at a time, told in the order of their list."""
    with ThreadPoolExecutor(WORKERS) as pool:
        rows = []
        for row in pool.map(play, SCENARIOS):
            rows.append(row)
            show(row)
    sums(rows)
