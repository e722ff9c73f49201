"""A virtual device opened over real adb, and what can be done to it from outside."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.devices import Lab
from validator.demo.build import BuildOptions, Variant, build
from validator.devices.adb_binary import locate_adb
from validator.devices.android import AndroidDevice
from validator.devices.serials import SerialSource
from validator.model.errors import StageError
from validator.support.stop import Stop
from validator.virtual.faults import Fault, FaultKind

PACKAGE = "com.example.cornershop"


@dataclass(frozen=True)
class Bench:
    """An opened device, and what can be done to it from outside."""

    device: AndroidDevice
    lab: Lab
    folder: Path

    def shell(self, command: str) -> str:
        return self.device._handset.ask(command)

    def apk(self, name: str = "app.apk", **changes: object) -> Path:
        options = {"variant": Variant.PRODUCTION, "keystore": self.folder / "keys", "api_url": self.lab.api_url}
        build(BuildOptions(**(options | changes)), self.folder / name)  # type: ignore[arg-type]
        return self.folder / name

    def until_it_answers(self) -> bool:
        """Whether it answers again within 10 s."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(StageError):
                return bool(self.shell("echo yes"))
        return False

    def strike(self, kind: FaultKind) -> float:
        self.lab.control.arm(Fault(kind=kind))
        return time.monotonic()


@contextlib.contextmanager
def opened(running: Lab, folder: Path) -> Iterator[AndroidDevice]:
    adb = locate_adb(running.fleet.adb.path, os.environ)
    source = SerialSource(running.fleet.serials[:1], adb, running.fleet.adb.server_port, locks=folder / "locks")
    with source.open(Stop()) as devices:
        yield devices[0]
