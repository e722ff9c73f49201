"""Virtual devices and the sample backend as processes of their own, as `validator virtual` starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.commands import RUNNERS
from validator.demo.backend.process import BackendOptions, BackendProcess
from validator.devices.virtual import Fleet, read_fleet
from validator.support.process import Spawned
from validator.support.stop import Stop
from validator.virtual.control import ControlClient


@dataclass(frozen=True, kw_only=True)
class Lab:
    """Devices, their faults, and a shop that they can reach."""

    fleet: Fleet
    control: ControlClient
    api_url: str

    def runner_alone(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The flow runner by itself, as somebody would call it by hand on the first device."""
        adb = str(Path(self.fleet.adb.path).parent)
        path = os.pathsep.join([adb, str(RUNNERS), os.environ["PATH"]])
        port = str(self.fleet.adb.server_port)
        return subprocess.run(
            ["maestro-runner", "--no-ansi", "--device", self.fleet.serials[0], *arguments],
            cwd=folder,
            env={**os.environ, "PATH": path, "ANDROID_ADB_SERVER_PORT": port},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )


@contextmanager
def lab(devices: int = 1, *options: str) -> Iterator[Lab]:
    """Boot devices and start the shop."""
    argv = [sys.executable, "-m", "validator", "virtual", "--devices", str(devices), "--json", "--exit-with-parent"]
    backend = BackendProcess(BackendOptions(revision="abc", accounts_per_hour=10_000))
    with backend, Spawned([*argv, *options], ready=lambda line: line.startswith("{")) as child:
        fleet = read_fleet(child.wait_ready(30, Stop()))
        yield Lab(fleet=fleet, control=ControlClient(fleet.control), api_url=backend.url)
