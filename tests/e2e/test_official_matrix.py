"""Every scenario of the demo once more, with the official Maestro CLI as the runner: same causes, same decisions.

No official CLI runs on the machines of this project, so a stand-in takes its place (`tests/fakes/maestro`): a start
script and a Java machine like the real ones, behind which maestro-runner drives the same virtual devices, and what it
reports is told in the artefacts, error texts and silences of Maestro 2.8.0.

The real CLI ignores ANDROID_ADB_SERVER_PORT: it speaks to port 5037. Each scenario therefore has a network of its own
(a network namespace), in which the devices' adb server takes that port: what is refused outside of tests is refused
here too, and no adb server of the machine is touched. Where the kernel forbids namespaces, port 5037 itself is used.

Slow, and together as long as the other matrix (`make test-matrix`).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from tests.e2e.commands import ROOT, RUNNERS, Ended, start_program
from tests.fakes.maestro.distribution import Settings, install
from validator.demo.scenarios.catalogue import SCENARIOS
from validator.demo.scenarios.reading import read_reports
from validator.demo.scenarios.scenario import Scenario
from validator.demo.scenarios.verdict import complaints
from validator.flows.maestro_runner_program import find_program

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]

HEALTHY = "none"
SHORT = ["  timeout: 2m\n", "  timeout: 25s\n"]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What is otherwise with the official CLI, and why."""

    why: str
    causes: tuple[str, ...] = ()
    changes: tuple[list[str], ...] = ()
    within: float = 120.0


SILENT = Difference(
    why="it waits 120 s for a driver that hangs, and says nothing meanwhile: the flow's own deadline ends it",
    causes=("timed_out", "driver_failed"),
    changes=(SHORT,),
)
DIFFERENT = {
    "driver-hung": SILENT,
    "driver-hung-in-condition": SILENT,
    "runner-hung": Difference(
        why="it writes its reports when it ends, so nothing stops growing: the flow's own deadline ends it",
        causes=("timed_out",),
        changes=(SHORT,),
    ),
}
LEFT_OUT = {
    "app-stopped": "it does not say that the app's process is gone, so what the flow itself stopped looks like an app "
    "that shows nothing: an assertion that failed",
}


@cache
def apart() -> tuple[str, ...]:
    """How a program is started with a network of its own; nothing where that cannot be done."""
    for words in (("unshare", "--net"), ("unshare", "--user", "--map-root-user", "--net")):
        if (
            shutil.which("unshare")
            and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
        ):
            return words
    return ()


def officially(folder: Path, scenario: Scenario, *changes: list[str]) -> Ended:
    """Play the scenario with the stand-in as its runner."""
    made = install(folder / "maestro", Settings(runner=str(find_program(None, ROOT))))
    path = os.pathsep.join([str(made.program.parent), str(RUNNERS), os.environ["PATH"]])
    environment = {"PATH": path, "JAVA_HOME": str(made.java_home), "PYTHONPATH": str(ROOT)}
    command = [*apart(), sys.executable, "-m", "tests.e2e.official_demo", scenario.name, json.dumps(changes)]
    with port_to_itself():
        return start_program(folder, command, environment).wait(240)


@contextmanager
def port_to_itself() -> Iterator[None]:
    """Where no network of its own can be had, one scenario after the other, whoever runs them."""
    with (Path(tempfile.gettempdir()) / "validator-tests-5037.lock").open("w") as lock:
        if not apart():
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def marks(name: str) -> tuple[pytest.MarkDecorator, ...]:
    return () if name in (HEALTHY, "crash") else (pytest.mark.matrix,)


@pytest.mark.parametrize(
    "scenario",
    [pytest.param(each, id=each.name, marks=marks(each.name)) for each in SCENARIOS if each.name not in LEFT_OUT],
)
def test_a_scenario_comes_out_as_it_does_with_the_other_runner(tmp_path: Path, scenario: Scenario) -> None:
    other = DIFFERENT.get(scenario.name, Difference(why=""))
    if other.causes:
        scenario = replace(scenario, causes=other.causes)
    done = officially(tmp_path, scenario, *other.changes)
    assert "Traceback" not in done.output + done.errors
    seen = read_reports(done.reports, done.exit_code)
    assert complaints(scenario, seen) == (), done.output + done.errors
    assert done.orphans == []
    assert done.seconds < max(other.within, scenario.within + 30)


def test_what_is_different_or_left_out_is_named_for_a_scenario_that_there_is() -> None:
    names = {each.name for each in SCENARIOS}
    assert DIFFERENT.keys() | LEFT_OUT.keys() <= names
    assert all(each.why for each in DIFFERENT.values())
