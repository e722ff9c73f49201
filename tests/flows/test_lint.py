"""What is wrong with a workspace is told before a device is touched, at its place and with what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.flows.stand_ins import MakeWorkspace
from validator.flows.lint import Asked, lint
from validator.flows.listing import list_flows
from validator.flows.remark import Remark, Weight

GOOD = "appId: com.example.shop\n---\n- launchApp\n- assertVisible: Cart\n"
APP = Asked(app_id="com.example.shop", given=frozenset({"APP_ID"}), given_is_all=True)


def found(folder: Path, asked: Asked = APP) -> list[str]:
    return [f"{each.where}: {each.weight}: {each.what} -> {each.remedy}" for each in lint(folder, asked)]


def only(folder: Path, asked: Asked = APP) -> Remark:
    (remark,) = lint(folder, asked)
    return remark


def test_a_sound_workspace_has_nothing_to_say_of(workspace: MakeWorkspace) -> None:
    rich = (
        "appId: ${APP_ID}\nname: Buy\ntags: [prod]\nenv:\n  WHO: ann\nonFlowStart:\n  - runScript: s.js\n---\n"
        "- launchApp: {clearState: true}\n- inputText: ${WHO}\n- tapOn: ${output.button} ${maestro.copiedText}\n"
        "- runFlow: {when: {true: '${DEBUG == \"1\"}'}, file: sub/help.yaml}\n- evalScript: ${SUM = 1}\n"
        "- assertVisible: ${SUM} ${Math.random()} ${MAESTRO_FILENAME}\n- addMedia: [m.png]\n"
        "- repeat: {times: 2, commands: [back, {retry: {commands: [{assertTrue: '${x > 1}'}]}}]}\n"
    )
    folder = workspace(
        {
            "config.yaml": "flows: ['*']\nexecutionOrder: {continueOnFailure: false, flowsOrder: [Buy, b]}\n",
            "a.yaml": rich,
            "b.yaml": GOOD,
            "s.js": "output.button = 1",
            "m.png": "",
            "sub/help.yaml": "appId: com.android.settings\n---\n- tapOn: ${WHO}\n",
        }
    )

    assert found(folder) == []


@pytest.mark.parametrize(
    ("text", "where", "what", "remedy"),
    [
        ("appId: com.example.shop\n---\n- assertVisble: x\n", "3:3", "command `assertVisble`", "`assertVisible`"),
        ("appId: com.example.shop\n---\n- tapon: x\n- zzz\n- assertTrue: x\n", "3:3", "command `tapon`", "`tapOn`"),
        ("appId: com.example.shop\n---\n- tapOn: x\n- runFlow: hlp.yaml\n", "4:12", "flow hlp.yaml", "sub/help.yaml"),
        ("appId: com.example.shop\n---\n- runScript: x.js\n", "3:14", "script x.js does not exist", "create it"),
        ("appId: com.example.shop\n---\n- tapOn: ${WHO}\n", "3:10", "${WHO} is used here", "flows.environment"),
        ("appId: com.example.shop.dev\n---\n- tapOn: x\n", "1:8", "about com.example.shop.dev", "${APP_ID}"),
        ("appId: com.example.shop\n---\n- tapOn: a: b\n", "3:11", "not YAML", "quotes"),
        ("appId: com.example.shop\n---\n- runFlow: a.yaml\n", "3:12", "in a circle: a.yaml -> a.yaml", "not call"),
    ],
)
def test_a_mistake_is_told_at_its_place_with_what_to_do(
    workspace: MakeWorkspace, text: str, where: str, what: str, remedy: str
) -> None:
    folder = workspace({"a.yaml": text, "sub/help.yaml": GOOD})

    first = lint(folder, APP)[0]

    assert (first.where, first.weight) == (f"a.yaml:{where}", Weight.PROBLEM)
    assert what in first.what
    assert remedy in first.remedy


def test_every_mistake_of_a_flow_is_told_at_once_and_that_of_a_shared_file_once(workspace: MakeWorkspace) -> None:
    caller = "appId: com.example.shop\n---\n- runFlow: sub/b.yaml\n- runScript: gone.js\n- addMedia: gone.png\n"
    folder = workspace(
        {"a.yaml": caller, "c.yaml": caller, "sub/b.yaml": "appId: x\n---\n- runScript: no.js\n- oops\n"}
    )

    places = [each.where for each in lint(folder, APP)]

    assert places == [
        *("a.yaml:4:14", "a.yaml:5:13", "c.yaml:4:14", "c.yaml:5:13"),
        *("sub/b.yaml:3:14", "sub/b.yaml:4:3"),
    ]


def test_the_order_names_flows_that_there_are(workspace: MakeWorkspace) -> None:
    config = "executionOrder:\n  flowsOrder:\n    - login\n    - auth/chekout\n    - wip\nexcludeTags: [wip]\n"
    wip = "appId: com.example.shop\ntags: [wip]\n---\n- assertTrue: x\n"
    folder = workspace({"config.yaml": config, "login.yaml": GOOD, "checkout.yaml": GOOD, "wip.yaml": wip})

    unknown, excluded = lint(folder, APP)

    assert (unknown.where, unknown.weight) == ("config.yaml:4:7", Weight.PROBLEM)
    assert "did you mean 'checkout'? " in unknown.remedy
    assert (excluded.where, excluded.weight) == ("config.yaml:5:7", Weight.NOTE)


def test_a_key_at_the_wrong_place_and_a_pattern_for_nothing_are_noted(workspace: MakeWorkspace) -> None:
    folder = workspace({"config.yaml": "", "a.yaml": GOOD})
    pattern = f"{folder.name}/*"
    text = f"flows:\n  - '*'\n  - '{pattern}'\ncontinueOnFailure: false\nincludeTag: [x]\n"
    (folder / "config.yaml").write_text(text, encoding="utf-8")

    nowhere, misplaced, misspelt = lint(folder, APP)

    assert "write `*`" in nowhere.remedy
    assert misplaced.remedy == "it belongs under `executionOrder`"
    assert "`includeTags`" in misspelt.remedy


def test_nothing_selected_is_a_problem(workspace: MakeWorkspace) -> None:
    assert "no flow is selected" in only(workspace({"config.yaml": "includeTags: [x]\n", "a.yaml": GOOD})).what


def test_two_flows_of_one_name_are_told_unless_one_of_them_is_not_run(workspace: MakeWorkspace) -> None:
    second = "appId: com.example.shop\nname: a\ntags: [ios]\n---\n- assertTrue: x\n"
    folder = workspace({"a.yaml": GOOD, "b.yaml": second})
    assert found(folder) == []

    (folder / "b.yaml").write_text(second.replace("ios", "prod"), encoding="utf-8")
    assert [(each.where, each.weight) for each in lint(folder, APP)] == [
        ("a.yaml:1:8", Weight.NOTE),
        ("b.yaml:1:8", Weight.NOTE),
    ]


def test_a_flow_that_checks_nothing_is_noted(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": "appId: com.example.shop\n---\n- launchApp\n- runFlow: sub/b.yaml\n"})
    (folder / "sub").mkdir()
    (folder / "sub" / "b.yaml").write_text("appId: x\n---\n- assertVisible: {text: x, optional: true}\n")
    assert only(folder).what.startswith("the flow checks nothing")

    (folder / "sub" / "b.yaml").write_text("appId: x\n---\n- assertVisible: {text: x}\n")
    assert found(folder) == []


def test_what_maestro_runner_does_not_check_is_told_where_it_may_be_the_runner(workspace: MakeWorkspace) -> None:
    flow = "appId: com.example.shop\nonFlowComplete:\n  - assertVisible: x\n---\n- assertVisible: y\n"
    folder = workspace({"a.yaml": flow})

    assert found(folder) == []
    (remark,) = lint(folder, Asked(checks_after=False))
    assert (remark.where, remark.weight) == ("a.yaml:3:5", Weight.PROBLEM)


def test_without_a_configuration_a_variable_may_be_given_from_outside(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": "appId: x\n---\n- tapOn: ${WHO}\n"})

    assert only(folder, Asked()).weight is Weight.NOTE
    assert found(folder, Asked(given=frozenset({"WHO"}))) == []


def test_a_variable_of_the_workspaces_own_configuration_reaches_no_flow(workspace: MakeWorkspace) -> None:
    folder = workspace({"config.yaml": "env: {WHO: ann}\n", "a.yaml": "appId: ${APP_ID}\n---\n- tapOn: ${WHO}\n"})

    assert "config.yaml sets it" in only(folder).remedy


def test_a_secret_in_a_flow_is_told_and_not_shown(workspace: MakeWorkspace) -> None:
    secret = "ghp_" + "a1B2" * 9
    folder = workspace({"a.yaml": f"appId: com.example.shop\n---\n- inputText: {secret}\n- assertTrue: x\n"})

    remark = only(folder)

    assert (remark.where, remark.weight) == ("a.yaml:3:14", Weight.PROBLEM)
    assert secret not in remark.what + remark.remedy


def test_a_helper_that_is_run_as_a_test_is_noted(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": "appId: ${APP_ID}\n---\n- runFlow: b.yaml\n", "b.yaml": GOOD})

    assert only(folder).what == "it is run as a flow of its own, and a.yaml calls it"


def test_what_makes_a_flow_inconclusive_in_a_run_is_always_a_problem(workspace: MakeWorkspace) -> None:
    broken = {
        "a.yaml": "",
        "b.YAML": GOOD,
        "c.yml": "just words",
        "config.yaml": "",
        "d.yaml": "appId: x\n---\n- [x]\n",
    }
    folder = workspace(broken)
    (folder / "out.yaml").symlink_to("/etc/hostname")

    places = {each.file for each in lint(folder, APP) if each.weight is Weight.PROBLEM}

    assert places == {"a.yaml", "b.YAML", "c.yml", "d.yaml", "out.yaml"}


def test_looking_modifies_nothing(workspace: MakeWorkspace, tmp_path: Path) -> None:
    folder = workspace({"a.yaml": "appId: x\n---\n- assertScreenshot: gone\n", "b.yaml": GOOD})
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
    copy = shutil.copytree(folder, tmp_path / "copy")

    lint(folder, APP)

    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")) == before
    assert {path.name for path in copy.iterdir()} == {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["setDarkMode: enabled", "toggleDarkMode", "assertDarkMode", "dragAndDrop: {x: y}"])
def test_commands_of_any_runner_are_known(workspace: MakeWorkspace, name: str) -> None:
    folder = workspace({"a.yaml": f"{GOOD}- {name}\n- action: back\n- hide keyboard\n- drag: {{from: a, to: b}}\n"})

    assert found(folder) == []


def test_a_command_that_maestro_runner_refuses_is_told_where_it_may_be_the_runner(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": f"{GOOD}- inputRandomCityName\n"})

    remark = only(folder, Asked(checks_after=False))

    assert (remark.where, remark.weight) == ("a.yaml:5:3", Weight.PROBLEM)
    assert "maestro-runner does not know" in remark.what


def test_a_key_that_is_not_indented_is_told_as_that(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": f"{GOOD}- tapOn: x\n  optional: true\n- tapOn: y\n  inputText: z\n"})

    assert [each.what.partition(" in one")[0] for each in lint(folder, APP)] == [
        "`optional` stands beside `tapOn`",
        "`inputText` stands beside `tapOn`",
    ]


def test_a_file_without_an_app_is_noted_and_one_for_the_web_is_not(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": "- assertVisible: x\n", "b.yaml": "url: http://x\n---\n- assertVisible: x\n"})

    remark = only(folder)

    assert (remark.file, remark.weight) == ("a.yaml", Weight.NOTE)
    assert "names no `appId`" in remark.what


def test_a_variable_that_the_runners_environment_may_set_is_noted(workspace: MakeWorkspace) -> None:
    used = "- tapOn: ${MAESTRO_USER}\n- tapOn: ${MAESTRO_USER}\n- tapOn: ${MAESTRO_FILENAME}${MAESTRO_SHARD_ID}\n"
    folder = workspace({"a.yaml": GOOD + used})

    remark = only(folder)

    assert (remark.where, remark.weight) == ("a.yaml:5:10", Weight.NOTE)
    assert found(folder, Asked(given=frozenset({"MAESTRO_USER"}))) == []


def test_a_variable_is_told_once_a_file(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": GOOD + "- tapOn: ${WHO}\n" * 3 + "- runFlow: b/b.yaml\n", "b/b.yaml": GOOD})
    (folder / "b" / "b.yaml").write_text(GOOD + "- tapOn: ${WHO}\n" * 3)

    assert [each.where for each in lint(folder, APP)] == ["a.yaml:5:10", "b/b.yaml:5:10"]


def test_a_name_that_no_file_can_have_is_a_missing_file(workspace: MakeWorkspace) -> None:
    folder = workspace({"a.yaml": f'{GOOD}- runFlow: {"x" * 5000}\n- runScript: "a\\0b"\n'})

    assert [each.where for each in lint(folder, APP)] == ["a.yaml:5:12", "a.yaml:6:14"]
    listing = list_flows(folder, include_tags=(), exclude_tags=())
    assert [use.problem for use in listing.uses["a.yaml"]] == ["does not exist"] * 2


def test_one_text_stands_for_a_list_of_it_as_in_maestro(workspace: MakeWorkspace) -> None:
    tagged = "appId: com.example.shop\ntags: [smoke]\n---\n- assertVisible: Cart\n"
    config = "flows: 'flows/*'\nincludeTags: smoke\nexcludeTags: wip\n"
    folder = workspace({"config.yaml": config, "flows/a.yaml": tagged, "flows/b.yaml": GOOD})

    assert [flow.file for flow in list_flows(folder, include_tags=(), exclude_tags=()).flows] == ["flows/a.yaml"]
    assert found(folder) == []


def test_flows_that_only_lie_deeper_are_found_by_a_pattern(workspace: MakeWorkspace) -> None:
    folder = workspace({"config.yaml": "appId: com.example.shop\n", "flows/a.yaml": GOOD})

    assert 'write `flows: ["**"]`' in only(folder).remedy


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("appId: com.example.shop\n--- # commands\n- assertVisible: x\n", ["a.yaml:2:1"]),
        (f"# about\n---\n{GOOD}", ["a.yaml:2:1"]),
        (f"---\n{GOOD}", []),
        (f"# about\n{GOOD}---\n", []),
    ],
)
def test_a_separator_that_maestro_runner_does_not_see_is_told_where_it_may_be_the_runner(
    workspace: MakeWorkspace, text: str, where: list[str]
) -> None:
    folder = workspace({"a.yaml": text})

    assert found(folder) == []
    assert [each.where for each in lint(folder, Asked(checks_after=False))] == where
