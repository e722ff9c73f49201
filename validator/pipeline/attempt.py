"""One attempt: make the device ready, run the flow under watch, and gather what can be known about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from validator.devices.port import Device
from validator.failures.classify import classify
from validator.failures.rules import Rule, built_in_rules
from validator.flows.port import FlowRequest, FlowRunner, not_started
from validator.flows.reading import NOT_MEASURABLE
from validator.flows.workspace import changed
from validator.model.attempt import (
    DeviceEvidence,
    DeviceState,
    Evidence,
    RunnerEnd,
    RunnerReport,
    Scene,
    Timings,
)
from validator.model.causes import Cause
from validator.model.deployment import ProbeResult
from validator.model.device import AdbAddress
from validator.model.errors import StageError
from validator.pipeline.index import LOG, has_pictures, index
from validator.pipeline.job import Job
from validator.pipeline.sign_in import READ_NOTHING, SignInReading, screen_texts
from validator.support.clock import Clock
from validator.support.codec import map_text
from validator.support.files import scrub
from validator.support.stop import Stop
from validator.support.text import encodable


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of a job."""

    job: Job
    serial: str
    evidence: Evidence
    seconds: float


class Between(Protocol):
    """The team's own command between two flows."""

    def run(self, serial: str, adb: AdbAddress, output: Path, stop: Stop) -> None:
        """Run it to its end.

        Raises:
            StageError: It failed or did not end in time.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptSettings:
    """What is the same for every attempt of a run."""

    workspace: Path
    package: str
    fresh_user: bool
    """Wipe the app's data before each attempt; otherwise the team's flows do it themselves."""
    variables: Mapping[str, str] = field(repr=False)
    secrets: frozenset[str]
    marks: tuple[tuple[str, str], ...]
    timeout: float
    """Seconds that one flow may take."""
    hosts: tuple[str, ...] = ()
    """Hosts of the endpoints under test; none: nobody has named any."""
    sign_in: SignInReading = READ_NOTHING
    """How the users are read back that the app creates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempter:
    """Executes jobs. One per run, used by several threads at once."""

    runner: FlowRunner
    between: Between | None
    ask_backend: Callable[[], Sequence[ProbeResult]]
    settings: AttemptSettings
    clock: Clock
    rules: Sequence[Rule] = field(default_factory=built_in_rules)
    """What tells a failure, which is worth a closer look, from a pass."""
    redact: Callable[[str], str] = str
    """Takes secrets out of what runners and commands have written."""

    def __call__(self, job: Job, device: Device, stop: Stop) -> Tried:
        """Run the job on the device. Failures of any kind end in the evidence, not in an exception."""
        began = self.clock.monotonic()
        try:
            job.path.mkdir(parents=True, exist_ok=True)
            evidence = self._attempt(job, device, stop)
            # Runners and their programs write to the disk themselves; this is the first moment at which it is theirs
            # no more. What we write ourselves has been redacted before.
            scrub(job.path, self.redact)
            evidence = index(evidence, job, device, self.redact)
        except OSError as error:
            evidence = _never_run(self.runner.name, f"{Cause.RUNNER_FAILED}: evidence cannot be kept: {error}")
        # Judged is what is recorded, so that it can be judged again from the record and come out the same.
        evidence = map_text(evidence, self._recordable)
        return Tried(job=job, serial=device.info.serial, evidence=evidence, seconds=self.clock.monotonic() - began)

    def _attempt(self, job: Job, device: Device, stop: Stop) -> Evidence:
        began = self.clock.monotonic()
        if why := changed(job.flow, self.settings.workspace):
            report = not_started(self.runner.name, NOT_MEASURABLE + why)
            return Evidence(runner=report, device=DeviceEvidence(state=DeviceState.HEALTHY))
        try:
            self._prepare(job, device, stop)
            return self._measure(job, device, stop, self.clock.monotonic() - began)
        except StageError as error:
            return _never_run(self.runner.name, _told(error))

    def _recordable(self, text: str) -> str:
        return encodable(self.redact(text))

    def _prepare(self, job: Job, device: Device, stop: Stop) -> None:
        settings = self.settings
        if self.between is not None and job.follows_another:
            self.between.run(device.seat.serial, device.adb, job.path / "between.log", stop)
        device.prepare(settings.package, fresh_user=settings.fresh_user, marks=settings.marks)

    def _measure(self, job: Job, device: Device, stop: Stop, prepared: float) -> Evidence:
        began, since = self.clock.monotonic(), self.clock.now()
        with device.watch(stop) as watch:
            report = self.runner.run(self._request(job, device), watch.stop)
            ran = self.clock.monotonic()
            seen = watch.evidence()
        app = device.app_evidence(self.settings.package, job.path)
        evidence = Evidence(runner=report, device=seen, app=app, hosts=self.settings.hosts)
        if classify(evidence, self.rules).failure is not None:
            scene, backend = self._witness(job, device)
            evidence = replace(evidence, scene=scene, backend=backend)
        texts = evidence.scene.texts if evidence.scene is not None else ()
        reading = self.settings.sign_in
        sign_in = reading.read(job.path / LOG, texts, job.flow.tags)
        if not stop.is_set:  # who ends a run waits for nobody's answer
            sign_in = reading.asked(sign_in, since, self.clock.now())
        evidence = replace(evidence, sign_in=sign_in)
        timings = Timings(prepare=prepared, run=ran - began, gather=self.clock.monotonic() - ran)
        return replace(evidence, timings=timings)

    def _witness(self, job: Job, device: Device) -> tuple[Scene | None, tuple[ProbeResult, ...]]:
        """The device and the backend, both as they are now that the flow has failed; side by side, to lose no time."""
        with ThreadPoolExecutor(1, thread_name_prefix="backend at failure") as pool:
            backend = pool.submit(self.ask_backend)
            scene = device.scene(job.path, pictured=has_pictures(job.path))
            shown = replace(scene, texts=screen_texts(job.path)) if scene is not None else None
            return shown, tuple(backend.result())

    def _request(self, job: Job, device: Device) -> FlowRequest:
        settings = self.settings
        folder = job.path / "runner"
        folder.mkdir(exist_ok=True)
        return FlowRequest(
            file=(settings.workspace / job.flow.file).resolve(),
            workspace=settings.workspace.resolve(),
            serial=device.seat.serial,
            adb=device.seat.adb,
            machine=device.seat.machine,
            program=device.seat.runner,
            package=settings.package,
            variables=settings.variables,
            secrets=settings.secrets,
            folder=folder.resolve(),
            deadline=settings.timeout,
        )


def _told(error: StageError) -> str:
    return f"{error.cause}: {error.diagnostics()}".replace("\n", " ")


def _never_run(runner: str, problem: str) -> Evidence:
    report = RunnerReport(runner=runner, end=RunnerEnd.NOT_STARTED, exit_code=None, passed=False, complete=False)
    return Evidence(runner=report, device=DeviceEvidence(state=DeviceState.HEALTHY), preparation=problem)
