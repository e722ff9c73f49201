"""How long flows take through validator, and through the flow runner alone."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import alternately, tell, wall_time
from validator.demo.backend.process import BackendOptions, BackendProcess
from validator.demo.backend.switches import Switch
from validator.demo.build import BuildOptions, Variant, build
from validator.devices.virtual import Fleet, read_fleet
from validator.flows.maestro_runner_program import find_program
from validator.support.process import Spawned
from validator.support.stop import Stop

FLOWS = 10
PACKAGE = "com.example.cornershop"
FLOW = f"""appId: {PACKAGE}
name: Short {{number}}
---
- launchApp
- assertVisible: Corner Shop
"""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Devices with the app on them, and ten short flows."""

    folder: Path
    fleet: Fleet
    runner: Path

    @property
    def environment(self) -> dict[str, str]:
        """What both sides run in: the same adb, the same server."""
        adb = str(Path(self.fleet.adb.path).parent)
        path = os.pathsep.join([adb, str(self.runner.parent), os.environ["PATH"]])
        return {**os.environ, "PATH": path, "ANDROID_ADB_SERVER_PORT": str(self.fleet.adb.server_port)}

    @property
    def flows(self) -> list[Path]:
        """The flow files."""
        return sorted((self.folder / "flows").glob("*.yaml"))

    def validator(self) -> float:
        """`validator run` over all flows, from start to decision."""
        program = str(Path(sys.executable).with_name("validator"))
        return wall_time([program, "run", "-c", "bench"], cwd=self.folder, env=self.environment)

    def loop(self) -> float:
        """What one would write instead: a loop over the flows, the app installed by the first."""
        total = 0.0
        for number, flow in enumerate(self.flows):
            install = ["--app-file", str(self.folder / "app.apk")] if number == 0 else []
            total += self._runner([*install, "--device", self.fleet.serials[0]], str(flow))
        return total

    def parallel(self) -> float:
        """One runner for all devices and flows."""
        options = ["--app-file", str(self.folder / "app.apk"), "--parallel", str(len(self.fleet.serials))]
        return self._runner([*options, "--device", ",".join(self.fleet.serials)], str(self.folder / "flows"))

    def _runner(self, options: list[str], flows: str) -> float:
        with tempfile.TemporaryDirectory() as output:
            command = [str(self.runner), "--no-ansi", "--platform", "android", *options, "test"]
            return wall_time([*command, "--output", output, "--flatten", flows], env=self.environment)


@contextmanager
def bench(
    devices: int, flow: str = FLOW, flows: int = FLOWS, switches: Sequence[Switch] = (), *, probed: bool = False
) -> Iterator[Bench]:
    """Set everything up on the virtual device: so many times the same flow, and a backend that may misbehave."""
    with (
        tempfile.TemporaryDirectory(prefix="validator-bench-") as name,
        BackendProcess(BackendOptions(revision="bench", accounts_per_hour=100_000)) as backend,
    ):
        for switch in switches:
            backend.switches.set(switch)
        folder = Path(name).resolve()
        argv = [sys.executable, "-m", "validator", "virtual", "--devices", str(devices), "--json", "--exit-with-parent"]
        with Spawned(argv, ready=lambda line: line.startswith("{")) as child:
            fleet = read_fleet(child.wait_ready(30, Stop()))
            _write(folder, fleet, backend.url, probed=probed)
            for number in range(flows):
                (folder / "flows" / f"short-{number:03}.yaml").write_text(flow.format(number=number))
            yield Bench(folder=folder, fleet=fleet, runner=find_program(None, Path.cwd()))


def _write(folder: Path, fleet: Fleet, api_url: str, *, probed: bool) -> None:
    (folder / "flows").mkdir()
    options = BuildOptions(variant=Variant.PRODUCTION, keystore=folder / "keys", api_url=api_url, revision="bench")
    build(options, folder / "app.apk")
    config = {
        "environment": "bench",
        "app": {"id": PACKAGE},
        "adb": {"path": fleet.adb.path, "server_port": fleet.adb.server_port},
        "build": {"file": "app.apk"},
        "devices": [{"serial": serial} for serial in fleet.serials],
        "flows": {"workspace": "flows", "runner": "maestro-runner"},
        "readiness": [{"url": f"{api_url}/health", "within": "20s"}] if probed else [],
    }
    (folder / "configs").mkdir()
    (folder / "configs" / "bench.yaml").write_text(json.dumps(config))


def main() -> None:
    """One device beside a loop, four devices beside the runner's own parallel mode."""
    with bench(1) as one:
        ours, theirs = alternately(one.validator, one.loop, 3)
        tell(f"validator run, {FLOWS} short flows, 1 device", ours, theirs, "maestro-runner in a loop", goal=1.15)
    with bench(4) as four:
        ours, theirs = alternately(four.validator, four.parallel, 3)
        tell(f"validator run, {FLOWS} short flows, 4 devices", ours, theirs, "maestro-runner --parallel 4", goal=1.0)
