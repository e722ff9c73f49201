"""Files that cannot be flows stay in the list of expected flows, with the place and the reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.flows.stand_ins import MakeWorkspace
from validator.flows.flow_file import FlowFile, read
from validator.flows.workspace import Narrowing, Selection, discover
from validator.flows.yaml_source import YamlError

FLOW = "appId: com.example.shop\n---\n- launchApp\n"


def problems(selection: Selection) -> dict[str, str]:
    return {flow.name: flow.problem for flow in selection.flows if flow.problem}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "a.yaml:1:1: no commands: the file is empty"),
        ("# only a comment\n", "a.yaml:1:1: no commands: the file is empty"),
        ("appId: x\n", "a.yaml:2:1: no commands: after the header"),
        ("appId: x\n---\n[]\n", "a.yaml:3:1: no commands"),
        ("appId: x\n---\ntapOn: y\n", "a.yaml:3:1: the commands after `---` must be a list"),
        ("appId: x\n---\n- tapOn: [\n", "a.yaml:4:1: not YAML"),
        ("appId: x\n---\n- tapOn: a: b\n", "a.yaml:3:11: not YAML"),
        ("appId: x\n---\n- [tapOn]\n", "a.yaml:3:3: a command is a name"),
        ("appId: x\n---\n- back\n---\n- back\n", "a.yaml:5:1: a second `---`"),
        ("appId: x\ntags: smoke\n---\n- back\n", "a.yaml:2:7: `tags` must be a list of texts"),
        ("just words\n", "a.yaml:1:1: a flow begins with a header"),
        ("appId: x\n---\n- runFlow: gone.yaml\n", "a.yaml:3:12: flow gone.yaml does not exist"),
        ("appId: x\n---\n- runFlow:\n    file: sub\n", "a.yaml:4:11: flow sub is a folder, not a file"),
        ("appId: x\n---\n- runScript: gone.js\n", "a.yaml:3:14: script gone.js does not exist"),
        ("appId: x\n---\n- addMedia:\n  - gone.png\n", "a.yaml:4:5: media gone.png does not exist"),
        ("appId: x\nonFlowStart:\n  - runFlow: gone.yaml\n---\n- back\n", "a.yaml:3:14: flow gone.yaml does not exist"),
        (
            "appId: x\n---\n- repeat:\n   commands:\n   - retry:\n      commands:\n      - runFlow: {file: b/go.yaml}",
            "a.yaml:7:25: flow b/go.yaml does not exist",
        ),
        ("appId: x\n---\n- runFlow: a.yaml\n", "a.yaml:3:12: flows call each other in a circle: a.yaml -> a.yaml"),
        ("appId: x\n---\n- repeat:\n    commands: y\n", "a.yaml:4:15: commands must be a list"),
        ("x: &x {tags: [a]}\n<<: *x\n---\n- back\n", "a.yaml:2:1: `<<` is not read by every runner"),
        ("appId: x\n---\n- runFlow: {<<: {file: b.yaml}}\n", "a.yaml:3:13: `<<` is not read by every runner"),
        ("appId: x\n---\n- assertScreenshot: home\n", "a.yaml:3:21: image home.png does not exist: keep a screenshot"),
        ("appId: x\n---\n- assertScreenshot: {path: h.png}\n", "a.yaml:3:28: image h.png does not exist"),
    ],
)
def test_a_broken_flow_is_expected_and_says_why(workspace: MakeWorkspace, text: str, problem: str) -> None:
    folder = workspace({"a.yaml": text, "sub/x.txt": "", "b.yaml": FLOW})

    broken, sound = discover(folder).flows

    assert broken.problem.startswith(problem)
    assert sound.problem == ""


def test_a_text_that_looks_like_a_merge_is_a_text(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": 'appId: x\n---\n- tapOn: <<\n- inputText: {text: "<<", "<<": x}\n'})

    assert problems(discover(folder)) == {}


@pytest.mark.parametrize("name", ["a.YAML", "b.Yml", "sub/config.yaml", "sub/config.yml"])
def test_a_file_that_runners_pass_over_and_that_may_be_a_flow_is_not_lost(workspace: MakeWorkspace, name: str) -> None:
    folder = workspace({"config.yaml": "flows: ['**']\n", name: FLOW})

    (found,) = discover(folder).flows

    assert found.required
    assert found.problem.startswith(f"{name}:1:1: runners take")
    assert found.problem.endswith("rename it")


def test_a_configuration_in_a_subfolder_is_no_flow(workspace: MakeWorkspace) -> None:
    inner = {"sub/config.yaml": "flows: ['*']\nteam: shop\n", "more/config.yml": "# nothing\n"}
    folder = workspace({"config.yaml": "flows: ['**']\n", "a.yaml": FLOW, **inner})

    assert [flow.file for flow in discover(folder).flows] == ["a.yaml"]


def test_a_flow_whose_tags_cannot_be_read_is_always_selected(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": "tags: [", "b.yaml": FLOW})

    selection = discover(folder, include_tags=["smoke"])

    assert [flow.name for flow in selection.flows] == ["a"]


def test_a_problem_in_a_shared_flow_is_that_of_every_flow_that_calls_it(workspace: MakeWorkspace) -> None:
    caller = "appId: x\n---\n- runFlow: sub/login.yaml\n"
    folder = workspace({"a.yaml": caller, "b.yaml": caller, "sub/login.yaml": "appId: x\n---\n- runScript: ../s.js\n"})

    expected = "sub/login.yaml:3:14: script ../s.js does not exist"

    assert problems(discover(folder)) == {"a": expected, "b": expected}


def test_flows_may_call_flows_beside_the_workspace_and_names_known_only_at_run_time(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": "appId: x\n---\n- runFlow: ../shared.yaml\n- runFlow: ${SCREEN}.yaml\n"})
    (folder.parent / "shared.yaml").write_text(FLOW, encoding="utf-8")

    assert problems(discover(folder)) == {}


def test_a_longer_circle_is_shown_whole(workspace: MakeWorkspace) -> None:
    folder = workspace(
        {
            "a.yaml": "appId: x\n---\n- runFlow: sub/b.yaml\n",
            "sub/b.yaml": "appId: x\n---\n- runFlow: c.yaml\n",
            "sub/c.yaml": "appId: x\n---\n- runFlow: b.yaml\n",
        }
    )

    assert problems(discover(folder))["a"].endswith("in a circle: sub/b.yaml -> sub/c.yaml -> sub/b.yaml")


def test_two_flows_of_one_name_are_told_apart_by_their_files(workspace: MakeWorkspace) -> None:
    folder = workspace(
        {"a.yaml": "appId: x\nname: Same\n---\n- back\n", "b.yaml": "appId: x\nname: Same\n---\n- back\n"}
    )

    found = discover(folder).flows

    assert [(flow.name, flow.problem) for flow in found] == [("Same (a.yaml)", ""), ("Same (b.yaml)", "")]


def test_a_required_name_that_two_flows_share_is_absent(workspace: MakeWorkspace) -> None:
    folder = workspace(
        {"a.yaml": "appId: x\nname: Same\n---\n- back\n", "b.yaml": "appId: x\nname: Same\n---\n- back\n"}
    )

    assert discover(folder, required=["Same"]).absent == ("Same",)


def test_files_of_one_name_in_different_folders_are_told_apart_by_their_folders(workspace: MakeWorkspace) -> None:
    named = "appId: x\nname: pay\n---\n- back\n"
    folder = workspace(
        {
            "config.yaml": "flows: ['**']\n",
            "login.yaml": FLOW,
            "a/login.yml": FLOW,
            "b/login.yaml": "[",
            "c/pay.yaml": FLOW,
        }
    )
    (folder / "d.yaml").write_text(named, encoding="utf-8")

    found = {flow.name: flow.problem for flow in discover(folder).flows}

    assert list(found) == ["pay", "login", "a/login", "b/login", "c/pay"]
    assert [name for name, problem in found.items() if problem] == ["b/login"]


def test_two_files_of_one_name_in_one_folder_are_told_apart_by_their_endings(workspace: MakeWorkspace) -> None:
    found = discover(workspace({"a.yaml": FLOW, "a.yml": FLOW}))

    assert [(flow.name, flow.problem) for flow in found.flows] == [("a (a.yaml)", ""), ("a (a.yml)", "")]


def test_bytes_that_are_no_text_are_pointed_at(workspace: MakeWorkspace) -> None:
    folder = workspace({})
    (folder / "a.yaml").write_bytes(b"appId: x\n---\n- tapOn: \xff\xfe\n")
    (folder / "b.yaml").write_bytes(b"\x00\x01\x02")
    (folder / "c.yaml").write_bytes(b"\xef\xbb\xbf" + FLOW.encode())

    found = problems(discover(folder))

    assert found["a"] == "a.yaml:3:10: not a text file in UTF-8"
    assert found["b"].startswith("b.yaml:1:1: not YAML")
    assert "c" not in found, "a byte order mark is harmless"


def test_what_no_person_would_write_is_refused_quickly(workspace: MakeWorkspace) -> None:
    folder = workspace(
        {
            "deep.yaml": "appId: x\n---\n- " + "[" * 100_000,
            "huge.yaml": "appId: x\n---\n- back\n" + "# \n" * 400_000,
            "bomb.yaml": "\n".join(
                [
                    "a0: &a0 [x]",
                    *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)),
                    "---",
                    "- back",
                ]
            ),
            "self.yaml": "appId: x\n---\n- repeat:\n    commands: &c\n      - repeat: {commands: *c}\n      - back\n",
        }
    )

    found = problems(discover(folder))

    assert "nested more than 40 levels deep" in found["deep"]
    assert "larger than 512 KiB" in found["huge"]
    assert "more than a person would write" in found["bomb"]
    assert "self" not in found


def test_links_out_of_the_workspace_and_things_that_are_no_files_are_problems(workspace: MakeWorkspace) -> None:
    folder = workspace({"real.yaml": FLOW})
    outside = folder.parent / "outside.yaml"
    outside.write_text(FLOW, encoding="utf-8")
    (folder / "in.yaml").symlink_to(folder / "real.yaml")
    (folder / "out.yaml").symlink_to(outside)
    (folder / "loop.yaml").symlink_to(folder / "loop.yaml")
    os.mkfifo(folder / "pipe.yaml")

    found = problems(discover(folder))

    assert found == {
        "out": "out.yaml:1:1: a link that leads out of the workspace",
        "loop": "loop.yaml:1:1: not a regular file",
        "pipe": "pipe.yaml:1:1: not a regular file",
    }


def test_a_linked_folder_is_not_entered(workspace: MakeWorkspace) -> None:
    folder = workspace({"config.yaml": "flows: ['**']\n", "a.yaml": FLOW})
    (folder / "again").symlink_to(folder, target_is_directory=True)

    assert [flow.file for flow in discover(folder).flows] == ["a.yaml"]


WORDS = st.sampled_from(
    [
        "appId: x",
        "---",
        "- back",
        "- runFlow:",
        "    file: a.yaml",
        "    commands:",
        "      - back",
        "tags: [a]",
        "&a",
        "*a",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.lists(WORDS, max_size=12).map("\n".join).map(str.encode)))
def test_any_bytes_are_a_flow_or_an_error_with_a_place(data: bytes) -> None:
    try:
        found: object = read(data)
    except YamlError as error:
        found = error
    match found:
        case YamlError():
            assert found.reason
            assert min(found.place.line, found.place.column) >= 1
        case FlowFile():
            assert all(reference.path for reference in found.references)
        case _:
            pytest.fail("neither a flow nor an error")


def test_a_whole_workspace_of_noise_ends_in_a_selection(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number}.yaml").write_bytes(bytes((number * 37 + index * 11) % 256 for index in range(200)))

    selection = discover(tmp_path)

    assert len(selection.flows) == 30
    assert all(flow.problem for flow in selection.flows)


def test_a_flow_whose_name_cannot_be_read_is_required_while_a_required_name_is_nowhere(
    workspace: MakeWorkspace,
) -> None:
    folder = workspace({"pay.yaml": "appId: x\nname: Pay\n---\n- tapOn: [\n", "b.yaml": FLOW})

    asked_for = discover(folder, required=["Pay", "b"], narrowing=Narrowing(only=["pay.yaml"]))
    elsewhere = discover(folder, required=["b"])

    assert [(flow.name, flow.required) for flow in asked_for.flows] == [("pay", True)]
    assert [(flow.name, flow.required) for flow in elsewhere.flows] == [("b", True), ("pay", False)]
