"""Which files of a workspace are flows, and which of them are wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.stand_ins import MakeWorkspace
from validator.flows.workspace import FixedVariable, Narrowing, changed, discover
from validator.model.errors import UsageError
from validator.model.flow import Flow

FLOW = "appId: com.example.shop\n---\n- launchApp\n"


def tagged(*tags: str) -> str:
    return f"appId: com.example.shop\ntags: [{', '.join(tags)}]\n---\n- launchApp\n"


def names(folder: Path, **options: object) -> list[str]:
    return [flow.name for flow in discover(folder, **options).flows]  # type: ignore[arg-type]  # passed on


def test_flows_are_the_yaml_files_at_the_top_in_the_order_of_their_names(workspace: MakeWorkspace) -> None:
    folder = workspace({"b.yaml": FLOW, "a.yml": FLOW, "sub/c.yaml": FLOW, "note.txt": "x", "script.js": "x"})

    selection = discover(folder)

    assert [(flow.name, flow.file) for flow in selection.flows] == [("a", "a.yml"), ("b", "b.yaml")]
    assert all(flow.problem == "" and flow.required for flow in selection.flows)


def test_the_header_gives_name_app_and_tags_as_they_are_written(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": 'appId: ${APP_ID}\nname: "Buy: now"\ntags:\n  - smoke\n  - no\n---\n- launchApp\n'})

    (flow,) = discover(folder).flows

    assert (flow.name, flow.app_id, flow.tags) == ("Buy: now", "${APP_ID}", ("smoke", "no"))


def test_the_workspace_configuration_chooses_files_and_tags(workspace: MakeWorkspace) -> None:
    folder = workspace(
        {
            "config.yaml": 'flows: ["**", "!sub/*"]\nincludeTags: [smoke]\nexcludeTags: [wip]\n',
            "a.yaml": tagged("smoke"),
            "b.yaml": tagged("smoke", "wip"),
            "c.yaml": FLOW,
            "sub/helper.yaml": tagged("smoke"),
            "deep/er/d.yaml": tagged("smoke"),
        }
    )

    selection = discover(folder)

    assert [flow.name for flow in selection.flows] == ["a", "d"]
    assert selection.excluded == 2


def test_tags_from_outside_are_added_to_those_of_the_configuration(workspace: MakeWorkspace) -> None:
    folder = workspace(
        {
            "config.yaml": "includeTags: [one]\n",
            "a.yaml": tagged("one"),
            "b.yaml": tagged("two"),
            "c.yaml": tagged("three"),
        }
    )

    assert names(folder, include_tags=("two",)) == ["a", "b"]
    assert names(folder, include_tags=("two",), exclude_tags=("one",)) == ["b"]


def test_files_that_only_configure_are_no_flows(workspace: MakeWorkspace) -> None:
    folder = workspace({"config.yml": "flows: ['*']\n", "ci-config.yaml": "includeTags: [x]\n", "my-config.yaml": FLOW})

    assert names(folder) == ["my-config"]


def test_a_flow_that_the_gate_does_not_need_is_marked(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": FLOW, "b.yaml": FLOW})

    selection = discover(folder, required=["a"])

    assert [(flow.name, flow.required) for flow in selection.flows] == [("a", True), ("b", False)]


def test_required_flows_that_are_not_there_or_excluded_by_tags_are_absent(workspace: MakeWorkspace) -> None:
    folder = workspace({"checkout.yaml": FLOW, "login.yaml": tagged("wip")})

    selection = discover(folder, required=["checkout", "login", "chekcout"], exclude_tags=["wip"])

    assert selection.absent == ("login", "chekcout")
    assert selection.hint("chekcout") == "did you mean 'checkout'?"
    assert selection.hint("login") == "its tags exclude it"
    assert selection.hint("zzzzzz") == ""


def test_asking_for_single_flows_narrows_the_selection(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": FLOW, "b.yaml": FLOW, "c.yaml": FLOW})

    selection = discover(folder, required=["a", "c"], narrowing=Narrowing(only=["b", "c.yaml", "nope"]))

    assert [flow.name for flow in selection.flows] == ["b", "c"]
    assert selection.absent == ("nope",)
    assert selection.excluded == 1
    assert selection.left_out == ("a",)


@pytest.mark.parametrize(
    ("narrowing", "left_out"),
    [
        (Narrowing(), ()),
        (Narrowing(only=["a", "b"]), ()),
        (Narrowing(only=["a"]), ("b",)),
        (Narrowing(include_tags=["smoke"]), ("b",)),
        (Narrowing(exclude_tags=["smoke"]), ("a",)),
        (Narrowing(include_tags=["nothing"]), ("a", "b")),
    ],
)
def test_what_narrowing_takes_out_of_the_required_flows_is_told(
    workspace: MakeWorkspace, narrowing: Narrowing, left_out: tuple[str, ...]
) -> None:
    folder = workspace({"a.yaml": tagged("prod", "smoke"), "b.yaml": tagged("prod"), "c.yaml": FLOW})

    selection = discover(folder, include_tags=["prod"], narrowing=narrowing)

    assert selection.left_out == left_out
    assert {flow.name for flow in selection.flows} == {"a", "b"} - set(left_out)


def test_narrowing_never_adds_what_the_configuration_leaves_out(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": tagged("prod"), "b.yaml": tagged("wip")})

    for narrowing in (Narrowing(include_tags=["wip"]), Narrowing(only=["b"])):
        assert discover(folder, include_tags=["prod"], narrowing=narrowing).flows == ()


def test_a_required_flow_that_is_nowhere_is_left_out_when_single_flows_are_asked_for(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": FLOW})

    selection = discover(folder, required=["a", "gone"], narrowing=Narrowing(only=["a"]))

    assert (selection.absent, selection.left_out) == ((), ("gone",))


@pytest.mark.parametrize("files", [{}, {"note.txt": "x"}, {"sub/a.yaml": FLOW}, {"config.yaml": "flows: ['x/*']\n"}])
def test_a_workspace_without_flows_selects_none(workspace: MakeWorkspace, files: dict[str, str]) -> None:
    assert discover(workspace(files)).flows == ()


def test_tags_that_match_nothing_select_none(workspace: MakeWorkspace) -> None:
    selection = discover(workspace({"a.yaml": FLOW}), include_tags=["nothing"])

    assert (selection.flows, selection.excluded) == ((), 1)


def test_the_digest_covers_all_that_belongs_and_nothing_else(workspace: MakeWorkspace) -> None:
    flow = "appId: x\n---\n- runFlow: sub/b.yaml\n- runScript: {file: s.js}\n- addMedia: [m.png]\n"
    folder = workspace({"a.yaml": flow, "sub/b.yaml": FLOW, "s.js": "1", "m.png": "2", "other.txt": "3"})
    digests = [discover(folder).digest]

    for name in ("a.yaml", "sub/b.yaml", "s.js", "m.png"):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("\n")
        digests.append(discover(folder).digest)

    assert len(set(digests)) == 5
    (folder / "other.txt").write_text("changed", encoding="utf-8")
    assert discover(folder).digest == digests[-1]
    assert digests[0].startswith("sha256:")


def test_a_flow_has_changed_when_anything_that_it_calls_for_has(workspace: MakeWorkspace) -> None:
    flow = "appId: x\n---\n- runFlow: sub/b.yaml\n- runScript: {file: s.js}\n- addMedia: [m.png]\n"
    folder = workspace({"a.yaml": flow, "sub/b.yaml": FLOW, "s.js": "1", "m.png": "2", "other.yaml": FLOW})
    planned = discover(folder).flows[0]
    assert changed(planned, folder) == ""

    (folder / "other.yaml").write_text("changed", encoding="utf-8")
    assert changed(planned, folder) == ""

    for name in ("a.yaml", "sub/b.yaml", "s.js", "m.png"):
        before = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(before + "\n", encoding="utf-8")
        assert "a.yaml, or a file that it calls for, has changed" in changed(planned, folder)
        (folder / name).unlink()
        assert changed(planned, folder).startswith("a.yaml has changed since it was planned: ")
        (folder / name).write_text(before, encoding="utf-8")
    assert changed(planned, folder) == ""

    folder.rename(folder.with_name("moved"))
    assert "does not exist" in changed(planned, folder)


def test_a_large_file_that_is_replaced_by_another_of_its_size_has_changed(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": "appId: x\n---\n- addMedia: [m.mp4]\n", "m.mp4": "1" * 2_000_000})
    planned = discover(folder).flows[0]
    assert changed(planned, folder) == ""

    (folder / "new").write_text("2" * 2_000_000, encoding="utf-8")
    (folder / "new").replace(folder / "m.mp4")

    assert "has changed" in changed(planned, folder)


def test_a_flow_of_an_older_record_is_taken_as_it_is(workspace: MakeWorkspace) -> None:
    assert changed(Flow(name="a", file="a.yaml"), workspace({"a.yaml": FLOW})) == ""


def test_a_variable_that_a_header_sets_is_told(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": "appId: x\nenv:\n  SKIP_DATA_CLEANUP: 'false'\n---\n- launchApp\n"})

    assert discover(folder).fixed == (FixedVariable(flow="a", name="SKIP_DATA_CLEANUP"),)


def test_a_workspace_that_is_not_there_says_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for name, what in (("nowhere", "does not exist"), ("file", "is a file, not a folder")):
        with pytest.raises(UsageError, match=what) as refused:
            discover(tmp_path / name)
        assert "flows.workspace" in refused.value.remedy


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("flows: [", "2:1", "not YAML"),
        ("- a\n", "1:1", "one mapping"),
        ("flows: {x: y}\n", "1:8", "`flows` must be a list"),
        ("a: 1\nflows: ['{x']\n", "2:8", "pattern"),
        ("includeTags: [[x]]\n", "1:14", "`includeTags` must be a list"),
    ],
)
def test_a_broken_workspace_configuration_is_an_error_with_its_place(
    workspace: MakeWorkspace, text: str, place: str, reason: str
) -> None:
    folder = workspace({"config.yaml": text, "a.yaml": FLOW})

    with pytest.raises(UsageError) as refused:
        discover(folder)

    assert refused.value.where == f"{folder}/config.yaml:{place}"
    assert reason in refused.value.what
