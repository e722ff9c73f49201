"""The team is told over the real Slack client, and no secret is in anything that is written or printed."""

from __future__ import annotations

import pytest

from tests.e2e.project import Project
from tests.fakes.slack import CHANNEL, TOKEN, SlackServer, rate_limited, refusing, slack_server


@pytest.fixture(scope="module")
def one_slack():
    with slack_server() as server:
        yield server


@pytest.fixture
def slack(one_slack: SlackServer) -> SlackServer:
    one_slack.reset()
    return one_slack


@pytest.fixture
def project(tmp_path, slack):
    made = Project(tmp_path)
    made.write_defaults()
    made.config(alerts=[{"slack": {"channel": CHANNEL, "token": "${env:SLACK_TOKEN}", "api_url": slack.url}}])
    return made


def test_a_blocked_gate_reaches_the_channel_with_decision_cause_and_next_step(project, slack):
    done = project.run(SLACK_TOKEN=TOKEN)
    assert done.exit_code == 1, done.output + done.errors
    (message,) = slack.messages
    text = str(message)
    for word in ("BLOCKED", "production", "apk_missing", "build it first", done.decision["run"]):
        assert word in text


def test_a_rate_limit_of_slack_is_waited_out(project, slack):
    slack.script.append(rate_limited("1"))
    assert project.run(SLACK_TOKEN=TOKEN).exit_code == 1
    assert len(slack.messages) == 1


def test_an_alert_that_cannot_be_delivered_has_an_exit_code_of_its_own_and_changes_no_decision(project, slack):
    slack.script.append(refusing("channel_not_found"))
    done = project.run(SLACK_TOKEN=TOKEN)
    assert done.exit_code == 5
    assert done.decision["decision"] == "blocked"
    assert "channel" in done.output


def test_no_alerts_means_none_and_needs_no_token(project, slack):
    assert project.run("--no-alerts").exit_code == 1
    assert slack.calls == 0


def test_the_token_is_in_nothing_that_is_written_or_printed(project, slack):
    done = project.run(SLACK_TOKEN=TOKEN)
    files = [path for path in project.root.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(files) > 5
    assert TOKEN not in done.output + done.errors
    assert [path for path in files if TOKEN.encode() in path.read_bytes()] == []
