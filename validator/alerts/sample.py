"""A message that shows a target what alerts look like, and says of itself that it is a test. Pure."""

from __future__ import annotations

from validator.alerts.incident import Kind, Severity, beginning
from validator.alerts.message import AlertFlow, AlertMessage
from validator.model.causes import Cause
from validator.model.decision import ExitCode, Verdict
from validator.model.flow import FlowOutcome


def sample(*, tenant: str, environment: str, run: str, at: str, revision: str = "") -> AlertMessage:
    """A blocked gate that is none.

    Args:
        tenant: Whose alerts are tried out.
        environment: The environment whose alerts are tried out.
        run: Names this test.
        at: The moment: UTC, ISO 8601.
        revision: The commit that GitHub shows the test at, where its target names none.
    """
    cause = Cause.APP_CRASH
    return AlertMessage(
        kind=Kind.FIRE,
        severity=Severity.INFO,
        families=(cause.family,),
        incident=f"{beginning(tenant, environment)}test",
        ends=False,
        headline=f"TEST, no action needed: this is how alerts about {environment} look",
        verdict=Verdict.BLOCKED,
        exit_code=ExitCode.BLOCKED.value,
        run=run,
        tenant=tenant,
        environment=environment,
        deployment="none, this is a test",
        deployment_id="test",
        revision=revision,
        apk="none, this is a test",
        at=at,
        reasons=("test: product failures (1) > limit (0)",),
        flows=(
            AlertFlow(
                names=("Test flow",),
                outcome=FlowOutcome.FAILED,
                required=True,
                cause=f"{cause.meaning} ({cause})",
                code=cause.value,
                step='tapOn: "Pay now"',
                why="nothing happened, this is a test",
                quote="",
            ),
        ),
        next=("Do nothing: somebody called `validator alerts test`.",),
        rollback="",
        policy="none, this is a test",
        expires_at=at,
        links=(),
        test=True,
    )
