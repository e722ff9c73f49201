"""Runs as they happen, built from the model's values: what the tests of reports and alerts are fed with."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes.builders import (
    APK,
    ASSERTION,
    CRASH,
    LOST,
    OTHER,
    PIXEL,
    STEPS,
    attempt,
    decision,
    ended_at,
    evidence,
    flow,
    kept,
    opening,
    plan,
    records,
    settled,
)
from validator.model.attempt import AppEvidence, AttemptOutcome, DeviceEvidence, DeviceState, Step, StepStatus
from validator.model.build import Finding, Severity
from validator.model.causes import Cause
from validator.model.decision import ExitCode, Reason, ReasonCode, StageFailure, Verdict
from validator.model.events import (
    AlertFailed,
    AlertSent,
    BuildReady,
    Decided,
    DeviceLeased,
    DeviceLost,
    FlowSettled,
    Record,
    RetryScheduled,
    RunFinished,
    RunResumed,
    StageFailed,
    StopReason,
    Warned,
)
from validator.model.flow import FlowOutcome


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
    steps=(
        "Look at the evidence of Checkout in the report: it happened twice, each time with a fresh user.",
        "Decide, by name, whether to roll back or to fix forward: terraform -chdir=infra apply -var release=8f3c2d0",
    ),
)
MISSED = evidence(
    ended_at(ASSERTION.step, "Element not found"),
    passed=False,
    message='Element with text "12 results" not found within 17000 ms',
    files=kept("attempts/search-the-catalogue/1"),
)
CRASHED = evidence(
    ended_at(CRASH.step, "Element not found"),
    passed=False,
    message="Element not found",
    app=AppEvidence(exit_info=(CRASH.quotes[0].line,), crash_log=(CRASH.quotes[1].line,)),
    files=kept("attempts/checkout/1"),
)
CRASHED_AGAIN = replace(CRASHED, files=kept("attempts/checkout/2"))
GONE = evidence(
    (*STEPS, Step(index=5, text=LOST.step, status=StepStatus.RUNNING, seconds=0.0)),
    passed=False,
    device=DeviceEvidence(state=DeviceState.LOST, detail="adb says offline"),
)


def blocked() -> list[Record]:
    """A confirmed crash, a flaky flow, a lost device under an informational flow, and a flow that does not exist."""
    search, pay = "Search the catalogue", "Checkout"
    flows = [flow("Sign in"), flow(search), flow(pay), flow("Profile", required=False)]
    error = AttemptOutcome.ERROR
    events = [
        *opening(),
        (14.0, plan(flows, absent=("Gift cards",))),
        (14.1, Warned(message="the device 127.0.0.1:5601 has little free space (412 MB)")),
        *attempt("Sign in", 1, PIXEL.serial, 15.0, 13.1),
        (28.2, FlowSettled(flow=BLOCKED_FLOWS[0])),
        *attempt(search, 1, OTHER.serial, 15.0, 24.9, failure=ASSERTION, found=MISSED),
        (40.0, retry(search, "app_assertion: once more, to confirm it")),
        *attempt(pay, 1, PIXEL.serial, 29.0, 41.2, failure=CRASH, found=CRASHED),
        (70.3, retry(pay, "app_crash: once more, to confirm it")),
        *attempt(search, 2, OTHER.serial, 41.0, 18.2, purpose="confirm"),
        (59.3, FlowSettled(flow=BLOCKED_FLOWS[1])),
        *attempt(pay, 2, OTHER.serial, 71.0, 39.8, failure=CRASH, purpose="confirm", found=CRASHED_AGAIN),
        (110.9, FlowSettled(flow=BLOCKED_FLOWS[2])),
        *attempt("Profile", 1, PIXEL.serial, 71.5, 9.4, failure=LOST, outcome=error, found=GONE),
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
        steps=(
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
        steps=("Build it with API_URL set to the deployment's api_url.",),
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


def resumed() -> list[Record]:
    """The process died under the second flow; the run went on and both passed."""
    flows = [settled("Sign in", FlowOutcome.PASSED), settled("Search", FlowOutcome.PASSED)]
    events = [
        *opening((PIXEL,)),
        (14.0, plan([flow("Sign in"), flow("Search")])),
        *attempt("Sign in", 1, PIXEL.serial, 15.0, 12.0),
        (27.0, FlowSettled(flow=flows[0])),
        *attempt("Search", 1, PIXEL.serial, 28.0, 5.0)[:1],
        (90.0, RunResumed(validator_version="0.1.0", interrupted=("Search",))),
        (91.0, DeviceLeased(device=PIXEL, seconds=0.9)),
        *attempt("Search", 2, PIXEL.serial, 92.0, 9.5),
        (101.6, FlowSettled(flow=flows[1])),
        (101.7, Decided(decision=decision(Verdict.APPROVED, flows))),
        (101.8, RunFinished(stop=StopReason.COMPLETED, seconds=11.8)),
    ]
    return records(sorted(events, key=lambda event: event[0]))


EVERY_RUN = {
    "approved": approved,
    "blocked": blocked,
    "undecided": undecided,
    "not production": not_production,
    "interrupted": interrupted,
    "resumed": resumed,
}
