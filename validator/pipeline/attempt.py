"""One attempt: make the device ready, run the flow under watch, and gather what can be known about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from validator.devices.port import Device
from validator.flows.port import FlowRequest, FlowRunner
from validator.model.attempt import (
    DeviceEvidence,
    DeviceState,
    Evidence,
    EvidenceFile,
    RunnerEnd,
    RunnerReport,
)
from validator.model.causes import Cause
from validator.model.deployment import ProbeResult
from validator.model.device import AdbAddress
from validator.model.errors import StageError
from validator.model.flow import Flow
from validator.support.clock import Clock
from validator.support.files import scrub, sha256_file
from validator.support.stop import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One attempt that was decided on."""

    flow: Flow
    number: int
    run_folder: Path
    folder: str
    """Relative to the run's folder."""
    follows_another: bool
    """Whether a flow ran before on this device, so that there is something to run between the two."""

    @property
    def path(self) -> Path:
        """The attempt's folder."""
        return self.run_folder / self.folder


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempter:
    """Executes jobs. One per run, used by several threads at once."""

    runner: FlowRunner
    between: Between | None
    ask_backend: Callable[[], Sequence[ProbeResult]]
    settings: AttemptSettings
    clock: Clock
    redact: Callable[[str], str] = str
    """Takes secrets out of what runners and commands have written."""

    def __call__(self, job: Job, device: Device, stop: Stop) -> Tried:
        """Run the job on the device. Failures of any kind end in the evidence, not in an exception."""
        began = self.clock.monotonic()
        try:
            job.path.mkdir(parents=True, exist_ok=True)
            evidence = self._attempt(job, device, stop)
            scrub(job.path, self.redact)
            evidence = _with_files(evidence, job)
        except OSError as error:
            evidence = _never_run(self.runner.name, f"{Cause.RUNNER_FAILED}: evidence cannot be kept: {error}")
        return Tried(job=job, serial=device.info.serial, evidence=evidence, seconds=self.clock.monotonic() - began)

    def _attempt(self, job: Job, device: Device, stop: Stop) -> Evidence:
        try:
            self._prepare(job, device, stop)
            return self._measure(job, device, stop)
        except StageError as error:
            return _never_run(self.runner.name, _told(error))

    def _prepare(self, job: Job, device: Device, stop: Stop) -> None:
        settings = self.settings
        if self.between is not None and job.follows_another:
            self.between.run(device.info.serial, device.adb, job.path / "between.log", stop)
        device.prepare(settings.package, fresh_user=settings.fresh_user, marks=settings.marks)

    def _measure(self, job: Job, device: Device, stop: Stop) -> Evidence:
        with device.watch(stop) as watch:
            report = self.runner.run(self._request(job, device), watch.stop)
            seen = watch.evidence()
        app = device.app_evidence(self.settings.package, job.path)
        answers = seen.state not in (DeviceState.LOST, DeviceState.FROZEN)
        if answers and not report.passed and not _has_picture(job.path):
            device.screenshot(job.path / "screenshot.png")
        backend = () if report.passed else tuple(self.ask_backend())
        return Evidence(runner=report, device=seen, app=app, backend=backend)

    def _request(self, job: Job, device: Device) -> FlowRequest:
        settings = self.settings
        folder = job.path / "runner"
        folder.mkdir(exist_ok=True)
        return FlowRequest(
            file=(settings.workspace / job.flow.file).resolve(),
            workspace=settings.workspace.resolve(),
            serial=device.info.serial,
            adb=device.adb,
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


_KINDS = {".png": "screenshot", ".jpg": "screenshot", ".xml": "hierarchy", ".log": "log", ".json": "report"}


def _has_picture(folder: Path) -> bool:
    return any(folder.rglob("*.png"))


def _with_files(evidence: Evidence, job: Job) -> Evidence:
    files = sorted(path for path in job.path.rglob("*") if path.is_file() and not path.is_symlink())
    entries = tuple(
        EvidenceFile(
            path=path.relative_to(job.run_folder).as_posix(),
            kind="logcat" if path.name == "logcat.txt" else _KINDS.get(path.suffix, "other"),
            sha256=sha256_file(path),
            size=path.stat().st_size,
        )
        for path in files
    )
    return Evidence(
        runner=evidence.runner,
        device=evidence.device,
        app=evidence.app,
        backend=evidence.backend,
        preparation=evidence.preparation,
        files=entries,
    )
