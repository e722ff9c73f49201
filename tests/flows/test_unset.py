"""A variable that nobody sets is found before the flow runs; whatever may set it is believed to."""

from __future__ import annotations

import pytest

from tests.flows.stand_ins import MakeWorkspace
from validator.flows.unset import unset_variable

HEADER = "appId: x\nenv:\n  QUERY: bread\n---\n"


def unset(workspace: MakeWorkspace, commands: str, **files: str) -> str:
    folder = workspace({"a.yaml": HEADER + commands, **{name.replace("_", "."): text for name, text in files.items()}})
    return unset_variable(folder / "a.yaml", folder, {"APP_ID"})


@pytest.mark.parametrize(
    "commands",
    [
        "- assertVisible: Total ${SUM}\n",
        "- tapOn:\n    id: row_${ SUM }\n",
        "- assertNotVisible: ${SUM}\n",
        "- runFlow: sub.yaml\n",
    ],
)
def test_a_variable_that_nobody_sets_is_named_with_its_place(workspace: MakeWorkspace, commands: str) -> None:
    said = unset(workspace, commands, sub_yaml="appId: x\n---\n- back\n- tapOn: ${SUM}\n")

    assert said.endswith("${SUM} is used here, and nothing sets it")
    assert said.startswith(("a.yaml:5:", "a.yaml:6:", "sub.yaml:4:"))


@pytest.mark.parametrize(
    "commands",
    [
        "- inputText: ${QUERY}\n- launchApp: ${APP_ID}\n",
        "- runFlow:\n    file: sub.yaml\n    env: {SUM: '3'}\n",
        "- runFlow:\n    file: sub.yaml\n    env:\n      SUM: 3\n",
        "- evalScript: ${SUM = 3}\n- tapOn: ${SUM}\n",
        "- runScript: sum.js\n- tapOn: ${SUM}\n",
        "- runFlow:\n    when:\n      true: ${SUM}\n    commands:\n    - back\n",
        "- evalScript: ${output.x = [1].map(function (SUM) { return `${SUM}` })}\n",
        "# ${SUM} is no use\n- tapOn: \\${SUM}\n",
        "- tapOn: ${output.sum} ${1 + 1} ${MAESTRO_SHARD_ID} $SUM\n",
    ],
)
def test_what_may_be_set_is_not_complained_of(workspace: MakeWorkspace, commands: str) -> None:
    assert unset(workspace, commands, sub_yaml="appId: x\n---\n- tapOn: ${SUM}\n", sum_js="SUM = 3;\n") == ""


def test_a_flow_that_cannot_be_read_is_left_to_the_runner(workspace: MakeWorkspace) -> None:
    assert unset(workspace, "- runFlow: gone.yaml\n- tapOn: ${SUM}\n") == ""
