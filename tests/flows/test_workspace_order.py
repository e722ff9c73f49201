"""The order that a workspace demands, and flows that are for another platform."""

from __future__ import annotations

import pytest

from tests.flows.stand_ins import MakeWorkspace
from validator.flows.workspace import Narrowing, discover
from validator.model.errors import UsageError

FLOW = "appId: com.example.shop\n---\n- launchApp\n"
ONLY_IOS = """appId: x
---
- runFlow: {when: {platform: iOS}, commands: [back]}
- repeat: {while: {platform: ios}, commands: [back]}
"""


def test_the_order_comes_first_each_flow_after_the_one_before_it_and_the_rest_after_the_last(
    workspace: MakeWorkspace,
) -> None:
    config = "executionOrder: {continueOnFailure: false, flowsOrder: [c, gone, Pay, c]}\n"
    named = FLOW.replace("---", "name: Pay\n---")
    folder = workspace({"config.yaml": config, "a.yaml": FLOW, "b.yaml": named, "c.yaml": FLOW, "d.yaml": FLOW})

    selection = discover(folder)

    assert [(flow.name, flow.after, flow.after_pass) for flow in selection.flows] == [
        ("c", "", False),
        ("Pay", "c", True),
        ("a", "Pay", False),
        ("d", "Pay", False),
    ]
    assert selection.unknown_order == ("gone",)
    narrowed = discover(folder, narrowing=Narrowing(only=["a", "Pay"])).flows
    assert [(flow.name, flow.after) for flow in narrowed] == [("Pay", ""), ("a", "Pay")]


@pytest.mark.parametrize("text", ["continueOnFailure: no", "continueOnFailure: [x]", "flowsOrder: x"])
def test_an_order_that_cannot_be_read_is_an_error_and_not_another_order(workspace: MakeWorkspace, text: str) -> None:
    folder = workspace({"config.yaml": f"executionOrder: {{{text}}}\n", "a.yaml": FLOW})

    with pytest.raises(UsageError, match=r"continueOnFailure|flowsOrder"):
        discover(folder)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("url: https://shop.example\n---\n- launchApp\n", "for the web: its header has `url`"),
        ("appId: com.apple.Preferences\n---\n- launchApp\n", "for iOS: com.apple.Preferences is an app of iOS"),
        ("appId: x\nplatform: iOS\n---\n- launchApp\n", "for iOS: its header says so"),
        ("appId: x\ntags: [ios-only]\n---\n- launchApp\n", "for iOS: its tags say so"),
        (
            ONLY_IOS,
            "for iOS: each of its commands has the condition `platform`",
        ),
    ],
)
def test_a_flow_for_another_platform_is_not_run_and_says_why(workspace: MakeWorkspace, text: str, why: str) -> None:
    folder = workspace({"a.yaml": text, "b.yaml": FLOW})

    selection = discover(folder, required=["a", "b"])

    assert [flow.name for flow in selection.flows] == ["b"]
    assert [(flow.name, flow.problem) for flow in selection.elsewhere] == [("a", why)]
    assert selection.absent == ("a",), "what the gate needs by name is never passed over in silence"
    assert selection.hint("a") == f"it is {why}"


@pytest.mark.parametrize(
    "text",
    [
        "appId: x\ntags: [ios, android]\n---\n- launchApp\n",
        "appId: x\ntags: [web]\n---\n- launchApp\n",
        "appId: x\nurl: https://x\n---\n- launchApp\n",
        "appId: x\n---\n- runFlow: {when: {platform: iOS}, commands: [back]}\n- back\n",
        "appId: x\n---\n- runFlow: {when: {platform: Android}, commands: [back]}\n",
        "- back\n",
    ],
)
def test_where_there_is_doubt_a_flow_is_run(workspace: MakeWorkspace, text: str) -> None:
    assert [flow.name for flow in discover(workspace({"a.yaml": text})).flows] == ["a"]
