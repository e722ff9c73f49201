from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.fakes.runs import approved, blocked, interrupted
from validator.model.events import Record
from validator.reports.files import report_files
from validator.reports.github import GitHubActions, outputs
from validator.reports.port import Observer
from validator.reports.state import RunState, fold
from validator.reports.summary import LIMIT


def write(folder: Path, run: Sequence[Record], *, close: bool = True) -> None:
    observers = report_files(folder, shown_as="reports/r1")
    for record in run:
        for observer in observers:
            observer.handle(record)
    if close:
        for observer in observers:
            observer.close()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


ALL = {"decision.json", "junit.xml", "run.json", "summary.md", "index.html"}


def test_a_decided_run_has_all_its_files(tmp_path: Path) -> None:
    write(tmp_path / "r1", blocked())
    assert names(tmp_path / "r1") == ALL
    assert json.loads((tmp_path / "r1/decision.json").read_bytes())["decision"] == "blocked"
    assert "[[ATTACHMENT|reports/r1/attempts/checkout/1/screenshot.png]]" in (tmp_path / "r1/junit.xml").read_text()


def test_an_interrupted_run_has_all_files_but_a_decision(tmp_path: Path) -> None:
    write(tmp_path, interrupted(), close=False)
    assert names(tmp_path) == ALL - {"decision.json"}
    assert ET.fromstring((tmp_path / "junit.xml").read_bytes()).get("errors") == "2"


def test_at_no_moment_before_the_decision_is_there_a_decision_file(tmp_path: Path) -> None:
    observers = report_files(tmp_path, shown_as="")
    for record in approved():
        for observer in observers:
            observer.handle(record)
        decided = record.event.type in ("Decided", "AlertSent", "RunFinished")
        assert (tmp_path / "decision.json").exists() is decided


def test_a_decision_of_an_earlier_run_in_the_same_folder_goes_at_the_start(tmp_path: Path) -> None:
    write(tmp_path, approved())
    write(tmp_path, interrupted())
    assert not (tmp_path / "decision.json").exists()


def test_a_run_that_breaks_off_is_told_when_its_observers_are_closed(tmp_path: Path) -> None:
    write(tmp_path, blocked()[:12])
    assert names(tmp_path) == ALL - {"decision.json"}
    assert json.loads((tmp_path / "run.json").read_bytes())["stop"] is None


def test_the_alert_that_follows_the_decision_is_in_the_files_too(tmp_path: Path) -> None:
    write(tmp_path, blocked())
    assert "Alert sent to slack" in (tmp_path / "summary.md").read_text()


def test_the_reports_are_there_when_the_alert_is_sent(tmp_path: Path) -> None:
    position = next(number for number, record in enumerate(blocked()) if record.event.type == "Decided") + 1
    write(tmp_path, blocked()[:position], close=False)
    assert names(tmp_path) == ALL


def test_an_observer_without_records_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path / "r1", [])
    assert not (tmp_path / "r1").exists()


def feed(observer: Observer, run: Sequence[Record]) -> None:
    for record in run:
        observer.handle(record)


def test_a_folder_that_cannot_be_written_is_an_os_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for observer in report_files(tmp_path / "file" / "r1", shown_as=""):
        with pytest.raises(OSError, match="file"):
            feed(observer, approved())


def github(tmp_path: Path, run: Sequence[Record]) -> tuple[str, str]:
    summary, output = tmp_path / "summary", tmp_path / "output"
    summary.write_text("# an earlier part\n")
    output.write_text("earlier=1\n")
    report = GitHubActions(summary=summary, output=output)
    for record in run:
        report.handle(record)
    report.close()
    return summary.read_text(), output.read_text()


def test_a_github_step_gets_its_summary_and_outputs_after_what_is_there(tmp_path: Path) -> None:
    summary, output = github(tmp_path, blocked())
    assert summary.startswith("# an earlier part\n## BLOCKED: the frontend must not be deployed\n")
    expected = "PRODUCTION_VALIDATION=failed\nBLOCK_DEPLOYMENT=true\ndecision=blocked\ngate=closed\nexit_code=1\n"
    assert output == f"earlier=1\n{expected}"


def test_a_step_without_a_decision_has_a_closed_gate(tmp_path: Path) -> None:
    assert github(tmp_path, interrupted())[1].endswith("decision=undecided\ngate=closed\nexit_code=130\n")
    assert outputs(RunState()).endswith("\ndecision=undecided\ngate=closed\nexit_code=70\n")


def test_an_open_gate_is_said_only_for_an_approval() -> None:
    assert outputs(fold(approved())) == (
        "PRODUCTION_VALIDATION=passed\nBLOCK_DEPLOYMENT=false\ndecision=approved\ngate=open\nexit_code=0\n"
    )
    assert all("gate=closed" in outputs(fold(approved()[:length])) for length in range(len(approved()) - 1))


def test_a_summary_that_is_nearly_full_is_not_made_too_big(tmp_path: Path) -> None:
    summary = tmp_path / "summary"
    summary.write_bytes(b"x" * (LIMIT - 500))
    report = GitHubActions(summary=summary, output=None)
    for record in blocked():
        report.handle(record)
    report.close()
    assert summary.stat().st_size == LIMIT - 500


def test_nothing_is_written_where_github_names_no_files() -> None:
    report = GitHubActions(summary=None, output=None)
    for record in approved():
        report.handle(record)
    report.close()
