"""Checks that maestro-runner would not check are found before a flow runs."""

from __future__ import annotations

import pytest

from tests.flows.stand_ins import MakeWorkspace
from validator.flows.unchecked import unchecked

HOOK = "appId: x\nonFlowComplete:\n"
BODY = "---\n- back\n"


@pytest.mark.parametrize(
    ("hook", "place"),
    [
        ("  - assertVisible: Done\n", "a.yaml:3:5: assertVisible in onFlowComplete"),
        ("  - back\n  - tapOn: Sign out\n", "a.yaml:4:5: tapOn in onFlowComplete"),
        ("  - launchApp\n", "a.yaml:3:5: launchApp in onFlowComplete"),
        ("  - runFlow:\n      commands:\n      - assertTrue: ${output.ok}\n", "a.yaml:5:9: assertTrue"),
        ("  - runFlow: sub/check.yaml\n", "sub/check.yaml:3:3: assertNotVisible"),
        ("  - retry: {file: sub/check.yaml}\n", "sub/check.yaml:3:3: assertNotVisible"),
        ("  - runFlow: ${CLEANUP}.yaml\n", "a.yaml:3:5: runFlow"),
        ("  - runScript: check.js\n", "a.yaml:3:5: runScript"),
        ("  - runScript: ${SCRIPT}\n", "a.yaml:3:5: runScript"),
        ("  - evalScript: ${if (!output.ok) throw 'no order'}\n", "a.yaml:3:5: evalScript"),
        ("  - someCommandOfTheFuture\n", "a.yaml:3:5: someCommandOfTheFuture"),
    ],
)
def test_a_check_after_the_flow_is_found(workspace: MakeWorkspace, hook: str, place: str) -> None:
    files = {"sub/check.yaml": "appId: x\n---\n- assertNotVisible: Error\n", "check.js": "if (x) throw 'y'"}
    folder = workspace({"a.yaml": HOOK + hook + BODY, **files})

    found = unchecked(folder / "a.yaml", folder)

    assert found.startswith(place)
    assert "flows.runner: maestro" in found


@pytest.mark.parametrize(
    "hook",
    [
        "  - stopApp\n  - clearState\n  - takeScreenshot: end\n",
        "  - assertVisible: {text: Done, optional: true}\n",
        "  - runScript: tidy.js\n",
        "  - evalScript: ${output.done = true}\n",
        "  - runFlow: sub/tidy.yaml\n",
        "  - repeat:\n      times: 2\n      commands:\n      - back\n",
    ],
)
def test_what_only_cleans_up_after_the_flow_is_none(workspace: MakeWorkspace, hook: str) -> None:
    files = {"sub/tidy.yaml": "appId: x\n---\n- killApp\n", "tidy.js": "http.delete(url) // throws nothing"}
    folder = workspace({"a.yaml": HOOK + hook + BODY, **files})

    assert unchecked(folder / "a.yaml", folder) == ""


def test_checks_before_and_in_the_flow_are_checked(workspace: MakeWorkspace) -> None:
    flow = "appId: x\nonFlowStart:\n  - assertVisible: Home\n---\n- assertVisible: Cart\n- tapOn: Pay\n"
    folder = workspace({"a.yaml": flow})

    assert unchecked(folder / "a.yaml", folder) == ""


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("- assertScreenshot: home\n", "a.yaml:3:21: image home.png does not exist"),
        ("- assertScreenshot: ${NAME}\n", "a.yaml:3:3: the image ${NAME} cannot be looked for"),
        ("- assertScreenshot: {path: '${NAME}.png'}\n", "a.yaml:3:3: the image ${NAME}.png cannot be looked for"),
        ("- runFlow: {commands: [{assertScreenshot: '${NAME}'}]}\n", "a.yaml:3:24: the image ${NAME}"),
        ("- runFlow: sub.flow\n", "sub.flow:3:3: the image ${X} cannot be looked for"),
        ("- assertScreenshot: there\n", ""),
        ("- assertScreenshot: there.png\n", ""),
    ],
)
def test_a_screen_that_is_compared_with_nothing_is_found(workspace: MakeWorkspace, command: str, found: str) -> None:
    image = {"there.png": "png", "sub.flow": "appId: x\n---\n- assertScreenshot: ${X}\n"}
    folder = workspace({"a.yaml": f"appId: x\n---\n{command}", **image})

    assert unchecked(folder / "a.yaml", folder)[: len(found) or None] == found


def test_a_screen_that_is_compared_with_nothing_before_the_flow_is_found(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": "appId: x\nonFlowStart:\n  - assertScreenshot: ${X}\n" + BODY})

    assert unchecked(folder / "a.yaml", folder).startswith("a.yaml:3:5: the image ${X}")


def test_flows_that_call_each_other_after_the_flow_are_looked_at_once(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": HOOK + "  - runFlow: a.yaml\n" + BODY})

    assert "call each other in a circle" in unchecked(folder / "a.yaml", folder)
