"""The configuration in docs/from-a-shell-script.md works, is as short as it says, and replaces every line."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from tests.e2e.commands import ROOT, RUNNERS, validator
from tests.e2e.project import Project

PAGE = (ROOT / "docs" / "from-a-shell-script.md").read_text(encoding="utf-8")
LONGEST = 25
FLOW = "appId: ${APP_ID}\n---\n- launchApp\n- assertVisible: ${SKIP_DATA_CLEANUP}\n"


def block(kind: str) -> str:
    blocks: list[str] = re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    (found,) = blocks
    return found


@pytest.fixture
def project(tmp_path) -> Project:
    made = Project(tmp_path)
    made.write("configs/production.yaml", block("yaml"))
    made.write("infra/main.tf", "")
    made.write("scripts/clear_emulator.js", "")
    made.write(".maestro/android/login.yml", FLOW)
    made.write(".maestro/android/check out.yml", FLOW)
    made.write(".maestro/ios/login.yml", FLOW)
    return made


def test_the_configuration_is_short_and_the_page_says_how_short():
    lines = block("yaml").splitlines()
    assert len(lines) <= LONGEST
    assert f"the {len(lines)} lines that do all of it" in PAGE


def test_it_plans_the_flows_of_the_script_on_two_emulators(project):
    done = validator(project.root, "plan", "-c", "production", "--json", GITHUB_SHA="abc", PATH=f"{RUNNERS}:/usr/bin")
    assert done.exit_code == 0, done.output + done.errors
    plan = json.loads(done.output)
    assert sorted(flow["file"] for flow in plan["flows"]) == ["check out.yml", "login.yml"]
    assert plan["devices"] == 2


def test_the_commands_of_the_page_say_that_all_is_well(project):
    for command in ("lint", "list"):
        done = validator(project.root, "flows", command, "-c", "production", GITHUB_SHA="abc")
        assert done.exit_code == 0, done.output + done.errors


def test_every_line_of_the_script_is_replaced_by_something():
    rows = [row.split("|")[1:3] for row in PAGE.splitlines() if re.match(r"\| \d", row)]
    replaced: set[int] = set()
    for lines, _ in rows:
        for part in lines.split(","):
            first, _, last = part.strip().partition("-")
            numbers = range(int(first), int(last or first) + 1)
            assert replaced.isdisjoint(numbers)
            replaced.update(numbers)
    assert replaced == set(range(1, len(block("bash").splitlines()) + 1))


def test_what_replaces_a_line_is_in_the_configuration():
    config = yaml.safe_load(block("yaml"))
    keys = {*config, *config["devices"][0], *(f"flows.{key}" for key in config["flows"]), "app.id"}
    named = [
        name
        for row in PAGE.splitlines()
        if re.match(r"\| \d", row)
        for name in re.findall(r"`([a-z_.]+)`", row.split("|")[2])
    ]
    assert len(named) > 10
    assert set(named) <= keys
