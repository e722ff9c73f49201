"""One execution of one flow on one device, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from validator.model.deployment import ProbeResult
from validator.model.device import AdbAddress, DeviceInfo


class AttemptOutcome(StrEnum):
    """How one attempt ended."""

    PASSED = "passed"
    FAILED = "failed"
    """The app or its backend did something wrong."""
    ERROR = "error"
    """Could not be measured."""
    SKIPPED = "skipped"


class StepStatus(StrEnum):
    """How one step of a flow ended."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    """An optional step that failed."""
    SKIPPED = "skipped"
    RUNNING = "running"
    """Still running when the runner ended: it never got an answer."""
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step as the runner reported it."""

    index: int
    text: str
    """The step as the flow file writes it, on one line."""
    status: StepStatus
    seconds: float
    error: str = ""


class RunnerEnd(StrEnum):
    """How the runner's process ended."""

    EXITED = "exited"
    TIMED_OUT = "timed_out"
    """Ended by us: the flow's deadline had passed."""
    STOPPED = "stopped"
    """Ended by us: the device was gone, or the run was interrupted."""
    NOT_STARTED = "not_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerReport:
    """What the flow runner left behind, read from its structured reports."""

    runner: str
    """`maestro-runner 1.1.27`."""
    end: RunnerEnd
    exit_code: int | None
    passed: bool
    """Its own reports say, completely and consistently, that this one flow passed."""
    complete: bool
    """Its own reports were written to the end."""
    steps: tuple[Step, ...] = ()
    message: str = ""
    """The error of the step that ended the flow (never of an optional one)."""
    output: tuple[str, ...] = ()
    """The last lines it printed."""
    transport_errors: int = 0
    """Lost calls to the device counted in its client log: 0 in every healthy run, passed or failed."""
    seconds: float = 0.0
    problem: str = ""
    """Why its reports could not be read; empty when they could."""
    command: tuple[str, ...] = ()
    """How it was started. Variables are not on it: they reach the runner by file or environment."""


class DeviceState(StrEnum):
    """What became of the device while the flow ran."""

    HEALTHY = "healthy"
    LOST = "lost"
    """adb no longer reaches it."""
    FROZEN = "frozen"
    """Connected, but it does not answer."""
    REBOOTED = "rebooted"
    RECONNECTED = "reconnected"
    """The connection broke and came back: every forward is gone."""
    NO_NETWORK = "no_network"
    """It answers, and has lost its network, which nobody has switched off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEvidence:
    """What our own watch over the device saw during and right after the attempt."""

    state: DeviceState
    detail: str = ""
    boot_id_before: str = ""
    boot_id_after: str = ""
    uptime_before: float = 0.0
    """Seconds since it booted, when the watch began; 0 where it did not tell."""
    uptime_after: float = 0.0
    """The same with its last answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The device as it was right after a flow had failed on it. What it did not tell is empty."""

    window: str = ""
    """The focused window: `com.example.shop/.MainActivity`, `Application Not Responding: com.android.systemui`."""
    free_mb: int | None = None
    """Free space on its data partition."""
    network: str = ""
    """Its default network as Android numbers it, `none`, or `airplane mode` when somebody has switched it off."""
    app: str = ""
    """`installed` or `missing`: whether the app under test is on it."""
    clock_off: int | None = None
    """Seconds by which its clock is ahead of ours."""
    texts: tuple[str, ...] = ()
    """What stood on its screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppEvidence:
    """What Android itself recorded about the app during the attempt."""

    exit_info: tuple[str, ...] = ()
    """`dumpsys activity exit-info`, one line per record."""
    crash_log: tuple[str, ...] = ()
    """The crash buffer's lines that name the app."""
    http_log: tuple[str, ...] = ()
    """The app's log lines that tell of failed HTTP calls."""
    focused_package: str = ""
    package: str = ""
    """The app's application id."""
    unread: str = ""
    """Why Android's records or the log of the attempt could not be read; empty when they could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What the log and the screen told of the app's sign-in, as far as the configuration says how to read it."""

    users: tuple[str, ...] = ()
    """The ids of the users that it created."""
    failed: tuple[str, ...] = ()
    """The lines and texts that say that it failed."""
    unread: str = ""
    """Why the backend did not say who was created; empty when it did, or was not asked."""
    flow: bool = False
    """Whether the flow does nothing but sign in, as its tag says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Where the seconds of an attempt went."""

    prepare: float
    run: float
    gather: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that is known about one attempt; enough to derive its cause again, offline."""

    runner: RunnerReport
    device: DeviceEvidence
    app: AppEvidence = AppEvidence()
    backend: tuple[ProbeResult, ...] = ()
    preparation: str = ""
    """Why the device could not be made ready for the flow; empty when it was."""
    scene: Scene | None = None
    """None after a flow that passed, and where the device no longer answered."""
    timings: Timings | None = None
    sign_in: SignIn = SignIn()
    files: tuple[EvidenceFile, ...] = ()
    hosts: tuple[str, ...] = ()
    """Hosts of the endpoints under test; none: nobody has named any, and the calls to every host count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFile:
    """One file kept with the attempt."""

    path: str
    """Relative to the run's folder, with `/`."""
    kind: str
    """`screenshot`, `hierarchy`, `logcat`, `log`, `report`, `manifest` or `other`."""
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What lies in an attempt's folder, and how it came to be: `manifest.json`, beside what it lists."""

    version: int = 1
    """Of this form."""
    flow: str
    number: int
    device: DeviceInfo
    adb: AdbAddress
    runner: str
    """Name and version."""
    command: tuple[str, ...]
    timings: Timings | None
    files: tuple[EvidenceFile, ...]
    """All but the manifest itself."""
