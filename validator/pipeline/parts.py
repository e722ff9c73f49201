"""The implementations that a run is made of, as the pipeline sees them. `wiring` fills them in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from validator.alerts.port import Channel
from validator.builds.expect import Expectation
from validator.builds.port import BuildSource
from validator.devices.port import DeviceSource
from validator.failures.rules import Rule
from validator.failures.settle import Limits
from validator.flows.port import FlowRunner
from validator.flows.workspace import Selection
from validator.gates.policy import Policy
from validator.model.build import Apk, ToolCheck
from validator.model.decision import Purpose
from validator.model.deployment import Deployment, ProbeResult
from validator.model.errors import StageError
from validator.model.parity import Parity
from validator.model.rules import TeamRule
from validator.model.timing import Usual
from validator.pipeline.accounting import AccountFor
from validator.pipeline.affording import Accounts
from validator.pipeline.attempt import AttemptSettings, Between
from validator.support.clock import Clock
from validator.support.stop import Stop


class Readiness(Protocol):
    """Asks the backend whether it serves."""

    def wait(self, stop: Stop) -> Iterator[ProbeResult]:
        """Ask every probe until it is ready or its time is over; one result per probe."""
        ...

    def ask(self) -> tuple[ProbeResult, ...]:
        """Ask every probe once, now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Where the APK comes from, and what makes it the production build."""

    source: BuildSource
    expectation: Expectation
    verify: Callable[[Apk, Path, Stop], tuple[ToolCheck, ...]] = lambda _apk, _path, _stop: ()
    """Has Android's own tools look at the APK, where they are installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """What a run is called and what it is about."""

    run: str
    tenant: str
    environment: str
    purpose: Purpose
    version: str
    config_file: str
    config_digest: str
    folder: Path
    """The run's folder; it exists and is empty."""
    deadline: float
    """Seconds after which the run stops, whatever it is doing."""
    passed: tuple[str, ...] = ()
    """Earlier stages of the pipeline that have passed, as the caller says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything a run needs, behind ports."""

    settings: RunSettings
    clock: Clock
    observe_deployment: Callable[[Stop], Deployment]
    select_flows: Callable[[], Selection]
    readiness: Readiness
    recipe: Callable[[], Recipe]
    """Made when it is needed: it may refer to outputs of the deployment that was observed."""
    devices: DeviceSource
    runner: FlowRunner
    workspace: str
    """The name of the flows' folder, for people."""
    attempts: Callable[[], AttemptSettings]
    """Made when it is needed, like the recipe."""
    between: Callable[[], Between | None]
    rules: Sequence[Rule]
    """All rules, in the order in which they are tried."""
    limits: Limits
    policy: Policy
    channels: Sequence[Channel]
    baselines: Callable[[Sequence[str]], Usual] = lambda _flows: Usual()
    """What flows usually take, as far as that is known."""
    team_rules: Sequence[TeamRule] = ()
    """Those of the rules that are the team's own, for the record."""
    compare: Callable[[Stop], Parity] | None = None
    """Holds the environment beside its baseline; None when it has none."""
    account: AccountFor | None = None
    """Accounts for the run's own requests once its flows have ended; None where nobody asks."""
    accounts: Accounts | None = None
    """Counts the new accounts that attempts make; None where nothing limits them."""
    left_out: Sequence[StageError] = ()
    """Filled when the devices are opened: those that cannot be had while others can."""
    redact: Callable[[str], str] = str
    """Takes secrets out of every file that a program of others wrote into the run's folder."""
