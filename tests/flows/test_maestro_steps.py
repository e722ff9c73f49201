"""The official CLI's commands as a flow would write them, and without the values of variables."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from validator.flows.maestro_steps import without_values, written

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ({"launchAppCommand": {"appId": "com.example.shop", "clearState": True}}, "launchApp: com.example.shop"),
        ({"tapOnElement": {"selector": {"textRegex": "Pay"}, "optional": False}}, "tapOn: Pay"),
        ({"tapOnElement": {"selector": {"idRegex": "cart"}}}, "tapOn: id=cart"),
        ({"assertConditionCommand": {"condition": {"visible": {"textRegex": "Total"}}}}, "assertVisible: Total"),
        ({"assertConditionCommand": {"condition": {"notVisible": {"textRegex": "Oh"}}}}, "assertNotVisible: Oh"),
        ({"assertConditionCommand": {"condition": {"scriptCondition": "${a == 1}"}}}, "assertTrue: ${a == 1}"),
        ({"runFlowCommand": {"sourceDescription": "login.yaml", "commands": []}}, "runFlow: login.yaml"),
        ({"runScriptCommand": {"script": "x()", "sourceDescription": "x.js"}}, "runScript: x.js"),
        ({"pressKeyCommand": {"code": "ENTER"}}, "pressKey: ENTER"),
        ({"repeatCommand": {"times": "3"}}, "repeat: 3"),
        ({"backPressCommand": {}}, "back"),
        ({"somethingNewCommand": {"a": [1]}}, 'somethingNew: {"a": [1]}'),
        ({"defineVariablesCommand": {"env": {"A": SECRET}}}, "defineVariables"),
        ({}, "command"),
    ],
)
def test_a_command_reads_as_a_team_wrote_it(command: dict[str, JsonValue], text: str) -> None:
    assert written(command) == text


def test_values_of_variables_go_wherever_they_stand() -> None:
    nested: JsonValue = {"defineVariablesCommand": {"env": {"A": SECRET}}}
    entry: JsonValue = {
        "command": {"runFlowCommand": {"commands": [nested], "env": {"B": SECRET}, "config": {"appId": "x"}}},
        "metadata": {"status": "COMPLETED", "evaluatedCommand": {"inputTextCommand": {"text": SECRET}}},
    }

    clean = without_values(entry)

    assert SECRET not in json.dumps(clean)
    assert clean == {
        "command": {"runFlowCommand": {"commands": [{"defineVariablesCommand": {}}], "config": {"appId": "x"}}},
        "metadata": {"status": "COMPLETED"},
    }


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["selector", "condition", "visible", "text", "env", "label"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(
    name=st.sampled_from(["assertConditionCommand", "tapOnElement", "defineVariablesCommand", "newCommand", ""]),
    value=values,
)
def test_any_command_can_be_told(name: str, value: JsonValue) -> None:
    assert isinstance(written({name: value}), str)
