"""`validator flows list` and `validator flows lint`, as a program: what they print, and with which code they end."""

from __future__ import annotations

import json
import os

import pytest

from tests.e2e.commands import validator
from tests.e2e.project import PACKAGE, Project

GOOD = f"appId: {PACKAGE}\ntags: [production]\n---\n- launchApp\n- assertVisible: Cart\n"


@pytest.fixture
def project(tmp_path) -> Project:
    made = Project(tmp_path)
    made.write("flows/config.yaml", "executionOrder: {continueOnFailure: false, flowsOrder: [pay, login]}\n")
    made.write("flows/login.yaml", GOOD.replace("- launchApp", "- runFlow: sub/start app.yaml"))
    made.write("flows/pay.yaml", GOOD)
    made.write("flows/web.yaml", "url: https://shop.example\n---\n- launchApp\n")
    made.write("flows/sub/start app.yaml", GOOD)
    made.config(flows={"workspace": "flows", "runner": "maestro-runner"})
    return made


def test_the_list_shows_the_order_the_tree_and_what_is_passed_over(project):
    done = validator(project.root, "flows", "list", "-c", "production", "--tree")

    assert done.exit_code == 0, done.errors
    assert [line.split()[:2] for line in done.output.splitlines() if line.lstrip()[:1].isdigit()] == [
        ["1", "pay.yaml"],
        ["2", "login.yaml"],
        ["2", "flows;"],
    ]
    assert "└─ sub/start app.yaml (flow)" in done.output
    assert "platform: for the web" in done.output
    assert "subflow: called by login.yaml" in done.output
    assert "2 flows; 3 files passed over" in done.output


def test_the_list_as_json_and_of_a_folder(project):
    done = validator(project.root, "flows", "list", "flows", "--json")

    found = json.loads(done.output)
    assert [(flow["name"], flow["after"]) for flow in found["flows"]] == [("pay", ""), ("login", "pay")]
    assert found["continue_on_failure"] is False
    assert found["flows"][1]["uses"] == [{"file": "sub/start app.yaml", "kind": "flow", "problem": "", "uses": []}]


def test_a_problem_ends_with_2_and_a_note_with_0(project):
    assert validator(project.root, "flows", "lint", "-c", "production").exit_code == 0

    project.write("flows/checks-nothing.yaml", f"appId: {PACKAGE}\n---\n- launchApp\n")
    noted = validator(project.root, "flows", "lint", "-c", "production")
    assert noted.exit_code == 0
    assert "checks-nothing.yaml:1:8: note: the flow checks nothing" in noted.output

    project.write("flows/other.yaml", GOOD.replace(PACKAGE, "com.example.other"))
    wrong = validator(project.root, "flows", "lint", "-c", "production")
    assert wrong.exit_code == 2
    assert "other.yaml:1:8: problem: the flow is about com.example.other" in wrong.output
    remarks = json.loads(validator(project.root, "flows", "lint", "-c", "production", "--json").output)["remarks"]
    assert [(each["where"], each["weight"]) for each in remarks] == [
        ("checks-nothing.yaml:1:8", "note"),
        ("other.yaml:1:8", "problem"),
    ]


def test_names_that_no_terminal_can_show_break_nothing(project):
    for name in (b"\xff\xfe.yaml", b"\x1b[2J.yaml", b"new\nline.yaml"):
        with open(os.path.join(os.fsencode(project.root / "flows"), name), "w", encoding="utf-8") as file:  # noqa: PTH123, PTH118 - no Path is made of such bytes
            file.write(GOOD + "- oops\n")

    for command in ("list", "lint"):
        for options in ([], ["--json"]):
            done = validator(project.root, "flows", command, "-c", "production", *options)
            assert done.exit_code == (2 if command == "lint" else 0), done.output + done.errors
            assert "\x1b" not in done.output


def test_without_a_workspace_it_says_what_to_write(tmp_path):
    done = validator(tmp_path, "flows", "list")
    assert done.exit_code == 2
    assert ".maestro" in done.errors

    done = validator(tmp_path, "flows", "lint", "nowhere")
    assert done.exit_code == 2
    assert "does not exist" in done.errors
