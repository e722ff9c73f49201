"""The team's flows, run by the plain flow runner on a virtual device against the real backend.

Slow: each run starts devices, an adb server and the runner; a flow that fails waits 17 s for what does not appear.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.demo.conftest import StartShop
from tests.demo.customer import Shop
from validator.demo.backend.process import BackendOptions
from validator.demo.build import BuildOptions, Variant, build
from validator.demo.project import copy_project, edit_flows
from validator.demo.scenarios.catalogue import FLOWS, scenario
from validator.demo.scenarios.scenario import Scenario
from validator.virtual.control import ControlClient

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

ROOT = Path(__file__).resolve().parents[2]
RUNNER = ROOT / "node_modules/@devicelab/maestro-runner-linux-x64/bin/maestro-runner"
RUN_WITHIN_S = 100.0


@dataclass(frozen=True, kw_only=True)
class Phone:
    serial: str
    adb: Path
    server_port: int
    control: ControlClient

    def environment(self) -> dict[str, str]:
        path = f"{self.adb.parent}{os.pathsep}{os.environ['PATH']}"
        return os.environ | {"ANDROID_ADB_SERVER_PORT": str(self.server_port), "PATH": path}


@dataclass(frozen=True)
class FlowResult:
    status: str
    seconds: float
    error: str


@contextmanager
def _phone() -> Iterator[Phone]:
    command = [sys.executable, "-m", "validator", "virtual", "--json", "--exit-with-parent"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            yield Phone(
                serial=said["serials"][0],
                adb=Path(said["adb"]),
                server_port=int(said["adb_server_port"]),
                control=ControlClient(said["control"]),
            )
        finally:
            process.terminate()
            process.wait(timeout=20)


def _call(command: list[str | Path], environment: dict[str, str], *, within_s: float = RUN_WITHIN_S) -> str:
    """What the command says; a command that takes too long is killed with all that it has started."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        return process.communicate(timeout=within_s)[0]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def _play(
    shop: Shop, chosen: Scenario, names: tuple[str, ...], folder: Path, *, within_s: float = RUN_WITHIN_S
) -> dict[str, FlowResult]:
    """What the runner reports of these flows when the scenario is on."""
    apk = folder / "app.apk"
    build(BuildOptions(variant=Variant.PRODUCTION, keystore=folder, api_url=shop.url, revision="abc1234"), apk)
    project = copy_project(folder / "project")
    edit_flows(project.flows, chosen.edits)
    with _phone() as phone:
        assert "Success" in _call([phone.adb, "-s", phone.serial, "install", apk], phone.environment())
        for switch in chosen.switches:
            shop.switches.set(switch)
        for fault in chosen.faults:
            phone.control.arm(fault)
        command: list[str | Path] = [RUNNER, "--platform", "android", "--device", phone.serial, "test", "--flatten"]
        command += ["--output", folder / "report", *(project.flows / f"{name}.yaml" for name in names)]
        said = _call(command, phone.environment(), within_s=within_s)
    return _results(folder / "report" / "report.json", said)


def _results(report: Path, said: str) -> dict[str, FlowResult]:
    assert report.is_file(), said
    flows = json.loads(report.read_text(encoding="utf-8"))["flows"]
    return {
        Path(flow["sourceFile"]).stem: FlowResult(flow["status"], flow["duration"] / 1000, str(flow.get("error")))
        for flow in flows
    }


@pytest.fixture
def busy_shop(start_shop: StartShop) -> Shop:
    return start_shop(BackendOptions(revision="abc1234", accounts_per_hour=1000))


def test_every_flow_passes_and_is_short(busy_shop: Shop, tmp_path: Path) -> None:
    began = time.monotonic()
    results = _play(busy_shop, scenario("none"), FLOWS, tmp_path)
    assert {name: result.status for name, result in results.items()} == dict.fromkeys(FLOWS, "passed"), results
    assert max(result.seconds for result in results.values()) < 10, results
    assert time.monotonic() - began < 60


def test_each_flow_is_one_fresh_guest(busy_shop: Shop, tmp_path: Path) -> None:
    _play(busy_shop, scenario("none"), ("about", "settings"), tmp_path)
    sign_ins = [entry["user"] for entry in busy_shop.log() if entry["path"] == "/v1/users/anonymous"]
    assert len(sign_ins) == len(set(sign_ins)) == 2


@pytest.mark.parametrize("name", ["assertion", "crash", "outage"])
def test_a_product_or_backend_fault_strikes_the_flow_that_it_names(busy_shop: Shop, tmp_path: Path, name: str) -> None:
    chosen = scenario(name)
    results = _play(busy_shop, chosen, ("about", *chosen.struck), tmp_path)
    assert results["about"].status == "passed"
    assert {results[struck].status for struck in chosen.struck} == {"failed"}


@pytest.mark.parametrize("name", ["device-lost", "driver-dead"])
def test_an_infrastructure_fault_strikes_the_flow_that_it_names(busy_shop: Shop, tmp_path: Path, name: str) -> None:
    chosen = scenario(name)
    results = _play(busy_shop, chosen, ("add-to-cart", *chosen.struck), tmp_path)
    assert results["add-to-cart"].status == "passed"
    assert {results[struck].status for struck in chosen.struck} == {"failed"}


def test_a_freezing_device_hangs_the_runner(busy_shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        _play(busy_shop, scenario("frozen-device"), ("settings",), tmp_path, within_s=20)
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert report["status"] == "running"
