"""The sample project: its flows are valid, its scenarios hit what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.demo.customer import ADMIN_TOKEN, Shop
from validator.demo.project import EditError, FlowsMissingError, copy_project, edit_flows, locate_flows
from validator.demo.scenarios.catalogue import FLOWS, SCENARIOS, UnknownScenarioError, scenario
from validator.demo.scenarios.scenario import Addition, Removal, Replacement, added_flow
from validator.virtual.faults import Event

ROOT = Path(__file__).resolve().parents[2]
RUNNER = ROOT / "node_modules/@devicelab/maestro-runner-linux-x64/bin/maestro-runner"


def _texts() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in locate_flows().glob("*.yaml") if path.stem in FLOWS}


def test_the_list_of_flows_is_complete() -> None:
    found = sorted(path.stem for path in locate_flows().glob("*.yaml") if path.stem != "config")
    assert tuple(found) == FLOWS


def test_the_runner_finds_nothing_wrong_with_the_flows() -> None:
    assert RUNNER.is_file(), "the flow runner is missing: npm install"
    files = [path for path in locate_flows().rglob("*.yaml") if path.name != "config.yaml"]
    done = subprocess.run([RUNNER, "lint", *files], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(files)} flow(s) checked, 0 failed" in done.stdout + done.stderr


def test_every_flow_is_for_production_and_starts_as_a_fresh_guest() -> None:
    for name, text in _texts().items():
        assert "  - production\n" in text, name
        assert "subflows/launch-as-guest.yaml" in text, name


def test_every_file_that_a_flow_names_is_there() -> None:
    flows = locate_flows()
    for path in flows.rglob("*.yaml"):
        for named in re.findall(r"(?:runFlow|file|runScript): (\S+\.(?:yaml|js))", path.read_text(encoding="utf-8")):
            assert (path.parent / named).is_file(), f"{path}: {named}"


@pytest.mark.parametrize("name", [each.name for each in SCENARIOS])
def test_a_scenario_runs_and_strikes_flows_that_exist(name: str) -> None:
    known = scenario(name)
    added = {edit.file.removesuffix(".yaml") for edit in known.edits if isinstance(edit, Addition)}
    assert {*known.struck, *known.only} <= {*FLOWS, *added}
    assert set(known.struck) <= set(known.only or FLOWS)
    assert known.description[0].islower()
    assert not known.description.endswith(".")


@pytest.mark.parametrize("name", [each.name for each in SCENARIOS])
def test_what_a_scenario_expects_agrees_with_itself(name: str) -> None:
    known = scenario(name)
    assert known.decision.startswith("approved") == (known.exit_codes == (0,))
    assert not (known.broken and known.decision.startswith("approved"))
    assert known.struck or known.exit_codes == (0,) or not known.decision
    assert bool(known.causes) == bool(known.families)


def test_what_sets_off_a_fault_by_tapping_stands_in_the_flows_that_it_strikes() -> None:
    for each in SCENARIOS:
        added = {edit.file.removesuffix(".yaml"): edit.content for edit in each.edits if isinstance(edit, Addition)}
        texts = {name: text for name, text in (_texts() | added).items() if name in (each.only or FLOWS)}
        for fault in (*each.faults, *each.faults_on_first, *each.faults_on_others):
            if fault.trigger is not None and fault.trigger.event is Event.TAP and each.struck:
                tap = f"tapOn: {fault.trigger.match}"
                assert tuple(name for name, text in texts.items() if tap in text) == each.struck, each.name


def test_orders_are_placed_by_exactly_one_flow() -> None:
    assert [name for name, text in _texts().items() if "Place order" in text] == ["checkout"]
    assert scenario("assertion").struck == scenario("outage").struck == ("checkout",)


def test_a_fault_that_has_to_be_found_strikes_every_attempt_so_that_a_retry_does_not_cure_it() -> None:
    for each in SCENARIOS:
        if not each.decision.startswith("approved"):
            triggers = [fault.trigger for fault in (*each.faults, *each.faults_on_others)]
            assert all(trigger is None or trigger.times is None for trigger in triggers), each.name


def test_the_runner_finds_nothing_wrong_with_the_flows_that_scenarios_add(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    additions = {edit.file: edit for each in SCENARIOS for edit in each.edits if isinstance(edit, Addition)}
    edit_flows(project.flows, additions.values())
    files = [project.flows / name for name in additions]
    done = subprocess.run([RUNNER, "lint", *files], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(files)} flow(s) checked, 0 failed" in done.stdout + done.stderr


def test_an_unknown_scenario_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownScenarioError, match="none, assertion, crash"):
        scenario("earthquake")


def test_edits_are_made_in_the_copy_alone(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "shop")
    original = (locate_flows() / "settings.yaml").read_text(encoding="utf-8")
    for name in ("bad-flow", "missing-flow"):
        edit_flows(project.flows, scenario(name).edits)
    assert "tapOnn" in (project.flows / "settings.yaml").read_text(encoding="utf-8")
    assert not (project.flows / "checkout.yaml").exists()
    assert (locate_flows() / "settings.yaml").read_text(encoding="utf-8") == original
    assert (project.infra / "main.tf").is_file()
    assert os.access(project.flows / "scripts" / "clear_emulator.py", os.X_OK)


def test_an_edit_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    with pytest.raises(EditError, match=r"nowhere\.yaml"):
        edit_flows(project.flows, [Removal(file="nowhere.yaml")])
    with pytest.raises(EditError, match="does not contain"):
        edit_flows(project.flows, [Replacement(file="settings.yaml", old="no such text", new="")])
    with pytest.raises(EditError, match="already"):
        edit_flows(project.flows, [added_flow("settings", "- back")])


def test_a_misspelt_command_is_found_before_anything_runs(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    edit_flows(project.flows, scenario("bad-flow").edits)
    done = subprocess.run(
        [RUNNER, "lint", project.flows / "settings.yaml"], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 1
    assert "unknown step type" in done.stdout + done.stderr


def test_flows_are_found_inside_an_installed_package_too(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "validator" / "demo" / "project"
    package.mkdir(parents=True)
    source = Path(sys.modules[locate_flows.__module__].__file__ or "")
    (package / "__init__.py").write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    ask = f"import runpy; print(runpy.run_path({str(package / '__init__.py')!r})['locate_flows']())"
    missing = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=20, check=False)
    assert FlowsMissingError.__name__ in missing.stderr
    (package / "flows").mkdir()
    for name in ("config.yaml", "checkout.yaml"):
        (package / "flows" / name).touch()
    found = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=20, check=False)
    assert found.stdout.strip() == str(package / "flows")


def _clean_up(**environment: str) -> subprocess.CompletedProcess[str]:
    script = locate_flows() / "scripts" / "clear_emulator.py"
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    return subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=20, check=False, env=kept | environment
    )


def test_the_teams_clean_up_deletes_guests_unless_told_to_skip_that(shop: Shop) -> None:
    shop.sign_in()
    settings = {"API_URL": shop.url, "SHOP_ADMIN_TOKEN": ADMIN_TOKEN}
    assert _clean_up(SKIP_DATA_CLEANUP="true", **settings).returncode == 0
    assert shop.switches.user_count() == 1
    assert _clean_up(SKIP_DATA_CLEANUP="false", **settings).returncode == 0
    assert shop.switches.user_count() == 0


def test_the_teams_clean_up_says_what_it_lacks(shop: Shop) -> None:
    without_address = _clean_up()
    assert without_address.returncode == 1
    assert "API_URL" in without_address.stderr
    refused = _clean_up(API_URL=shop.url, SHOP_ADMIN_TOKEN="wrong")
    assert refused.returncode == 1
    assert "403" in refused.stderr
    assert "Traceback" not in without_address.stderr + refused.stderr
