"""`validator alerts`, and what a run leaves for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.commands import start, validator
from tests.e2e.project import Project
from tests.fakes.targets import BROKEN, CUT_AFTER_TAKING, HANGING, REJECTING, Hook, running

SECRET = "c4nary-hook-secret"


@pytest.fixture
def hook() -> Iterator[Hook]:
    target = Hook()
    with running(target):
        yield target


@pytest.fixture
def project(tmp_path, hook: Hook) -> Project:
    made = Project(tmp_path)
    made.write_defaults()
    url = f"{hook.url}/in"
    made.config(alerts=[{"webhook": {"url": url, "secret": "${env:HOOK_SECRET}"}, "required": True}])
    return made


def alerts(project: Project, *words: str, **environment: str):
    return validator(project.root, "alerts", *words, "-c", "production", seconds=50, **environment)


def test_a_test_arrives_marked_as_one(project, hook):
    done = alerts(project, "test", HOOK_SECRET=SECRET)
    assert done.exit_code == 0, done.output + done.errors
    assert done.output.startswith("delivered  webhook 127.0.0.1")
    assert hook.taken[0].json["event"] == "production_validation.test"


def test_a_test_that_does_not_arrive_says_why_and_what_to_do(project, hook):
    hook.script.append(REJECTING)
    done = alerts(project, "test", HOOK_SECRET=SECRET)
    assert done.exit_code == 5
    first, second = done.output.splitlines()
    assert first.startswith("failed     webhook 127.0.0.1: the target answered HTTP 422")
    assert second.startswith("  -> ")


def test_a_secret_that_is_not_set_fails_that_target_only(project, hook):
    url = f"{hook.url}/in"
    missing, fine = (
        {"webhook": {"url": url, "secret": secret}} for secret in ("${env:NOT_SET_HERE}", "${env:HOOK_SECRET}")
    )
    project.config(alerts=[missing, fine])
    done = alerts(project, "test", HOOK_SECRET=SECRET)
    assert done.exit_code == 5
    assert "NOT_SET_HERE" in done.output
    assert "delivered  webhook" in done.output


def test_without_targets_nobody_can_be_told(project):
    project.config()
    assert alerts(project, "test").exit_code == 2


@pytest.mark.slow
def test_an_alert_of_a_run_that_has_ended_arrives_when_the_target_is_back(project, hook):
    """Two processes, the first of which waits for the target in vain."""
    hook.script.extend([BROKEN] * 5)
    done = project.run(HOOK_SECRET=SECRET)
    assert (done.exit_code, done.decision["decision"]) == (5, "blocked")
    assert "HTTP 500" in done.output
    assert "it is kept" in done.output.replace("\n", " ").replace("  ", " ")
    later = alerts(project, "deliver", HOOK_SECRET=SECRET)
    assert (later.exit_code, later.output) == (0, "delivered  webhook 127.0.0.1  1\n")
    assert alerts(project, "deliver", HOOK_SECRET=SECRET).output.endswith("  0\n")
    (asked,) = hook.taken
    assert asked.json["event"] == "production_validation.failed"
    files = [path for path in project.root.rglob("*") if path.is_file() and not path.is_symlink()]
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
    assert SECRET.encode() not in b"".join(each.body for each in hook.asked)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [HANGING, CUT_AFTER_TAKING], ids=["not taken", "taken unseen"])
def test_an_alert_of_a_process_that_was_killed_while_sending_it_arrives_once(project, hook, fault):
    """A whole run, killed, and two deliveries."""
    hook.script.append(fault)
    hook.script.extend([HANGING] * 3)
    started = start(project.root, "run", "-c", "production", HOOK_SECRET=SECRET)
    assert hook.came.wait(40)
    started.process.kill()
    started.process.communicate(timeout=20)
    hook.script.clear()
    later = alerts(project, "deliver", HOOK_SECRET=SECRET)
    assert (later.exit_code, later.output) == (0, "delivered  webhook 127.0.0.1  1\n")
    assert alerts(project, "deliver", HOOK_SECRET=SECRET).output.endswith("  0\n")
    assert len(hook.told) == 1
