"""Runs as they happen, built from the model's values: what the tests of reports and alerts are fed with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from validator.model.attempt import (
    AppEvidence,
    AttemptOutcome,
    DeviceEvidence,
    DeviceState,
    Evidence,
    EvidenceFile,
    RunnerEnd,
    RunnerReport,
    Step,
    StepStatus,
)
from validator.model.build import Apk, Finding, Severity
from validator.model.causes import Cause
from validator.model.decision import (
    Counts,
    Decision,
    ExitCode,
    PolicyRef,
    Purpose,
    Reason,
    ReasonCode,
    Rollback,
    SettledFlow,
    StageFailure,
    Verdict,
)
from validator.model.deployment import Deployment, Output, ProbeResult
from validator.model.device import DeviceInfo
from validator.model.events import (
    AlertFailed,
    AlertSent,
    AttemptFinished,
    AttemptStarted,
    BuildReady,
    Decided,
    DeploymentObserved,
    DeviceLeased,
    DeviceLost,
    Event,
    FailureClassified,
    FlowSettled,
    PlanMade,
    ReadinessChecked,
    Record,
    RetryScheduled,
    RunFinished,
    RunStarted,
    StageFailed,
    StopReason,
    Warned,
)
from validator.model.failure import Failure, Quote
from validator.model.flow import Flow, FlowOutcome

RUN = "20261121-032654-k3x9"
BEGAN = datetime(2026, 11, 21, 3, 26, 54, 120_000, tzinfo=UTC)
POLICY = PolicyRef(name="frontend-production", digest="sha256:" + "5d" * 32)
APK = Apk(
    sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    size=18_392_114,
    package="com.example.shop",
    version_name="4.12.0",
    version_code=41200,
    min_sdk=24,
    target_sdk=35,
    debuggable=False,
    abis=("arm64-v8a", "x86_64"),
    signers=("sha256:" + "ab" * 32,),
)
DEPLOYMENT = Deployment(
    id="dep-2026-11-21.3",
    revision="8f3c2d1b6a7e4f0912345678",
    environment="production",
    source="terraform output in infra/",
    outputs=(
        Output(name="api_url", value="https://api.shop.example.com"),
        Output(name="db_password", value="", sensitive=True),
    ),
    digest="sha256:" + "11" * 32,
)
PIXEL = DeviceInfo(serial="emulator-5554", model="Pixel 8", sdk=34, abis=("x86_64",), kind="emulator", boot_id="b1")
OTHER = DeviceInfo(serial="127.0.0.1:5601", model="Virtual 1", sdk=34, abis=("x86_64",), kind="virtual", boot_id="b2")


def records(timed: Iterable[tuple[float, Event]], run: str = RUN) -> list[Record]:
    """Events in their envelopes, each at so many seconds after the beginning."""
    return [
        Record(
            id=f"01JD{number:022d}",
            run=run,
            tenant="default",
            seq=number,
            at=(BEGAN + timedelta(seconds=second)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            version=1,
            event=event,
        )
        for number, (second, event) in enumerate(timed)
    ]


def flow(name: str, *, required: bool = True) -> Flow:
    return Flow(
        name=name,
        file=f"{name.lower().replace(' ', '-')}.yaml",
        app_id="com.example.shop",
        tags=("production",),
        required=required,
        digest="sha256:" + "22" * 32,
    )


STEPS = (
    Step(index=0, text="launchApp: {clearState: true}", status=StepStatus.PASSED, seconds=2.41),
    Step(index=1, text='tapOn: "Continue as guest"', status=StepStatus.PASSED, seconds=0.82),
    Step(index=2, text='assertVisible: "Welcome"', status=StepStatus.PASSED, seconds=1.13),
    Step(index=3, text='tapOn: "Add to cart"', status=StepStatus.PASSED, seconds=0.64),
    Step(index=4, text='tapOn: "Pay now"', status=StepStatus.PASSED, seconds=0.71),
)


def ended_at(text: str, error: str) -> tuple[Step, ...]:
    return (*STEPS, Step(index=5, text=text, status=StepStatus.FAILED, seconds=17.02, error=error))


def evidence(
    steps: Sequence[Step] = STEPS,
    *,
    passed: bool = True,
    device: DeviceEvidence | None = None,
    app: AppEvidence | None = None,
    files: tuple[EvidenceFile, ...] = (),
    message: str = "",
) -> Evidence:
    return Evidence(
        runner=RunnerReport(
            runner="maestro-runner 1.1.27",
            end=RunnerEnd.EXITED,
            exit_code=0 if passed else 1,
            passed=passed,
            complete=True,
            steps=tuple(steps),
            message=message,
            output=() if passed else ("[FAILED] checkout", message),
            seconds=sum(step.seconds for step in steps),
        ),
        device=device or DeviceEvidence(state=DeviceState.HEALTHY, boot_id_before="b1", boot_id_after="b1"),
        app=app or AppEvidence(focused_package="com.example.shop"),
        backend=()
        if passed
        else (ProbeResult(url="https://api.shop.example.com/health", ready=True, detail="HTTP 200 in 41 ms"),),
        files=files,
    )


def kept(folder: str) -> tuple[EvidenceFile, ...]:
    return (
        EvidenceFile(path=f"{folder}/screenshot.png", kind="screenshot", sha256="aa" * 32, size=48_211),
        EvidenceFile(path=f"{folder}/logcat.txt", kind="logcat", sha256="bb" * 32, size=1_048_576),
        EvidenceFile(path=f"{folder}/runner/report.json", kind="report", sha256="cc" * 32, size=9_211),
    )


CRASH = Failure(
    cause=Cause.APP_CRASH,
    rule="android-crash",
    why="Android recorded that the app ended with an uncaught exception.",
    quotes=(
        Quote(
            source="exit_info",
            line="process=com.example.shop reason=4 (APP CRASH(EXCEPTION)) subreason=0 (UNKNOWN) status=0",
        ),
        Quote(source="crash_log", line="E AndroidRuntime: java.lang.NullPointerException: order.total was null"),
    ),
    step='assertVisible: "Thank you for your order"',
)
ASSERTION = Failure(
    cause=Cause.APP_ASSERTION,
    rule="assertion-not-visible",
    why="The app was healthy and did not show what the flow expects.",
    quotes=(Quote(source="runner", line='message: Element with text "12 results" not found within 17000 ms'),),
    step='assertVisible: "12 results"',
)
LOST = Failure(
    cause=Cause.DEVICE_LOST,
    rule="device-lost",
    why="adb lost the device while the flow ran; whatever the runner said about the app is worthless.",
    quotes=(Quote(source="device", line="state=lost: adb says offline"),),
    step='tapOn: "Save"',
)


def opening(devices: Sequence[DeviceInfo] = (PIXEL, OTHER)) -> list[tuple[float, Event]]:
    """A run up to its devices, without the plan."""
    return [
        (
            0.0,
            RunStarted(
                environment="production",
                purpose=Purpose.DEPLOY,
                validator_version="0.1.0",
                config_file="configs/production.yaml",
                config_digest="sha256:" + "33" * 32,
                policy=POLICY,
            ),
        ),
        (0.2, DeploymentObserved(deployment=DEPLOYMENT)),
        (
            0.4,
            ReadinessChecked(
                probe=ProbeResult(url="https://api.shop.example.com/health", ready=True, detail="HTTP 200 in 38 ms")
            ),
        ),
        (9.0, BuildReady(apk=APK, path="app.apk", source="./gradlew :app:assembleRelease", seconds=8.4)),
        *((12.0 + number, DeviceLeased(device=device, seconds=2.1 + number)) for number, device in enumerate(devices)),
    ]


def plan(flows: Sequence[Flow], absent: tuple[str, ...] = ()) -> PlanMade:
    return PlanMade(
        workspace=".maestro",
        flows=tuple(flows),
        absent=absent,
        excluded=3,
        digest="sha256:" + "44" * 32,
        max_attempts=4,
        runner="maestro-runner 1.1.27",
    )


def attempt(
    name: str,
    number: int,
    serial: str,
    start: float,
    seconds: float,
    *,
    failure: Failure | None = None,
    outcome: AttemptOutcome | None = None,
    purpose: str = "first",
    found: Evidence | None = None,
) -> list[tuple[float, Event]]:
    """One attempt from its beginning to its cause."""
    folder = f"attempts/{name.lower().replace(' ', '-')}/{number}"
    ended = outcome or (AttemptOutcome.PASSED if failure is None else AttemptOutcome.FAILED)
    began = AttemptStarted(flow=name, number=number, serial=serial, folder=folder, purpose=purpose)
    finished = AttemptFinished(
        flow=name,
        number=number,
        serial=serial,
        outcome=ended,
        seconds=seconds,
        evidence=found or evidence(files=() if failure is None else kept(folder), passed=failure is None),
    )
    events: list[tuple[float, Event]] = [(start, began), (start + seconds, finished)]
    if failure is not None:
        events.append((start + seconds, FailureClassified(flow=name, number=number, failure=failure)))
    return events


def settled(name: str, outcome: FlowOutcome, failure: Failure | None = None, **more: object) -> SettledFlow:
    attempts, required = more.get("attempts", 1), more.get("required", True)
    assert isinstance(attempts, int)
    return SettledFlow(
        name=name,
        required=bool(required),
        outcome=outcome,
        cause=failure.cause if failure is not None else None,
        attempts=attempts,
        step=failure.step if failure is not None else "",
        why=failure.why if failure is not None else "",
        quote=failure.quotes[0].line if failure is not None and failure.quotes else "",
    )


def decision(verdict: Verdict, flows: Sequence[SettledFlow], **more: object) -> Decision:
    outcomes = [flow.outcome for flow in flows]
    reasons = more.get("reasons") or (
        Reason(code=ReasonCode.ALL_PASSED, message=f"{len(flows)} of {len(flows)} required flows passed"),
    )
    steps = more.get("next") or ("Nothing to do: the frontend may be deployed.",)
    exit_code = more.get("exit_code", ExitCode.OPEN)
    assert isinstance(reasons, tuple)
    assert isinstance(steps, tuple)
    assert isinstance(exit_code, ExitCode)
    return Decision(
        verdict=verdict,
        blocks=() if verdict.opens else ("frontend",),
        exit_code=exit_code,
        reasons=reasons,
        flows=tuple(flows),
        counts=Counts(
            expected=len(outcomes),
            passed=outcomes.count(FlowOutcome.PASSED),
            flaky=outcomes.count(FlowOutcome.FLAKY),
            failed=outcomes.count(FlowOutcome.FAILED),
            inconclusive=outcomes.count(FlowOutcome.INCONCLUSIVE),
            missing=outcomes.count(FlowOutcome.MISSING),
        ),
        policy=POLICY,
        decided_at="2026-11-21T03:31:02.440Z",
        expires_at="2026-11-22T03:31:02.440Z",
        next=steps,
        rollback=Rollback(
            decision_required=verdict is Verdict.BLOCKED,
            command="" if verdict.opens else "terraform -chdir=infra apply -var release=8f3c2d0",
        ),
    )


def approved() -> list[Record]:
    """Four flows on two devices, all passed."""
    names = ("Sign in", "Search", "Cart", "Checkout")
    events = [*opening(), (14.0, plan([flow(name) for name in names]))]
    for number, name in enumerate(names):
        device = (PIXEL, OTHER)[number % 2].serial
        begin = 15.0 + 20 * (number // 2)
        events += attempt(name, 1, device, begin, 12.3 + number)
        events.append((begin + 13 + number, FlowSettled(flow=settled(name, FlowOutcome.PASSED))))
    outcome = decision(Verdict.APPROVED, [settled(name, FlowOutcome.PASSED) for name in names])
    events += [
        (60.0, Decided(decision=outcome)),
        (60.1, RunFinished(stop=StopReason.COMPLETED, seconds=60.1)),
    ]
    return records(sorted(events, key=lambda event: event[0]))


BLOCKED_FLOWS = (
    settled("Sign in", FlowOutcome.PASSED),
    settled("Search the catalogue", FlowOutcome.FLAKY, ASSERTION, attempts=2),
    settled("Checkout", FlowOutcome.FAILED, CRASH, attempts=2),
    settled("Profile", FlowOutcome.INCONCLUSIVE, LOST, required=False),
    settled("Gift cards", FlowOutcome.MISSING, attempts=0),
)
BLOCKED = decision(
    Verdict.BLOCKED,
    BLOCKED_FLOWS,
    exit_code=ExitCode.BLOCKED,
    reasons=(
        Reason(code=ReasonCode.PRODUCT_FAILURES, message="product failures (1) > limit (0)", flows=("Checkout",)),
        Reason(
            code=ReasonCode.MISSING_FLOWS,
            message="expected flows that did not run (1) > limit (0)",
            flows=("Gift cards",),
        ),
        Reason(
            code=ReasonCode.FLAKY_FLOWS,
            message="flows that passed only after failing (1), limit (2)",
            flows=("Search the catalogue",),
        ),
    ),
    next=(
        "Look at the evidence of Checkout in the report: it happened twice, each time with a fresh user.",
        "Decide, by name, whether to roll back or to fix forward: terraform -chdir=infra apply -var release=8f3c2d0",
    ),
)


def blocked() -> list[Record]:
    """A confirmed crash, a flaky flow, a lost device under an informational flow, and a flow that does not exist."""
    search, pay = "Search the catalogue", "Checkout"
    missed = evidence(
        ended_at(ASSERTION.step, "Element not found"),
        passed=False,
        message='Element with text "12 results" not found within 17000 ms',
        files=kept("attempts/search-the-catalogue/1"),
    )
    crashed = evidence(
        ended_at(CRASH.step, "Element not found"),
        passed=False,
        message="Element not found",
        app=AppEvidence(exit_info=(CRASH.quotes[0].line,), crash_log=(CRASH.quotes[1].line,)),
        files=kept("attempts/checkout/1"),
    )
    again = replace(crashed, files=kept("attempts/checkout/2"))
    gone = evidence(
        (*STEPS, Step(index=5, text=LOST.step, status=StepStatus.RUNNING, seconds=0.0)),
        passed=False,
        device=DeviceEvidence(state=DeviceState.LOST, detail="adb says offline"),
    )
    flows = [flow("Sign in"), flow(search), flow(pay), flow("Profile", required=False)]
    error = AttemptOutcome.ERROR
    events = [
        *opening(),
        (14.0, plan(flows, absent=("Gift cards",))),
        (14.1, Warned(message="the device 127.0.0.1:5601 has little free space (412 MB)")),
        *attempt("Sign in", 1, PIXEL.serial, 15.0, 13.1),
        (28.2, FlowSettled(flow=BLOCKED_FLOWS[0])),
        *attempt(search, 1, OTHER.serial, 15.0, 24.9, failure=ASSERTION, found=missed),
        (40.0, retry(search, "app_assertion: once more, to confirm it")),
        *attempt(pay, 1, PIXEL.serial, 29.0, 41.2, failure=CRASH, found=crashed),
        (70.3, retry(pay, "app_crash: once more, to confirm it")),
        *attempt(search, 2, OTHER.serial, 41.0, 18.2, purpose="confirm"),
        (59.3, FlowSettled(flow=BLOCKED_FLOWS[1])),
        *attempt(pay, 2, OTHER.serial, 71.0, 39.8, failure=CRASH, purpose="confirm", found=again),
        (110.9, FlowSettled(flow=BLOCKED_FLOWS[2])),
        *attempt("Profile", 1, PIXEL.serial, 71.5, 9.4, failure=LOST, outcome=error, found=gone),
        (81.0, DeviceLost(serial=PIXEL.serial, reason="adb says offline")),
        (81.1, FlowSettled(flow=BLOCKED_FLOWS[3])),
        (111.0, Decided(decision=BLOCKED)),
        (111.4, AlertSent(channel="slack #prod-alerts", receipt="1763695920.000200")),
        (111.5, RunFinished(stop=StopReason.COMPLETED, seconds=111.5)),
    ]
    return records(sorted(events, key=lambda event: event[0]))


def retry(name: str, reason: str) -> RetryScheduled:
    return RetryScheduled(flow=name, number=2, purpose="confirm", reason=reason, not_before="")


def undecided() -> list[Record]:
    """Every attempt lost its device; the alert could not be delivered."""
    flows = (settled("Sign in", FlowOutcome.INCONCLUSIVE, LOST, attempts=3),)
    error = AttemptOutcome.ERROR
    events = [*opening(), (14.0, plan([flow("Sign in")]))]
    for number in (1, 2, 3):
        events += attempt(
            "Sign in", number, PIXEL.serial, 15.0 * number, 8.0, failure=LOST, outcome=error, purpose="retry"
        )
    outcome = decision(
        Verdict.UNDECIDED,
        flows,
        exit_code=ExitCode.UNDECIDED,
        reasons=(
            Reason(
                code=ReasonCode.INFRASTRUCTURE_FAILURES,
                message="flows stopped by infrastructure (1) > limit (0)",
                flows=("Sign in",),
            ),
        ),
        next=(
            "Look at the devices: `validator doctor` says what is missing on this machine.",
            "Run it again once that is mended; the frontend stays blocked until a run decides.",
        ),
    )
    failed = AlertFailed(
        channel="slack #prod-alerts",
        reason="Slack knows no channel #prod-alerts",
        remedy="create the channel, or correct `alerts[0].slack.channel`",
    )
    events += [
        (60.0, FlowSettled(flow=flows[0])),
        (60.1, Decided(decision=outcome)),
        (60.2, failed),
        (60.3, RunFinished(stop=StopReason.COMPLETED, seconds=60.3)),
    ]
    return records(events)


def not_production() -> list[Record]:
    """The APK is the staging build: the run ends before its flows."""
    failure = StageFailure(
        stage="build",
        cause=Cause.NOT_PRODUCTION,
        message="app.apk talks to https://staging.example.com",
        remedy="Build it with API_URL set to the deployment's api_url.",
    )
    finding = Finding(
        code="forbidden_endpoint",
        severity=Severity.ERROR,
        message="the APK contains staging.example.com",
        remedy="Build the release variant.",
    )
    outcome = decision(
        Verdict.BLOCKED,
        (),
        exit_code=ExitCode.BLOCKED,
        reasons=(Reason(code=ReasonCode.STAGE_FAILED, message="build: app.apk talks to https://staging.example.com"),),
        next=("Build it with API_URL set to the deployment's api_url.",),
    )
    events = [
        *opening(())[:3],
        (9.0, BuildReady(apk=APK, path="app.apk", source="app.apk", seconds=0.2, findings=(finding,))),
        (9.1, StageFailed(failure=failure)),
        (9.2, Decided(decision=outcome)),
        (9.3, RunFinished(stop=StopReason.STAGE_FAILED, seconds=9.3)),
    ]
    return records(events)


def interrupted() -> list[Record]:
    """Somebody pressed Ctrl-C under the second flow: one flow passed, one has no outcome, one never began."""
    events = [
        *opening((PIXEL,)),
        (14.0, plan([flow("Sign in"), flow("Search"), flow("Checkout")])),
        *attempt("Sign in", 1, PIXEL.serial, 15.0, 12.0),
        (27.0, FlowSettled(flow=settled("Sign in", FlowOutcome.PASSED))),
        *attempt("Search", 1, PIXEL.serial, 28.0, 5.0)[:1],
        (33.0, RunFinished(stop=StopReason.INTERRUPTED, seconds=33.0)),
    ]
    return records(events)


EVERY_RUN = {
    "approved": approved,
    "blocked": blocked,
    "undecided": undecided,
    "not production": not_production,
    "interrupted": interrupted,
}
