"""The stages in their order: each failure ends the run with the right decision, and every run ends with one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.pipeline.conftest import settings
from tests.pipeline.stand_ins import CRASH, HANG, PASS, Act, Script, ScriptedDevice, ScriptedRunner
from validator.alerts.preview import PreviewChannel
from validator.builds.expect import Expectation
from validator.demo.build import BuildOptions, Variant
from validator.demo.build import build as build_sample
from validator.failures.rules import built_in_rules
from validator.failures.settle import Limits
from validator.flows.workspace import Selection
from validator.gates.policy import Policy
from validator.model.causes import Cause
from validator.model.decision import Decision, ExitCode, Purpose, ReasonCode, Verdict
from validator.model.deployment import Deployment, ProbeResult
from validator.model.errors import StageError, UsageError
from validator.model.events import AttemptStarted, Decided, Event, RunFinished
from validator.model.flow import Flow
from validator.model.parity import Parity
from validator.pipeline.parts import Parts, Recipe, RunSettings
from validator.pipeline.run import Validation
from validator.support.clock import SystemClock
from validator.support.stop import Stop

PACKAGE = "com.example.cornershop"
API = "http://127.0.0.1:8080"
DEPLOYMENT = Deployment(id="d1", revision="abc", environment="production", source="test")


@dataclass
class Stage:
    """A run's parts, each of which a test may break."""

    folder: Path
    acts: dict[str, list[Act]]
    variant: Variant = Variant.PRODUCTION
    deployment_error: Exception | None = None
    ready: bool = True
    apk_error: StageError | None = None
    no_device: StageError | None = None
    refuses: StageError | None = None
    absent: tuple[str, ...] = ()
    app_id: str = PACKAGE
    purpose: Purpose = Purpose.DEPLOY
    deadline: float = 30.0
    stop: Stop = field(default_factory=Stop)
    alerts: PreviewChannel = field(default_factory=PreviewChannel)
    source: str = "a build"
    deployments: tuple[Deployment | StageError, ...] = ()
    """What is observed, one after the other, the last one for ever; empty: always the same."""
    parity: Parity | None = None

    def __post_init__(self) -> None:
        self.script = Script(self.acts)
        self.device = ScriptedDevice("device-1", refuses=self.refuses)

    # the ports
    def observe(self, stop: Stop) -> Deployment:
        if self.deployment_error is not None:
            raise self.deployment_error
        if self.deployments:
            live, *rest = self.deployments
            self.deployments = tuple(rest) or self.deployments
            if isinstance(live, StageError):
                raise live
            return live
        return DEPLOYMENT

    def select(self) -> Selection:
        flows = tuple(Flow(name=name, file=f"{name}.yaml", app_id=self.app_id) for name in self.acts)
        return Selection(flows=flows, absent=self.absent)

    def wait(self, stop: Stop) -> Iterator[ProbeResult]:
        yield ProbeResult(url=f"{API}/health", ready=self.ready, detail="HTTP 503 in 2 ms")

    def ask(self) -> tuple[ProbeResult, ...]:
        return ()

    def compare(self, stop: Stop) -> Parity:
        assert self.parity is not None
        return self.parity

    def fetch(self, folder: Path, stop: Stop) -> Path:
        if self.apk_error is not None:
            raise self.apk_error
        folder.mkdir(parents=True, exist_ok=True)
        options = BuildOptions(variant=self.variant, keystore=folder, api_url=API, revision="abc")
        build_sample(options, folder / "app.apk")
        return folder / "app.apk"

    @contextmanager
    def open(self, stop: Stop) -> Iterator[Sequence[ScriptedDevice]]:
        if self.no_device is not None:
            raise self.no_device
        yield [self.device]

    def parts(self) -> Parts:
        recipe = Recipe(source=self, expectation=Expectation(package=PACKAGE, contains=(API,)))
        return Parts(
            settings=RunSettings(
                run="r1",
                tenant="default",
                environment="production",
                purpose=self.purpose,
                version="0",
                config_file="configs/production.yaml",
                config_digest="sha256:0",
                folder=self.folder,
                deadline=self.deadline,
            ),
            clock=SystemClock(),
            observe_deployment=self.observe,
            select_flows=self.select,
            readiness=self,
            recipe=lambda: recipe,
            devices=self,
            runner=ScriptedRunner(self.script, {"device-1": self.device}),
            workspace="flows",
            attempts=lambda: replace(settings(self.folder), package=PACKAGE),
            between=lambda: None,
            rules=built_in_rules(),
            limits=Limits(),
            policy=Policy(),
            channels=(self.alerts,),
            compare=self.compare if self.parity is not None else None,
        )

    def run(self) -> tuple[list[Event], Decision]:
        events = list(Validation(parts=self.parts(), stop=self.stop).events())
        (decided,) = [event for event in events if isinstance(event, Decided)]
        return events, decided.decision


@pytest.fixture
def stage(tmp_path):
    def make(acts=None, **changes):
        return Stage(tmp_path, acts if acts is not None else {"a": [PASS], "b": [PASS]}, **changes)

    return make


def test_a_healthy_production_is_approved_and_nobody_is_woken(stage):
    good = stage()
    events, decision = good.run()
    assert decision.verdict is Verdict.APPROVED
    assert isinstance(events[-1], RunFinished)
    assert good.alerts.texts == []
    assert good.device.marks == {}


def test_a_broken_app_is_blocked_and_the_team_is_told(stage):
    broken = stage({"a": [PASS], "b": [CRASH]})
    _, decision = broken.run()
    assert decision.verdict is Verdict.BLOCKED
    assert [(flow.name, flow.outcome, flow.cause) for flow in decision.flows] == [
        ("a", "passed", None),
        ("b", "failed", Cause.APP_CRASH),
    ]
    assert "app_crash" in broken.alerts.texts[0]


def test_a_backend_that_is_not_ready_blocks_before_anything_is_built(stage):
    events, decision = stage(ready=False).run()
    assert decision.verdict is Verdict.BLOCKED
    assert decision.reasons[0].message.startswith("backend_unavailable: ")
    assert decision.rollback.decision_required
    assert not any(isinstance(event, AttemptStarted) for event in events)


@pytest.mark.parametrize("cause", [Cause.APK_MISSING, Cause.APK_UNREADABLE])
def test_an_apk_that_cannot_be_had_blocks_with_its_cause(stage, cause):
    _, decision = stage(apk_error=StageError(cause, "no good", remedy="build it")).run()
    assert decision.exit_code is ExitCode.BLOCKED
    assert decision.reasons[0].message == f"{cause}: no good"
    assert "build it" in decision.next
    assert not decision.rollback.decision_required


def test_the_staging_build_is_refused_before_any_flow_runs(stage):
    events, decision = stage(variant=Variant.STAGING).run()
    assert decision.exit_code is ExitCode.BLOCKED
    assert decision.reasons[0].message.startswith("not_production: ")
    assert not any(isinstance(event, AttemptStarted) for event in events)


def test_flows_of_another_app_are_refused_by_name(stage):
    _, decision = stage(app_id="com.example.other").run()
    assert decision.exit_code is ExitCode.BLOCKED
    assert "a (com.example.other)" in decision.reasons[0].message


def test_no_device_is_undecided(stage):
    _, decision = stage(no_device=StageError(Cause.NO_DEVICE, "no such device")).run()
    assert decision.exit_code is ExitCode.UNDECIDED
    assert decision.reasons[0].message == "no_device: no such device"


def test_an_apk_that_android_refuses_blocks(stage):
    refusal = StageError(Cause.APK_INCOMPATIBLE, "INSTALL_FAILED_NO_MATCHING_ABIS")
    assert stage(refuses=refusal).run()[1].exit_code is ExitCode.BLOCKED


def test_no_flows_are_missing_and_nothing_is_built(stage):
    events, decision = stage({}).run()
    assert decision.exit_code is ExitCode.MISSING
    assert decision.reasons[0].code is ReasonCode.NO_FLOWS
    assert [type(event).__name__ for event in events] == [
        "RunStarted",
        "DeploymentObserved",
        "PlanMade",
        "Decided",
        "AlertSent",
        "RunFinished",
    ]


def test_a_required_flow_that_is_not_there_is_missing_though_all_others_passed(stage):
    _, decision = stage(absent=("checkout",)).run()
    assert decision.exit_code is ExitCode.MISSING
    assert decision.reasons[0].flows == ("checkout",)
    assert decision.counts.missing == 1


def test_an_interrupted_run_stays_closed_tells_the_team_and_leaves_no_mark(stage):
    hanging = stage({"a": [HANG], "b": [PASS]})
    waiter = threading.Thread(target=lambda: hanging.script.hanging.wait(20) and hanging.stop.set("interrupted"))
    waiter.start()
    _, decision = hanging.run()
    waiter.join()
    assert decision.exit_code is ExitCode.INTERRUPTED
    assert not decision.verdict.opens
    assert decision.counts.missing == 2
    assert hanging.alerts.texts
    assert hanging.device.marks == {}


def test_a_run_never_outlives_its_deadline(stage):
    _, decision = stage({"a": [HANG], "b": [PASS]}, deadline=1.0).run()
    assert decision.exit_code is ExitCode.UNDECIDED
    assert {flow.cause for flow in decision.flows} == {Cause.TIMED_OUT}


def test_a_rollback_is_reported_and_not_blocked(stage):
    _, decision = stage({"a": [CRASH]}, purpose=Purpose.ROLLBACK).run()
    assert decision.verdict is Verdict.APPROVED_WITH_WARNINGS
    assert decision.blocks == ()


def test_a_mistake_that_only_a_stage_finds_ends_the_run_without_a_decision(stage):
    wrong = stage(deployment_error=UsageError("no such folder"))
    events: list[Event] = []
    with pytest.raises(UsageError):
        events.extend(Validation(parts=wrong.parts(), stop=wrong.stop).events())
    assert not any(isinstance(event, Decided) for event in events)
