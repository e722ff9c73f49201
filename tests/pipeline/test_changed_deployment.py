"""A run is about one deployment: one that is another, or becomes another, is never approved by it."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.pipeline.stand_ins import CRASH, PASS
from tests.pipeline.test_resuming import decision_of, killed_after, resumed, whole
from tests.pipeline.test_stages import DEPLOYMENT, Stage
from validator.model.causes import Cause
from validator.model.decision import ExitCode, ReasonCode, Verdict
from validator.model.deployment import LiveAnswer
from validator.model.errors import StageError
from validator.model.events import AttemptStarted, BuildReady, Decided, PlanMade, StageFailed
from validator.model.observed import DeploymentChanged, DeploymentObserved, ParityCompared
from validator.model.parity import Comparison, Importance, Parity, Status

BEFORE = replace(DEPLOYMENT, lineage="0d0c", serial=7)
AFTER = replace(DEPLOYMENT, lineage="0d0c", serial=8)
LIVE = LiveAnswer(url="http://shop/version", said="abc", expected="abc", detail="HTTP 200 in 1 ms")


def stage(folder: Path, *deployments: object, crash: bool = False, **changes: object) -> Stage:
    acts = {"a": [PASS], "b": [CRASH if crash else PASS]}
    return Stage(folder=folder, acts=acts, deployments=deployments, **changes)  # type: ignore[arg-type]  # at run time


@pytest.mark.parametrize("crash", [False, True])
def test_a_deployment_that_changed_while_flows_ran_makes_the_run_undecided(tmp_path, crash):
    events, decision = stage(tmp_path, BEFORE, AFTER, crash=crash).run()
    assert (decision.verdict, decision.exit_code) == (Verdict.UNDECIDED, ExitCode.UNDECIDED)
    assert decision.reasons[0].code is ReasonCode.DEPLOYMENT_CHANGED
    assert "was at serial 7 and is now at 8" in decision.reasons[0].message
    assert any(reason.code is ReasonCode.PRODUCT_FAILURES for reason in decision.reasons) is crash
    assert "what is live now" in decision.next[-1]
    (changed,) = [event for event in events if isinstance(event, DeploymentChanged)]
    assert changed.deployment == AFTER


def test_a_deployment_that_stays_is_looked_at_again_and_nothing_is_said(tmp_path):
    events, decision = stage(tmp_path, BEFORE, replace(BEFORE, live=())).run()
    assert decision.verdict is Verdict.APPROVED
    assert not any(isinstance(event, DeploymentChanged) for event in events)


def test_a_deployment_that_cannot_be_read_any_more_counts_as_changed(tmp_path):
    events, decision = stage(tmp_path, BEFORE, StageError(Cause.UNKNOWN, "the state is locked")).run()
    assert decision.verdict is Verdict.UNDECIDED
    assert "cannot be read any more: the state is locked" in decision.reasons[0].message
    assert [event.deployment for event in events if isinstance(event, DeploymentChanged)] == [None]


def test_another_revision_than_the_expected_is_recorded_and_no_flow_runs(tmp_path):
    wrong = replace(DEPLOYMENT, live=(replace(LIVE, said="8c1d7e0"),))
    events, decision = stage(tmp_path, wrong).run()
    assert decision.exit_code is ExitCode.UNDECIDED
    assert decision.reasons[0].message.startswith(
        "deployment_mismatch: deployment.live: http://shop/version says that 8c1d7e0 is live, not abc"
    )
    assert [event.deployment for event in events if isinstance(event, DeploymentObserved)] == [wrong]
    assert not any(isinstance(event, AttemptStarted | PlanMade) for event in events)


@pytest.mark.parametrize(
    "deployments",
    [(BEFORE, AFTER), (replace(DEPLOYMENT, live=(replace(LIVE, said="8c1d7e0"),)),)],
    ids=["moved", "wrong"],
)
def test_a_killed_run_comes_to_the_same_end(tmp_path, deployments):
    acts = {"a": [PASS], "b": [PASS]}
    expected = whole(tmp_path / "whole", acts, deployments=deployments)
    moved = next((n for n, event in enumerate(expected, 1) if isinstance(event, DeploymentChanged)), len(expected))
    for count in range(1, len(expected)):
        folder = tmp_path / str(count)
        known = killed_after(folder, acts, count, deployments=deployments)
        left = deployments if count < moved else deployments[-1:]
        events = [*known, *resumed(folder, acts, known, deployments=left)]
        again, once = decision_of(events), decision_of(expected)
        assert (again.verdict, again.reasons) == (once.verdict, once.reasons), f"killed after {known[-1]}"
        for kind in (DeploymentObserved, DeploymentChanged, StageFailed, Decided):
            assert len([e for e in events if isinstance(e, kind)]) == len([e for e in expected if isinstance(e, kind)])


def differing(importance: Importance, *, allowed: str = "") -> Parity:
    found = Comparison(
        name="gate.limits.flaky",
        status=Status.DIFFERS,
        left="9",
        right="2",
        importance=importance,
        remedy="hold both to one policy",
        allowed=allowed,
    )
    return Parity(left="staging", right="production", comparisons=(found,))


def test_a_critical_difference_from_the_baseline_blocks_before_anything_is_built(tmp_path):
    events, decision = stage(tmp_path, parity=differing(Importance.CRITICAL)).run()
    assert decision.exit_code is ExitCode.BLOCKED
    message = "parity_broken: staging differs from production in gate.limits.flaky: 9 in staging, 2 in production"
    assert decision.reasons[0].message == message
    assert decision.next[0].startswith("Hold both to one policy; or declare")
    assert not decision.rollback.decision_required
    assert any(isinstance(event, ParityCompared) for event in events)
    assert not any(isinstance(event, BuildReady) for event in events)


@pytest.mark.parametrize("parity", [differing(Importance.WARNING), differing(Importance.CRITICAL, allowed="small")])
def test_other_differences_are_recorded_and_the_flows_run(tmp_path, parity):
    _, decision = stage(tmp_path, parity=parity).run()
    assert decision.verdict is Verdict.APPROVED


def test_a_comparison_is_made_once_and_holds_for_a_resumed_run(tmp_path):
    acts, parity = {"a": [PASS]}, differing(Importance.CRITICAL)
    expected = whole(tmp_path / "whole", acts, parity=parity)
    for count in range(1, len(expected)):
        folder = tmp_path / str(count)
        known = killed_after(folder, acts, count, parity=parity)
        events = [*known, *resumed(folder, acts, known, parity=parity)]
        assert decision_of(events).reasons == decision_of(expected).reasons
        assert len([event for event in events if isinstance(event, ParityCompared)]) == 1
