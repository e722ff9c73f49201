"""Devices and a runner that keep the ports' promises without any Android: what they do is scripted per flow."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from validator.devices.port import Renew
from validator.devices.seat import Seat
from validator.flows.port import FlowRequest
from validator.model.attempt import (
    AppEvidence,
    DeviceEvidence,
    DeviceState,
    RunnerEnd,
    RunnerReport,
    Scene,
    Step,
    StepStatus,
)
from validator.model.device import AdbAddress, DeviceInfo
from validator.model.errors import StageError
from validator.support.stop import Stop

NOT_VISIBLE = "Element not visible: context deadline exceeded: no such element"


@dataclass(frozen=True, kw_only=True)
class Act:
    """What one attempt of a flow comes to."""

    message: str = ""
    """The runner's error; empty when the flow passes."""
    crash: bool = False
    refused: bool = False
    """The backend refuses the app's calls."""
    limited: str = ""
    """The `Retry-After` with which the backend refuses the app's calls."""
    device: DeviceState = DeviceState.HEALTHY
    hangs: bool = False
    """Until somebody stops it."""


PASS = Act()
WRONG_SCREEN = Act(message=NOT_VISIBLE)
CRASH = Act(message=NOT_VISIBLE, crash=True)
CRASH_ON_LAST_STEP = Act(crash=True)
REFUSED = Act(message=NOT_VISIBLE, refused=True)
LIMITED = Act(message=NOT_VISIBLE, limited="1")
LIMITED_FOR_LONG = Act(message=NOT_VISIBLE, limited="600")
LIMITED_FOR_EVER = Act(message=NOT_VISIBLE, limited="1000000000000")
DEVICE_LOST = Act(device=DeviceState.LOST)
DRIVER_DEAD = Act(message='Element not visible: send request: Post "http://localhost/session": EOF')
HANG = Act(hangs=True)


@dataclass
class Script:
    """The acts of each flow, in the order of its attempts; the last one is repeated."""

    acts: dict[str, list[Act]]
    attempts: list[tuple[str, str]] = field(default_factory=list)
    """(flow, serial) in the order in which they were begun."""
    hanging: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, flow: str, serial: str) -> Act:
        with self._lock:
            done = sum(1 for name, _ in self.attempts if name == flow)
            self.attempts.append((flow, serial))
            acts = self.acts.get(flow, [PASS])
            return acts[min(done, len(acts) - 1)]


@dataclass
class ScriptedWatch:
    stop: Stop
    device: ScriptedDevice

    def evidence(self) -> DeviceEvidence:
        return DeviceEvidence(state=self.device.act.device)


@dataclass
class ScriptedDevice:
    """One device; `act` is what the flow that runs on it now does."""

    serial: str
    act: Act = PASS
    refuses: StageError | None = None
    marks: dict[str, str] = field(default_factory=dict)
    fresh_users: int = 0
    renew: Renew | None = None
    sdk: int = 34
    labels: tuple[str, ...] = ()
    unprepared: list[StageError] = field(default_factory=list)
    """What the next calls of `prepare` raise."""

    @property
    def info(self) -> DeviceInfo:
        return DeviceInfo(
            serial=self.serial, model="Scripted", sdk=self.sdk, abis=("x86_64",), kind="virtual", labels=self.labels
        )

    @property
    def adb(self) -> AdbAddress:
        return AdbAddress(path="/nowhere/adb", server_port=5037)

    @property
    def seat(self) -> Seat:
        return Seat(serial=self.serial, adb=self.adb)

    def install(self, apk: Path, package: str) -> None:
        if self.refuses is not None:
            raise self.refuses

    def prepare(self, package: str, *, fresh_user: bool, marks: Sequence[tuple[str, str]]) -> None:
        if self.unprepared:
            raise self.unprepared.pop(0)
        self.fresh_users += fresh_user
        self.marks |= dict(marks)

    @contextmanager
    def watch(self, stop: Stop) -> Iterator[ScriptedWatch]:
        own = Stop(stop)
        try:
            yield ScriptedWatch(own, self)
        finally:
            own.detach()

    def app_evidence(self, package: str, folder: Path) -> AppEvidence:
        if self.act.refused:
            return AppEvidence(http_log=("I okhttp: <-- HTTP FAILED: java.net.ConnectException: Failed to connect",))
        if self.act.limited:
            said = ("<-- 429 Too Many Requests http://shop/v1 (3ms)", f"retry-after: {self.act.limited}")
            return AppEvidence(http_log=tuple(f"I okhttp.OkHttpClient: {line}" for line in said))
        if not self.act.crash:
            return AppEvidence()
        return AppEvidence(exit_info=(f"process={package} reason=4 (APP CRASH(EXCEPTION)) subreason=0",))

    def scene(self, folder: Path, *, pictured: bool) -> Scene | None:
        if not pictured:
            (folder / "screenshot.png").write_bytes(b"\x89PNG")
        return Scene(window="com.example.shop/.MainActivity", free_mb=900, network="100")

    def unmark(self, names: Sequence[str]) -> None:
        for name in names:
            self.marks.pop(name, None)


@dataclass
class ScriptedRunner:
    script: Script
    devices: dict[str, ScriptedDevice]
    variables: list[dict[str, str]] = field(default_factory=list)
    name: str = "scripted 1.0"

    def run(self, request: FlowRequest, stop: Stop) -> RunnerReport:
        flow = request.file.stem
        act = self.script.begin(flow, request.serial)
        self.devices[request.serial].act = act
        self.variables.append(dict(request.variables))
        if act.hangs:
            self.script.hanging.set()
            return self._report(act, RunnerEnd.STOPPED if stop.wait(request.deadline) else RunnerEnd.TIMED_OUT)
        return self._report(act, RunnerEnd.EXITED)

    def _report(self, act: Act, end: RunnerEnd) -> RunnerReport:
        passed = not act.message and end is RunnerEnd.EXITED
        step = Step(index=0, text="tapOn: Pay", status=StepStatus.PASSED if passed else StepStatus.FAILED, seconds=0.1)
        return RunnerReport(
            runner=self.name,
            end=end,
            exit_code=0 if passed else 1,
            passed=passed,
            complete=end is RunnerEnd.EXITED,
            steps=(step,),
            message=act.message,
        )
