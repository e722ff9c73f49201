"""How long a flow waits: as production asks in the app's log or to our probes, never beyond the cap."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.failures.classify import classify
from validator.failures.rules import built_in_rules
from validator.failures.settle import Again, Limits, Settled, Tried, settle
from validator.failures.throttling import DEFAULT_WAIT, LONGEST_WAIT, asked_wait, wait_for
from validator.model.attempt import (
    AppEvidence,
    AttemptOutcome,
    DeviceEvidence,
    DeviceState,
    Evidence,
    RunnerEnd,
    RunnerReport,
    Scene,
    SignIn,
)
from validator.model.causes import Cause
from validator.model.deployment import ProbeResult
from validator.model.failure import Failure
from validator.model.flow import FlowOutcome

MISSING = "Element not visible: no such element"
REPORT = RunnerReport(
    runner="r", end=RunnerEnd.EXITED, exit_code=1, passed=False, complete=True, message=MISSING, output=()
)
FAILED = Evidence(runner=REPORT, device=DeviceEvidence(state=DeviceState.HEALTHY))
CRASHED = replace(FAILED, app=AppEvidence(exit_info=("process=com.example.shop reason=4 (APP CRASH(EXCEPTION))",)))
PRESSED = replace(FAILED, runner=replace(REPORT, message="Failed to press key: permission denied"))
LIMITED = Failure(cause=Cause.RATE_LIMITED, rule="r", why="Limited.")
AT = "1795231617.900  42  43 I okhttp.OkHttpClient: "
REFUSED = "<-- 429 Too Many Requests http://shop/v1/users/anonymous (3ms)"


def logged(*messages: str) -> Evidence:
    return replace(FAILED, app=AppEvidence(http_log=tuple(AT + message for message in messages)))


def probed(detail: str) -> Evidence:
    return replace(FAILED, backend=(ProbeResult(url="http://shop/health", ready=False, detail=detail),))


def cause_of(evidence: Evidence) -> Cause | None:
    failure = classify(evidence, built_in_rules()).failure
    return failure.cause if failure is not None else None


@pytest.mark.parametrize(
    ("evidence", "seconds"),
    [
        (logged(REFUSED, "retry-after: 7"), 7),
        (logged(REFUSED, "Retry-After: Sat, 21 Nov 2026 03:27:07 GMT"), 10),
        (logged(REFUSED, "Date: Sat, 21 Nov 2026 03:27:00 GMT", "Retry-After: Sat, 21 Nov 2026 03:27:07 GMT"), 7),
        (logged(REFUSED, "retry-after: 7", "retry-after: 30"), 30),
        (logged(REFUSED, "retry-after: 7", REFUSED, "retry-after: 30"), 30),
        (logged("<-- 503 Service Unavailable http://shop/v1 (3ms)", "retry-after: 20"), 20),
        (logged(REFUSED, 'ratelimit: "accounts";r=0;t=12'), 12),
        (logged(REFUSED, "x-ratelimit-remaining: 0", "x-ratelimit-reset: 9"), 9),
        (logged("<-- 404 Not Found http://shop/v1 (3ms)", "retry-after: 7"), 0),
        (logged(REFUSED, "retry-after: -1"), 0),
        (logged(REFUSED, "retry-after: soon"), 0),
        (logged(REFUSED, "retry-after: Thu, 01 Jan 1970 00:00:00 GMT"), 0),
        (probed("HTTP 429 in 3 ms, rate limited, asks to wait 7 s"), 7),
        (probed("HTTP 503 in 3 ms"), 0),
        (FAILED, 0),
    ],
)
def test_production_is_heard(evidence: Evidence, seconds: float) -> None:
    assert asked_wait(evidence) == pytest.approx(seconds, abs=1)


def test_nobody_waits_beyond_the_cap_and_nobody_at_all_for_other_failures() -> None:
    forever = logged(REFUSED, "retry-after: 1000000000000")
    assert wait_for(LIMITED, forever) == LONGEST_WAIT
    assert wait_for(LIMITED, FAILED) == DEFAULT_WAIT
    assert wait_for(replace(LIMITED, cause=Cause.APP_CRASH), forever) == 0
    maintenance = logged("<-- 503 Service Unavailable http://shop/v1 (3ms)", "retry-after: 20")
    assert wait_for(replace(LIMITED, cause=Cause.BACKEND_UNAVAILABLE), maintenance) == 20


def limited(asked: float) -> Tried:
    return Tried(outcome=AttemptOutcome.ERROR, failure=LIMITED, serial="one", asked_wait=asked)


def test_an_answer_that_says_it_will_pass_is_given_the_time_to() -> None:
    calls = AppEvidence(http_log=(AT + "<-- 503 Service Unavailable http://shop/v1/users/anonymous (3ms)",))
    unavailable = replace(FAILED, app=calls)
    failure = classify(unavailable, built_in_rules()).failure
    assert failure is not None
    assert (failure.cause, failure.rule) == (Cause.BACKEND_UNAVAILABLE, "http-503")
    assert wait_for(failure, unavailable) == DEFAULT_WAIT


def test_a_limit_that_lifts_in_time_is_waited_for_and_the_reason_says_so() -> None:
    step = settle([limited(7)], Limits())
    assert isinstance(step, Again)
    assert step.reason == "rate_limited: once more, with a fresh user on any device, in 7 s, as production asks"


def test_a_limit_that_lifts_too_late_leaves_the_flow_inconclusive_at_once() -> None:
    step = settle([limited(LONGEST_WAIT + 1)], Limits())
    assert isinstance(step, Settled)
    assert step.outcome is FlowOutcome.INCONCLUSIVE
    assert step.failure is not None
    assert step.failure.why == "Limited. It asks to wait for longer than a run does, which is 900 s at most."


@pytest.mark.parametrize(
    ("evidence", "cause"),
    [
        (replace(FAILED, sign_in=SignIn(failed=("E Auth: disabled",))), Cause.SIGNIN_FAILED),
        (replace(logged(REFUSED), sign_in=SignIn(failed=("E Auth: disabled",))), Cause.RATE_LIMITED),
        (replace(probed("connection refused"), sign_in=SignIn(failed=("x",))), Cause.BACKEND_UNAVAILABLE),
        (replace(logged("<-- 503 No http://shop/v1 (3ms)"), sign_in=SignIn(failed=("x",))), Cause.BACKEND_UNAVAILABLE),
        (replace(FAILED, sign_in=SignIn(flow=True)), Cause.SIGNIN_FAILED),
        (replace(logged(REFUSED), sign_in=SignIn(flow=True)), Cause.RATE_LIMITED),
        (replace(probed("connection refused"), sign_in=SignIn(flow=True)), Cause.BACKEND_UNAVAILABLE),
        (replace(CRASHED, sign_in=SignIn(flow=True)), Cause.APP_CRASH),
        (replace(PRESSED, sign_in=SignIn(flow=True)), Cause.UNKNOWN),
        (replace(FAILED, scene=Scene(texts=("Sign in", "Too many requests"))), Cause.RATE_LIMITED),
        (replace(FAILED, scene=Scene(texts=("Checking your browser",))), Cause.SECURITY_BLOCKED),
        (replace(FAILED, scene=Scene(texts=("Sign in",))), Cause.APP_ASSERTION),
        (probed("HTTP 429 in 3 ms, rate limited, asks to wait 7 s"), Cause.RATE_LIMITED),
        (probed("HTTP 403 in 3 ms, a firewall's page"), Cause.SECURITY_BLOCKED),
        (probed("HTTP 403 in 3 ms"), Cause.BACKEND_UNAVAILABLE),
    ],
)
def test_a_failed_sign_in_is_told_from_a_limit_and_an_outage(evidence: Evidence, cause: Cause) -> None:
    assert cause_of(evidence) is cause


headers = st.sampled_from(["retry-after", "Date", "RateLimit", "x-ratelimit-remaining", "x-ratelimit-reset"])
values = st.one_of(st.text(max_size=60), st.integers(-(10**18), 10**18).map(str), st.just("9" * 400))
messages = st.one_of(st.just(REFUSED), st.builds("{}: {}".format, headers, values), st.text(max_size=80))


@given(st.lists(messages, max_size=12))
def test_no_log_makes_a_flow_wait_for_ever(said: list[str]) -> None:
    evidence = logged(*said)
    assert asked_wait(evidence) >= 0
    assert 0 <= wait_for(LIMITED, evidence) <= LONGEST_WAIT
