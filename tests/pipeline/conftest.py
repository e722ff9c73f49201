from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.pipeline.stand_ins import Act, Script, ScriptedDevice, ScriptedRunner
from validator.devices.port import Device
from validator.failures.rules import built_in_rules
from validator.failures.settle import Limits
from validator.model.deployment import ProbeResult
from validator.model.errors import StageError
from validator.model.events import DeviceLeased, Event, FlowSettled, PlanMade
from validator.model.flow import Flow
from validator.pipeline.attempt import Attempter, AttemptSettings
from validator.pipeline.board import Board, apply
from validator.pipeline.flows import FlowLoop
from validator.support.clock import SystemClock
from validator.support.stop import Stop


def settings(folder: Path, **changes: object) -> AttemptSettings:
    values: dict[str, object] = {
        "workspace": folder,
        "package": "com.example.shop",
        "fresh_user": True,
        "variables": {"SKIP_DATA_CLEANUP": "true"},
        "secrets": frozenset(),
        "marks": (("run", "r1"),),
        "timeout": 20.0,
    }
    return AttemptSettings(**(values | changes))  # type: ignore[arg-type]  # checked when the tests run


class Loop:
    """A flow loop over scripted devices, and what came of it."""

    def __init__(self, folder: Path, acts: dict[str, list[Act]], devices: int, **options: object) -> None:
        self.script = Script(acts)
        self.devices = {f"device-{n}": ScriptedDevice(f"device-{n}") for n in range(1, devices + 1)}
        self.runner = ScriptedRunner(self.script, self.devices)
        self.stop = Stop()
        self.backend: list[bool] = []
        flows = tuple(
            Flow(name=name, file=f"{name}.yaml", problem=str(options.get("problem", "")) if name == "broken" else "")
            for name in acts
        )
        board = apply(Board(), plan(flows))
        for device in self.devices.values():
            board = apply(board, DeviceLeased(device=device.info, seconds=0.1))
        attempts = settings(folder)
        self.loop = FlowLoop(
            board=board,
            devices=dict(self.devices),
            install=self._install,
            attempter=Attempter(
                runner=self.runner, between=None, ask_backend=lambda: (), settings=attempts, clock=SystemClock()
            ),
            rules=built_in_rules(),
            limits=Limits(),
            consecutive_infrastructure=int(str(options.get("consecutive", 4))),
            run_folder=folder,
            clock=SystemClock(),
            stop=self.stop,
            wait_for_backend=self._wait,
            ends=SystemClock().monotonic() + float(str(options.get("seconds", 3600))),
        )
        self.events: list[Event] = []

    def _install(self, device: Device) -> float | StageError:
        """Onto a device that came later; the runner finds it by its serial."""
        assert isinstance(device, ScriptedDevice)
        self.devices[device.serial] = device
        return device.refuses or 0.1

    def _wait(self, stop: Stop) -> Iterator[ProbeResult]:
        """The backend's answers to readiness, one per time that it is waited for."""
        if self.backend:
            ready = self.backend.pop(0)
            yield ProbeResult(url="http://shop/health", ready=ready, detail="connection refused", seconds=20.0)

    def run(self) -> Loop:
        for event in self.loop.events():
            self.events.append(event)
        return self

    def all(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def outcomes(self) -> dict[str, str]:
        return {e.flow.name: str(e.flow.outcome) for e in self.events if isinstance(e, FlowSettled)}

    @property
    def causes(self) -> dict[str, str]:
        return {e.flow.name: str(e.flow.cause) for e in self.events if isinstance(e, FlowSettled) and e.flow.cause}


def plan(flows: tuple[Flow, ...]) -> PlanMade:
    return PlanMade(
        workspace="flows", flows=flows, absent=(), excluded=0, digest="sha256:0", max_attempts=4, runner="scripted"
    )


@pytest.fixture
def loop(tmp_path: Path) -> Callable[..., Loop]:
    def make(acts: dict[str, list[Act]], devices: int = 1, **options: object) -> Loop:
        return Loop(tmp_path, acts, devices, **options)

    return make
