"""`validator explain` and `validator gate replay`: why a run came to what it came to, and that it comes to it again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.commands import ROOT, validator
from tests.fakes.builders import records
from tests.fakes.runs import EVERY_RUN
from tests.pipeline.stand_ins import CRASH, DRIVER_DEAD, PASS, WRONG_SCREEN, Act
from tests.pipeline.test_stages import Stage
from validator.failures.rules import BUILT_IN
from validator.history.journal import FILE_NAME, Journal
from validator.model.events import Record

RUN = "20261121-032654-k3x9"


def journal(folder: Path, kept: list[Record]) -> None:
    (folder / "reports" / RUN).mkdir(parents=True)
    with Journal(folder / "reports" / RUN / FILE_NAME) as file:
        for record in kept:
            file.handle(record)


def a_run(folder: Path, acts: dict[str, list[Act]]) -> Path:
    """A folder with one real run of scripted devices in its record."""
    events, _ = Stage(folder=folder / "stage", acts=acts).run()
    journal(folder, records((float(number), event) for number, event in enumerate(events)))
    return folder


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    return a_run(tmp_path, {"Sign in": [PASS], "Search": [WRONG_SCREEN, PASS], "Checkout": [CRASH]})


def said(folder: Path, code: int, *arguments: str) -> str:
    done = validator(folder, *arguments, NO_COLOR="1")
    assert done.exit_code == code, done.output + done.errors
    assert "Traceback" not in done.errors
    return done.output + done.errors


def test_a_run_is_explained_from_what_was_seen_to_what_would_have_changed_it(crashed: Path) -> None:
    text = said(crashed, 0, "explain", RUN)
    lines = [line.strip() for line in text.splitlines()]
    assert "Sign in: passed" in lines
    assert "Checkout: failed, the app crashed (app_crash)" in lines
    assert "rule       android-crash: Android recorded that the app ended with an uncaught exception." in lines
    assert "quotes     exit_info: process=com.example.cornershop reason=4 (APP CRASH(EXCEPTION)) subreason=0" in lines
    assert any(line.startswith("outweighed assertion (app_assertion): ") for line in lines)
    assert "so         app_crash: once more, to confirm it" in lines
    assert "otherwise    had attempt 2 passed: the flow would be flaky, the run approved with warnings" in lines
    assert (
        "otherwise    had attempt 2 failed with app_assertion again: the flow would be failed, the run still blocked"
        in lines
    )
    assert any("limits.product been 1 instead of 0" in line and "approved with warnings" in line for line in lines)
    assert any(line.startswith("BLOCKED") for line in lines)
    assert "decided by product failures (1) > limit (0)" in lines


def test_one_flow_is_explained_alone_by_its_name_or_its_beginning(crashed: Path) -> None:
    text = said(crashed, 0, "explain", RUN, "sign")
    assert "Checkout" not in text
    assert "says passed" in text
    assert "had it failed with app_assertion, twice at one step: the flow would be failed" in text
    refused = said(crashed, 2, "explain", RUN, "Basket")
    assert "this run has no flow 'Basket'" in refused
    assert "there are: Sign in, Search, Checkout" in refused
    assert "several flows begin with 's'" in said(crashed, 2, "explain", RUN, "s")


def test_an_explanation_is_there_for_programs_too(crashed: Path) -> None:
    explained = json.loads(said(crashed, 0, "explain", RUN, "--json"))
    (flow,) = [flow for flow in explained["flows"] if flow["name"] == "Checkout"]
    assert [attempt["failure"]["rule"] for attempt in flow["attempts"]] == ["android-crash"] * 2
    assert {"had": "attempt 2 passed", "then": "the flow would be flaky", "verdict": "approved_with_warnings"} in flow[
        "otherwise"
    ]


def test_infrastructure_is_explained_by_how_near_the_run_was_to_its_end(tmp_path: Path) -> None:
    folder = a_run(tmp_path, {"Sign in": [DRIVER_DEAD, DRIVER_DEAD, PASS]})
    text = said(folder, 0, "explain", RUN)
    assert "had 2 more infrastructure failures come right after the 2 in a row: the run would have ended" in text
    folder = a_run(tmp_path / "2", {name: [DRIVER_DEAD] for name in "abcdef"})
    text = " ".join(said(folder, 0, "explain", RUN).split())
    assert "had an attempt passed among the 4 infrastructure failures in a row: the run would have gone on" in text
    assert "had one more attempt passed: the flow would be passed" in text


@pytest.mark.parametrize("name", EVERY_RUN)
def test_every_run_can_be_explained_whatever_became_of_it(tmp_path: Path, name: str) -> None:
    journal(tmp_path, EVERY_RUN[name]())
    assert RUN in said(tmp_path, 0, "explain", RUN)


def test_a_run_that_is_replayed_comes_to_the_same_decision(crashed: Path) -> None:
    assert said(crashed, 0, "gate", "replay", RUN) == "same decision, byte for byte: BLOCKED\n"
    replayed = json.loads(said(crashed, 0, "gate", "replay", RUN, "--json"))
    assert replayed["same"]
    assert replayed["replay"]["now"] == replayed["replay"]["recorded"]


def test_edited_rules_show_what_they_change(crashed: Path) -> None:
    rules = BUILT_IN.read_text().replace("cause: app_crash", "cause: device_unhealthy")
    (crashed / "rules.yaml").write_text(rules)
    text = said(crashed, 1, "gate", "replay", RUN, "--rules", "rules.yaml")
    assert "Checkout #1" in text
    assert "recorded  failed, app_crash by android-crash" in text
    assert "now       error, device_unhealthy by android-crash" in text
    assert "decision: recorded  BLOCKED , now  UNDECIDED" in text
    (crashed / "rules.yaml").write_text(rules.replace("source: exit_info", "source: exit_inf", 1))
    assert "rules.yaml:15:11: rules[0].source" in said(crashed, 2, "gate", "replay", RUN, "--rules", "rules.yaml")


def test_another_policy_shows_what_it_changes(crashed: Path) -> None:
    (crashed / "gate.yaml").write_text("name: lenient\nlimits: {product: 1}\n")
    text = said(crashed, 1, "gate", "replay", RUN, "--policy", "gate.yaml")
    assert "now  APPROVED WITH WARNINGS" in text
    assert "#" not in text  # no attempt is judged otherwise
    assert "does not exist" in said(crashed, 2, "gate", "replay", RUN, "--policy", "none.yaml")


def test_a_record_that_a_hand_has_changed_does_not_come_out_the_same(crashed: Path) -> None:
    file = crashed / "reports" / RUN / FILE_NAME
    file.write_text(file.read_text().replace('"verdict":"blocked"', '"verdict":"approved"'))
    text = said(crashed, 1, "gate", "replay", RUN)
    assert "recorded  APPROVED , now  BLOCKED" in text


def test_a_run_that_cannot_be_replayed_says_why(tmp_path: Path) -> None:
    journal(tmp_path, EVERY_RUN["interrupted"]())
    text = said(tmp_path, 2, "gate", "replay", RUN, "--policy", str(ROOT / "gates" / "frontend.yaml"))
    assert "nothing was decided in this run" in text
    assert "the content of its policy" in said(tmp_path, 2, "gate", "replay", RUN)
    assert "no run 'elsewhere'" in said(tmp_path, 2, "gate", "replay", "elsewhere")
    assert "no run 'elsewhere'" in said(tmp_path, 2, "explain", "elsewhere")


@pytest.mark.slow
@pytest.mark.timeout(150)
@pytest.mark.parametrize("fault", ["none", "crash", "device-lost", "outage", "rate-limit"])
def test_a_demo_on_real_tools_is_replayed_byte_for_byte(tmp_path: Path, fault: str) -> None:
    """Slow: plays a whole demo."""
    done = validator(tmp_path, "demo", *(["--fault", fault] if fault != "none" else []), seconds=120)
    assert done.exit_code in {0, 1, 3}, done.output
    text = said(tmp_path, 0, "gate", "replay", "latest")
    assert text.startswith("same decision, byte for byte: ")
    assert "run 20" in said(tmp_path, 0, "explain", "latest")
