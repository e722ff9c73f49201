"""One validation of one deployment: the stages in their order, from what is live to the decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from validator.alerts.message import Link, RunFacts
from validator.deploys.changes import changes, require_expected
from validator.deploys.parity import require_parity
from validator.devices.port import Device
from validator.gates.decide import decide
from validator.gates.facts import Facts
from validator.model.decision import Decision, ExitCode, StageFailure
from validator.model.deployment import Deployment
from validator.model.errors import PermanentError, StageError, UsageError
from validator.model.events import (
    BuildReady,
    Decided,
    Event,
    FlowSettled,
    RunFinished,
    RunResumed,
    RunStarted,
    StageFailed,
    StopReason,
)
from validator.model.observed import DeploymentObserved, ParityCompared, ReadinessChecked
from validator.pipeline.accounting import Sent
from validator.pipeline.affording import Spending, Unlimited, require_affordable
from validator.pipeline.alerting import tell
from validator.pipeline.attempt import Attempter, AttemptSettings
from validator.pipeline.beginning import forewarned, notices, plan, started, unavailable, unjudged
from validator.pipeline.board import Board, apply
from validator.pipeline.building import Built, build, rebuilt, refuse
from validator.pipeline.closing import absent_flow, unmeasured_flow
from validator.pipeline.flows import FlowLoop
from validator.pipeline.installing import install_everywhere, install_on
from validator.pipeline.judging import never_ready
from validator.pipeline.observing import changed_since, look_again
from validator.pipeline.parts import Parts
from validator.pipeline.past import Past
from validator.support.files import scrub
from validator.support.stop import Stop, deadline

_SIGNALLED = {ExitCode.INTERRUPTED: StopReason.INTERRUPTED, ExitCode.TERMINATED: StopReason.TERMINATED}


@dataclass(slots=True, kw_only=True)
class Validation:
    """A run. `events()` is the run: iterate it to its end.

    With a past it is a run whose process had died: what is recorded stands, the rest is done now.

    Nothing here raises for what production, devices, flows or builds do: a stage that fails is an event, and the run
    ends with `Decided` and `RunFinished`. What is raised is a mistake in the configuration that only a stage could
    find, such as an output that the deployment does not have; such a run ends without a decision, its gate closed.
    """

    parts: Parts
    stop: Stop
    past: Past = field(default_factory=Past)
    _started: RunStarted = field(init=False)
    _board: Board = field(init=False)
    _facts: Facts = field(init=False)
    _deployment: Deployment | None = field(init=False)
    _built: Built | None = None
    _sent: Sent = field(init=False)
    _ends: float = 0.0

    def __post_init__(self) -> None:
        """Start from the past."""
        self._board = self.past.board
        findings = self.past.build.findings if self.past.build is not None else ()
        self._started = self.past.started or started(self.parts)
        self._facts = Facts(
            flows=(),
            stage=self.past.stage,
            findings=findings,
            changes=self.past.changes,
            began=self._started.began_at,
            passed=self._started.passed,
            traffic=self.past.traffic,
        )
        before = self._started.began_at if self.past.started is not None else ""
        self._sent = Sent(clock=self.parts.clock, before=before)
        self._deployment = self.past.deployment

    def events(self) -> Iterator[Event]:
        """All stages, in their order."""
        began = self.parts.clock.monotonic()
        self._ends = began + self.parts.settings.deadline
        yield self._emit(self._begun())
        decision = self.past.decision
        if self.past.started is None:
            yield from forewarned(self.parts)
        if decision is None:
            yield from self._measured(began)
            decision = self._decide()
            yield Decided(decision=decision)
        untold = [channel for channel in self.parts.channels if channel.name not in self.past.told]
        yield from tell(untold, decision, self._alert_facts())
        stop = _SIGNALLED.get(decision.exit_code, self._facts.stop)
        yield RunFinished(stop=stop, seconds=self.parts.clock.monotonic() - began)

    def _measured(self, began: float) -> Iterator[Event]:
        try:
            with deadline(self.stop, self.parts.settings.deadline, StopReason.DEADLINE):
                yield from self._stages()
        except PermanentError as error:
            why = StopReason.MISUSED if isinstance(error, UsageError) else StopReason.STAGE_FAILED
            yield RunFinished(stop=why, seconds=self.parts.clock.monotonic() - began)
            raise

    def _begun(self) -> Event:
        if self.past.started is not None:
            return RunResumed(validator_version=self.parts.settings.version, interrupted=self.past.interrupted)
        return self._started

    def _stages(self) -> Iterator[Event]:
        yield from self._guarded("deployment", self._observe)
        yield from self._guarded("flows", self._plan)
        for stage, step in (
            ("readiness", self._wait_for_backend),
            ("parity", self._compare),
            ("build", self._build),
            ("devices", self._run_flows),
        ):
            if any(not state.flow.problem for state in self._board.unsettled):
                yield from self._guarded(stage, step)
        yield from self._guarded("deployment", self._observe_again)
        yield from self._guarded("traffic", self._account)
        yield from self._leave_nothing_open()

    def _guarded(self, stage: str, step: Callable[[], Iterator[Event]]) -> Iterator[Event]:
        """Run a stage, unless one before it failed or the run has to stop."""
        if self._facts.stage is not None or self.stop.is_set:
            return
        try:
            yield from step()
        except StageError as error:
            if not self.stop.is_set:  # what breaks because we were told to stop is no failure of the stage
                failure = StageFailure(stage=stage, cause=error.cause, message=error.text, remedy=error.remedy)
                self._facts = replace(self._facts, stage=failure)
                yield StageFailed(failure=failure)

    def _emit(self, event: Event) -> Event:
        self._board = apply(self._board, event)
        self._sent.take(event)
        return event

    def _observe(self) -> Iterator[Event]:
        live = self.parts.observe_deployment(self.stop)
        if self.past.deployment is None:
            self._deployment = live
            yield DeploymentObserved(deployment=live)
        elif not self.past.changes and (found := changes(self.past.deployment, live)):
            raise changed_since("the deployment", live.source, found)
        require_expected(live)

    def _observe_again(self) -> Iterator[Event]:
        """Whether what was measured is still there: results of two deployments mixed say nothing about either."""
        if self._deployment is not None and not self._facts.changes and self._board.flows:
            changed = look_again(self.parts.observe_deployment, self._deployment, self.stop)
            if changed is not None:
                self._facts = replace(self._facts, changes=changed.changes)
                yield changed

    def _account(self) -> Iterator[Event]:
        """Whether production could tell our requests; where no flow was started there were none."""
        if self.parts.account is not None and self._facts.traffic is None and (spans := self._sent.spans):
            account = self.parts.account(spans, self._sent.users, self.stop)
            self._facts = replace(self._facts, traffic=account)
            yield account

    def _plan(self) -> Iterator[Event]:
        selection = self.parts.select_flows()
        if self.past.plan is not None:
            if selection.digest != self.past.plan.digest:
                raise changed_since("a flow or what it uses", self.parts.workspace)
            return require_affordable(self.past.plan)
        usual = self.parts.baselines([flow.name for flow in selection.flows])
        yield self._emit(planned := plan(self.parts, selection, usual))
        yield from unjudged(self.parts, usual)
        require_affordable(planned)
        yield from notices(selection)

    def _wait_for_backend(self) -> Iterator[Event]:
        for probe in self.parts.readiness.wait(self.stop):
            yield ReadinessChecked(probe=probe)
            if not probe.ready:
                raise never_ready(probe)

    def _compare(self) -> Iterator[Event]:
        if self.parts.compare is not None:
            parity = self.past.parity
            if parity is None:
                parity = self.parts.compare(self.stop)
                yield ParityCompared(parity=parity)
            require_parity(parity)

    def _build(self) -> Iterator[Event]:
        began = self.parts.clock.monotonic()
        folder = self.parts.settings.folder
        if self.past.build is not None:
            self._built = rebuilt(self.past.build, folder)
            refuse(self._built)
            return
        flows = [state.flow for state in self._board.flows]
        self._built = built = build(self.parts.recipe(), flows, folder / "build", self.stop)
        scrub(folder / "build", self.parts.redact)
        self._facts = replace(self._facts, findings=built.findings)
        yield BuildReady(
            apk=built.apk,
            path=built.path.relative_to(folder).as_posix(),
            source=built.source,
            seconds=self.parts.clock.monotonic() - began,
            findings=built.findings,
        )
        refuse(built)

    def _run_flows(self) -> Iterator[Event]:
        if self._built is None:
            raise AssertionError("devices are opened after the build")
        attempts, built = self.parts.attempts(), self._built
        with ExitStack() as release:
            opened = release.enter_context(self.parts.devices.open(self.stop))
            devices = {device.info.serial: device for device in opened}
            release.callback(self._unmark, devices, attempts)
            yield from unavailable(self.parts.left_out)
            for event in install_everywhere(devices, built.path, attempts.package, built.apk, self.stop):
                yield self._emit(event)
            for event in self._loop(devices, attempts, built).events():
                yield self._emit(event)

    def _loop(self, devices: dict[str, Device], attempts: AttemptSettings, built: Built) -> FlowLoop:
        parts = self.parts
        attempter = Attempter(
            runner=parts.runner,
            between=parts.between(),
            ask_backend=parts.readiness.ask,
            settings=attempts,
            clock=parts.clock,
            rules=parts.rules,
            redact=parts.redact,
        )
        return FlowLoop(
            board=self._board,
            devices=devices,
            install=lambda device: install_on(device, built.path, attempts.package, built.apk),
            attempter=attempter,
            rules=parts.rules,
            begun=self.past.ended,
            limits=parts.limits,
            consecutive_infrastructure=parts.policy.limits.consecutive_infrastructure,
            run_folder=parts.settings.folder,
            clock=parts.clock,
            stop=self.stop,
            wait_for_backend=parts.readiness.wait,
            ends=self._ends,
            spending=Spending(accounts=parts.accounts or Unlimited(), clock=parts.clock),
        )

    def _unmark(self, devices: dict[str, Device], attempts: AttemptSettings) -> None:
        names = [name for name, _ in attempts.marks]
        for serial in self._board.alive & devices.keys():
            devices[serial].unmark(names)

    def _leave_nothing_open(self) -> Iterator[Event]:
        """Every expected flow gets an outcome, also one that never had its turn."""
        for state in self._board.unsettled:
            yield self._emit(FlowSettled(flow=unmeasured_flow(state, self._facts.stage)))
        absent = tuple(absent_flow(name) for name in self._board.absent)
        for flow in absent:
            if flow.name not in self.past.settled:
                yield FlowSettled(flow=flow)
        stop = StopReason(self.stop.reason) if self.stop.is_set else StopReason.COMPLETED
        board = self._board
        flows = (*board.settled, *absent)
        self._facts = replace(self._facts, flows=flows, left_out=board.left_out, timings=board.timings, stop=stop)

    def _alert_facts(self) -> RunFacts:
        settings = self.parts.settings
        return RunFacts(
            run=settings.run,
            tenant=settings.tenant,
            environment=settings.environment,
            deployment=self._deployment,
            apk=self._built.apk if self._built is not None else self.past.apk,
            links=(Link(label="report", target=str(settings.folder / "index.html")),),
        )

    def _decide(self) -> Decision:
        purpose, now = self.parts.settings.purpose, self.parts.clock.now()
        return decide(self._facts, self.parts.policy, purpose=purpose, now=now)
