"""A decision opens the gate for its own deployment, while it is valid and nothing newer is known; nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.gates.check import Answer, Claim, Question, Refusal, Ruling, check
from validator.model.decision import ExitCode, Purpose, Verdict

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
QUESTION = Question(environment="production", deployment="dep-3", revision="4f2a9c1")
GOOD = Claim(
    run="run-1",
    tenant="default",
    environment="production",
    purpose=Purpose.DEPLOY,
    deployment="dep-3",
    revision="4f2a9c1",
    verdict=Verdict.APPROVED,
    exit_code=ExitCode.OPEN,
    blocks=(),
    closing=(),
    decided_at=NOW - HOUR,
    expires_at=NOW + 23 * HOUR,
    policy_digest="sha256:aa",
)
BLOCKED = replace(
    GOOD,
    verdict=Verdict.BLOCKED,
    exit_code=ExitCode.BLOCKED,
    blocks=("frontend",),
    closing=("Checkout",),
    message="product failures (1) > limit (0)",
)
OVERRIDE = Ruling(opens=True, kind="override", by="mara", reason="known", deployment="dep-3", expires_at=NOW + HOUR)
ROLLBACK = Ruling(opens=False, kind="rollback", by="jo", reason="broken", deployment="dep-3", expires_at=None)


def answer(
    claim: Claim | None = GOOD,
    ruling: Ruling | None = None,
    question: Question = QUESTION,
    newer: str = "",
    now: datetime = NOW,
) -> Answer:
    return check(question, claim, ruling, newer=newer, now=now)


@pytest.mark.parametrize(
    "question",
    [
        QUESTION,
        replace(QUESTION, revision=""),
        replace(QUESTION, deployment=""),
        replace(QUESTION, policy_digest="sha256:aa"),
        replace(QUESTION, deployed_at=NOW - 2 * HOUR),
    ],
)
def test_an_approval_opens_the_gate_for_its_own_deployment(question: Question):
    said = answer(replace(GOOD, began_at=NOW - 2 * HOUR), question=question)
    assert (said.open, said.exit_code, said.refusal) == (True, ExitCode.OPEN, None)
    assert said.line == "open: approved by run run-1"


def test_an_approval_with_warnings_opens_it_too():
    claim = replace(GOOD, verdict=Verdict.APPROVED_WITH_WARNINGS, closing=("Search",))
    assert answer(claim).open


CLOSED: dict[str, tuple[Answer, Refusal, int]] = {
    "nothing was decided": (answer(None), Refusal.NO_DECISION, 3),
    "another tenant": (answer(replace(GOOD, tenant="web")), Refusal.OTHER_TENANT, 3),
    "another environment": (answer(replace(GOOD, environment="staging")), Refusal.OTHER_ENVIRONMENT, 3),
    "another deployment": (answer(replace(GOOD, deployment="dep-2")), Refusal.OTHER_DEPLOYMENT, 3),
    "no deployment": (answer(replace(GOOD, deployment="")), Refusal.OTHER_DEPLOYMENT, 3),
    "another revision": (answer(replace(GOOD, revision="0000000")), Refusal.OTHER_REVISION, 3),
    "a prefix of the revision": (answer(replace(GOOD, revision="4f2a9c1e")), Refusal.OTHER_REVISION, 3),
    "another policy": (answer(question=replace(QUESTION, policy_digest="sha256:bb")), Refusal.OTHER_POLICY, 3),
    "nothing was asked for": (
        answer(question=Question(environment="production")),
        Refusal.OTHER_DEPLOYMENT,
        3,
    ),
    "no environment was asked for": (answer(question=replace(QUESTION, environment="")), Refusal.OTHER_ENVIRONMENT, 3),
    "made for a rollback": (answer(replace(GOOD, purpose=Purpose.ROLLBACK)), Refusal.OTHER_PURPOSE, 3),
    "began before the deployment": (
        answer(replace(GOOD, began_at=NOW - 2 * HOUR), question=replace(QUESTION, deployed_at=NOW - HOUR)),
        Refusal.BEFORE_DEPLOYMENT,
        3,
    ),
    "does not say when it began": (answer(question=replace(QUESTION, deployed_at=NOW)), Refusal.BEFORE_DEPLOYMENT, 3),
    "an override of a run before the deployment": (
        answer(replace(BLOCKED, began_at=NOW - 2 * HOUR), OVERRIDE, replace(QUESTION, deployed_at=NOW - HOUR)),
        Refusal.BEFORE_DEPLOYMENT,
        3,
    ),
    "began after it was decided": (answer(replace(GOOD, began_at=NOW)), Refusal.CONTRADICTION, 3),
    "made tomorrow": (answer(now=NOW - 2 * HOUR), Refusal.FROM_THE_FUTURE, 3),
    "expired": (answer(now=NOW + 23 * HOUR), Refusal.EXPIRED, 3),
    "something newer": (answer(newer="the newer run run-2 is in progress"), Refusal.SUPERSEDED, 3),
    "blocked": (answer(BLOCKED), Refusal.NOT_APPROVED, 1),
    "undecided": (
        answer(replace(BLOCKED, verdict=Verdict.UNDECIDED, exit_code=ExitCode.UNDECIDED)),
        Refusal.NOT_APPROVED,
        3,
    ),
    "missing flows": (
        answer(replace(BLOCKED, verdict=Verdict.UNDECIDED, exit_code=ExitCode.MISSING)),
        Refusal.NOT_APPROVED,
        4,
    ),
    "interrupted": (
        answer(replace(BLOCKED, verdict=Verdict.UNDECIDED, exit_code=ExitCode.INTERRUPTED)),
        Refusal.NOT_APPROVED,
        3,
    ),
    "exit code edited": (answer(replace(BLOCKED, exit_code=ExitCode.OPEN)), Refusal.CONTRADICTION, 3),
    "verdict edited": (answer(replace(BLOCKED, verdict=Verdict.APPROVED)), Refusal.CONTRADICTION, 3),
    "verdict and exit code edited": (
        answer(replace(BLOCKED, verdict=Verdict.APPROVED, exit_code=ExitCode.OPEN)),
        Refusal.CONTRADICTION,
        3,
    ),
    "all but the flows edited": (
        answer(replace(BLOCKED, verdict=Verdict.APPROVED, exit_code=ExitCode.OPEN, blocks=())),
        Refusal.CONTRADICTION,
        3,
    ),
    "expires before it was made": (
        answer(replace(GOOD, expires_at=GOOD.decided_at)),
        Refusal.CONTRADICTION,
        3,
    ),
    "somebody decided to roll back": (answer(GOOD, ROLLBACK), Refusal.REVOKED, 1),
    "an override that expired": (answer(BLOCKED, OVERRIDE, now=NOW + 2 * HOUR), Refusal.NOT_APPROVED, 1),
    "an approval under an override that expired": (answer(GOOD, OVERRIDE, now=NOW + 2 * HOUR), Refusal.EXPIRED, 3),
    "an override of another deployment": (
        answer(BLOCKED, replace(OVERRIDE, deployment="dep-2")),
        Refusal.OTHER_DEPLOYMENT,
        3,
    ),
    "an override of a decision about another revision": (
        answer(replace(BLOCKED, revision="0000000"), OVERRIDE),
        Refusal.OTHER_REVISION,
        3,
    ),
    "an override while something newer runs": (answer(BLOCKED, OVERRIDE, newer="run-2"), Refusal.SUPERSEDED, 3),
}


@pytest.mark.parametrize("name", CLOSED)
def test_the_gate_stays_closed_with_its_own_reason_on_one_line(name: str):
    said, refusal, code = CLOSED[name]
    assert (said.open, said.refusal, said.exit_code) == (False, refusal, code)
    assert said.line.startswith("closed: ")
    assert "\n" not in said.line


def test_every_refusal_has_a_case():
    assert {refusal for _, refusal, _ in CLOSED.values()} == set(Refusal)


def test_an_override_opens_its_own_deployment_and_names_who_said_so():
    said = answer(BLOCKED, OVERRIDE)
    assert said.open
    assert said.line == "open: mara overrode the blocked decision of run run-1: known"


claims = st.builds(
    Claim,
    run=st.just("run-1"),
    tenant=st.sampled_from(["default", "web"]),
    environment=st.sampled_from(["production", "staging"]),
    purpose=st.sampled_from(Purpose),
    deployment=st.sampled_from(["dep-3", "dep-2", ""]),
    revision=st.sampled_from(["4f2a9c1", "0000000", ""]),
    verdict=st.sampled_from(Verdict),
    exit_code=st.sampled_from(ExitCode),
    blocks=st.sampled_from([(), ("frontend",)]),
    closing=st.sampled_from([(), ("Checkout",)]),
    decided_at=st.sampled_from([NOW - 30 * HOUR, NOW - HOUR, NOW + HOUR]),
    expires_at=st.sampled_from([NOW - HOUR, NOW, NOW + HOUR]),
    policy_digest=st.sampled_from(["sha256:aa", "sha256:bb"]),
    message=st.just("why"),
)
rulings = st.none() | st.builds(
    Ruling,
    opens=st.booleans(),
    kind=st.just("override"),
    by=st.just("mara"),
    reason=st.just("why"),
    deployment=st.sampled_from(["dep-3", "dep-2"]),
    expires_at=st.sampled_from([None, NOW - HOUR, NOW + HOUR]),
)


@given(claim=st.none() | claims, ruling=rulings, newer=st.sampled_from(["", "newer"]))
def test_the_gate_never_opens_for_anything_but_what_was_asked(claim: Claim | None, ruling: Ruling | None, newer: str):
    said = answer(claim, ruling, newer=newer)
    assert said.open == (said.exit_code is ExitCode.OPEN) == (said.refusal is None)
    if not said.open:
        return
    assert claim is not None
    assert newer == ""
    assert (claim.tenant, claim.environment, claim.deployment, claim.revision, claim.purpose) == (
        "default",
        "production",
        "dep-3",
        "4f2a9c1",
        Purpose.DEPLOY,
    )
    overridden = (
        ruling is not None and ruling.opens and ruling.deployment == "dep-3" and ruling.expires_at != NOW - HOUR
    )
    assert overridden or (claim.verdict.opens and claim.expires_at > NOW and claim.exit_code is ExitCode.OPEN)
