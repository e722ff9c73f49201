"""The parts that sample runs are built from: devices, an APK, attempts, evidence, decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from validator.model.build import Apk
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
    Verdict,
)
from validator.model.deployment import Deployment, Output, ProbeResult
from validator.model.device import DeviceInfo
from validator.model.events import (
    AttemptFinished,
    AttemptStarted,
    BuildReady,
    DeviceLeased,
    Event,
    FailureClassified,
    PlanMade,
    Record,
    RunStarted,
)
from validator.model.failure import Failure, Quote
from validator.model.flow import Flow, FlowOutcome
from validator.model.observed import DeploymentObserved, ReadinessChecked

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


def settled(
    name: str, outcome: FlowOutcome, failure: Failure | None = None, *, attempts: int = 1, required: bool = True
) -> SettledFlow:
    return SettledFlow(
        name=name,
        required=required,
        outcome=outcome,
        cause=failure.cause if failure is not None else None,
        attempts=attempts,
        step=failure.step if failure is not None else "",
        why=failure.why if failure is not None else "",
        quote=failure.quotes[0].line if failure is not None and failure.quotes else "",
    )


def decision(
    verdict: Verdict,
    flows: Sequence[SettledFlow],
    *,
    exit_code: ExitCode = ExitCode.OPEN,
    reasons: tuple[Reason, ...] = (Reason(code=ReasonCode.ALL_PASSED, message="4 of 4 required flows passed"),),
    steps: tuple[str, ...] = ("Nothing to do: the frontend may be deployed.",),
) -> Decision:
    outcomes = [flow.outcome for flow in flows]
    return Decision(
        verdict=verdict,
        blocks=() if verdict.opens else ("frontend",),
        exit_code=exit_code,
        reasons=reasons,
        flows=tuple(flows),
        counts=Counts(expected=len(outcomes), **{outcome.value: outcomes.count(outcome) for outcome in FlowOutcome}),
        policy=POLICY,
        decided_at="2026-11-21T03:31:02.440Z",
        expires_at="2026-11-22T03:31:02.440Z",
        next=steps,
        rollback=Rollback(
            decision_required=verdict is Verdict.BLOCKED,
            command="" if verdict.opens else "terraform -chdir=infra apply -var release=8f3c2d0",
        ),
    )
