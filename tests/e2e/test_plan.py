"""`validator plan` says what a run would cost, and a run that cannot fit is refused with nothing run."""

import json

import pytest

from tests.e2e.commands import validator
from tests.e2e.project import FLOW, Project

ACCOUNTS = {"accounts": {"provider": "supabase", "address": "192.0.2.7"}}


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path)
    for number in range(40):
        made.write(f"flows/flow-{number:02}.yaml", FLOW)
    made.apk()
    return made


def plan(project, *options):
    return validator(project.root, "plan", "-c", "production", *options)


def test_forty_flows_against_thirty_accounts_an_hour_are_refused_with_the_arithmetic(project):
    project.config(traffic=ACCOUNTS)
    done = plan(project)
    assert done.exit_code == 2, done.output + done.errors
    assert "flows      40: 0 critical, 40 required, 0 informational" in done.output
    assert "accounts   40 at least, 160 at most, from 192.0.2.7" in done.output
    assert "used (0) + needed (40) > limit (30 in 1h)" in done.output
    assert "pace: auto" in done.output
    assert "time       not known" in done.output
    assert not (project.root / "reports").exists()


def test_a_run_of_that_plan_is_refused_and_touches_no_device(project):
    project.config(traffic=ACCOUNTS)
    done = project.run()
    assert done.exit_code == 2, done.output + done.errors
    assert "used (0) + needed (40) > limit (30 in 1h)" in done.errors
    events = [json.loads(line)["event"]["type"] for line in (done.reports / "events.jsonl").read_text().splitlines()]
    assert "PlanMade" in events
    assert not {"BuildReady", "DeviceLeased", "AttemptStarted", "Decided"} & set(events)


def test_paced_they_start_in_two_waves_an_hour_apart(project):
    project.config(traffic={**ACCOUNTS, "pace": "auto"}, deadline="2h")
    done = plan(project, "--json")
    assert done.exit_code == 0, done.output + done.errors
    found = json.loads(done.output)
    assert found["fits"] is True
    assert [start["at"] for start in found["accounts"]["starts"]] == [0.0] * 30 + [3630.0] * 10
    shown = plan(project).output
    assert "pacing     spreads the starts" in shown


def test_paced_beyond_the_deadline_they_are_refused_all_the_same(project):
    project.config(traffic={**ACCOUNTS, "pace": "auto"}, deadline="30m")
    done = plan(project)
    assert done.exit_code == 2
    assert "deadline (30m)" in done.output


def test_without_a_limit_everything_fits(project):
    project.config()
    done = plan(project)
    assert done.exit_code == 0
    assert "accounts   not limited" in done.output


@pytest.mark.slow
def test_paced_flows_wait_for_their_accounts_and_meet_no_limit(tmp_path):
    done = validator(tmp_path, "demo", "--fault", "accounts-paced", seconds=55)
    assert done.exit_code == 0, done.output + done.errors
    assert len(done.flows("passed")) == 5
    assert "held back for" in done.output
    assert [flow["attempts"] for flow in done.decision["flows"]] == [1] * 5
    assert done.orphans == []
