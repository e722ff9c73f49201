"""A team's own rules come before ours where the evidence is as strong, and never before stronger evidence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from validator.config.document import load_document
from validator.failures.classify import classify, matches
from validator.failures.reference import EXAMPLE, GATE, SOURCES, STAGES, again, causes_markdown
from validator.failures.rules import BUILT_IN, built_in_rules, in_order, load_rules, with_team
from validator.failures.settle import Limits
from validator.failures.strength import USUAL, Strength
from validator.gates.file import GateFile
from validator.model.attempt import (
    AppEvidence,
    AttemptOutcome,
    DeviceEvidence,
    DeviceState,
    Evidence,
    RunnerEnd,
    RunnerReport,
    Scene,
)
from validator.model.causes import Cause, Family
from validator.model.deployment import ProbeResult
from validator.model.errors import UsageError
from validator.model.rules import Source, TeamRule

REPORT = RunnerReport(
    runner="r",
    end=RunnerEnd.EXITED,
    exit_code=1,
    passed=False,
    complete=True,
    message="Element not found: the moon",
    output=("the moon is in the wrong phase",),
)
HEALTHY = DeviceEvidence(state=DeviceState.HEALTHY)
ANYTHING = TeamRule(
    id="moon", source=Source.RUNNER, match="moon", cause=Cause.SIGNIN_FAILED, why="Known.", example="moon"
)


def cause_by(rule: TeamRule, evidence: Evidence) -> tuple[Cause | None, str]:
    failure = classify(evidence, with_team(built_in_rules(), [rule])).failure
    return (failure.cause, failure.rule) if failure is not None else (None, "")


def test_a_team_rule_wins_over_ours_of_the_same_strength_and_is_named_as_the_teams():
    assert cause_by(ANYTHING, Evidence(runner=REPORT, device=HEALTHY)) == (Cause.SIGNIN_FAILED, "team:moon")


STRONGER = {
    "a crash that Android recorded": Evidence(
        runner=REPORT, device=HEALTHY, app=AppEvidence(exit_info=("process=x reason=4 (APP CRASH) subreason=0",))
    ),
    "a crash in the log": Evidence(
        runner=REPORT, device=HEALTHY, app=AppEvidence(crash_log=("E AndroidRuntime: FATAL EXCEPTION: main",))
    ),
    "a lost device": Evidence(runner=REPORT, device=DeviceEvidence(state=DeviceState.LOST)),
    "a device that was not ready": Evidence(runner=REPORT, device=HEALTHY, preparation="device_unhealthy: 1 MB"),
    "a dead driver": Evidence(runner=replace(REPORT, transport_errors=3), device=HEALTHY),
    "a refused flow": Evidence(runner=replace(REPORT, output=("flow: the moon: Validation errors:",)), device=HEALTHY),
    "no network": Evidence(runner=REPORT, device=HEALTHY, scene=Scene(network="none")),
    "a server error": Evidence(runner=REPORT, device=HEALTHY, app=AppEvidence(http_log=("okhttp: <-- 503 x",))),
    "a probe that failed": Evidence(
        runner=REPORT, device=HEALTHY, backend=(ProbeResult(url="http://x", ready=False, detail="refused"),)
    ),
    "a crash that the runner saw": Evidence(
        runner=replace(REPORT, message="the moon: APP crashed (APP CRASH(EXCEPTION))"), device=HEALTHY
    ),
    "an app killed for memory": Evidence(
        runner=REPORT, device=HEALTHY, app=AppEvidence(exit_info=("process=x reason=3 (LOW MEMORY)",))
    ),
    "a full disk": Evidence(runner=REPORT, device=HEALTHY, scene=Scene(free_mb=3)),
}


@pytest.mark.parametrize("name", STRONGER)
def test_what_a_runner_wrote_never_wins_over_stronger_evidence(name):
    evidence = STRONGER[name]
    without = classify(evidence, built_in_rules()).failure
    assert without is not None
    assert cause_by(ANYTHING, evidence) == (without.cause, without.rule)


def test_a_team_rule_about_a_crash_record_wins_over_ours():
    known = TeamRule(
        id="leak-canary",
        source=Source.EXIT_INFO,
        match="process=x:leaks reason=4",
        cause=Cause.DEVICE_UNHEALTHY,
        why="LeakCanary's own process.",
        example="process=x:leaks reason=4",
    )
    record = AppEvidence(exit_info=("process=x:leaks reason=4 (APP CRASH) subreason=0",))
    found = cause_by(known, Evidence(runner=REPORT, device=HEALTHY, app=record))
    assert found == (Cause.DEVICE_UNHEALTHY, "team:leak-canary")


def test_a_team_rule_turns_a_pass_only_when_it_says_that_it_overrules():
    passed = Evidence(
        runner=replace(REPORT, passed=True, exit_code=0, message=""),
        device=HEALTHY,
        app=AppEvidence(http_log=("moon",)),
    )
    rule = replace(ANYTHING, source=Source.HTTP)
    assert classify(passed, with_team(built_in_rules(), [rule])).outcome is AttemptOutcome.PASSED
    assert cause_by(replace(rule, overrules=True), passed) == (Cause.SIGNIN_FAILED, "team:moon")


def test_rules_of_a_team_keep_their_own_order():
    second = replace(ANYTHING, id="second", cause=Cause.RATE_LIMITED)
    rules = with_team(built_in_rules(), [ANYTHING, second])
    found = [failure.rule for failure in matches(Evidence(runner=REPORT, device=HEALTHY), rules)]
    assert found == ["team:moon", "team:second", "assertion"]


def test_the_file_of_rules_stands_in_the_order_in_which_they_are_tried():
    written = [entry["id"] for entry in yaml.safe_load(BUILT_IN.read_text())["rules"]]
    assert [rule.id for rule in built_in_rules()] == written
    assert in_order(built_in_rules()) == built_in_rules()


def test_every_source_has_its_strength_and_its_words():
    assert set(USUAL) == set(SOURCES) == set(Source)
    assert {rule.strength for rule in built_in_rules()} == set(Strength)
    assert all(strength.meaning for strength in Strength)


def test_every_cause_has_a_row_in_the_table_of_causes():
    page = causes_markdown()
    for cause in Cause:
        (row,) = (line for line in page.splitlines() if line.startswith(f"| `{cause}` | {cause.family} |"))
        assert cause.meaning in row
        if cause not in STAGES:
            assert row.endswith(f"| {again(cause.family)} | {GATE[cause.family]} |")
    assert set(GATE) == set(Family)


def test_the_table_says_what_settling_does():
    for family in Family:
        assert (again(family) == "no") == (Limits().of(family) == 0)


def test_every_rule_stands_on_the_page():
    page = causes_markdown()
    assert [rule.id for rule in built_in_rules() if f"| `{rule.id}` | `{rule.source}` |" not in page] == []


def test_the_example_of_the_page_is_taken(tmp_path: Path):
    (tmp_path / "gate.yaml").write_text(f"name: x\n{EXAMPLE}")
    (rule,) = load_document(tmp_path / "gate.yaml", GateFile).value.failures
    assert rule.rule.cause is Cause.BACKEND_UNAVAILABLE


def test_a_recorded_pattern_that_a_hand_has_broken_is_told():
    with pytest.raises(UsageError, match="team:moon cannot be read"):
        with_team(built_in_rules(), [replace(ANYTHING, match="(moon")])


def test_a_whole_file_of_rules_can_take_the_place_of_ours(tmp_path: Path):
    copy = tmp_path / "rules.yaml"
    copy.write_bytes(BUILT_IN.read_bytes())
    assert load_rules(copy) == built_in_rules()
