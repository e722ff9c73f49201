"""Every documented way in which the official CLI ends, played by a stand-in: the cause that comes of it.

The table (`tests/fakes/maestro/table.json`) has a row for each signal of Maestro 2.8.0 that tells causes apart, with
the file of its source that the signal was read in. One signal is not in it: what `adb install` refuses is told by our
own installation, before Maestro is started.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.maestro.distribution import Distribution, Settings, install
from tests.fakes.maestro.played import table
from tests.flows.stand_ins import MakeRequest
from validator.failures.classify import classify
from validator.failures.rules import built_in_rules
from validator.flows.maestro import Maestro
from validator.model.attempt import AppEvidence, DeviceEvidence, DeviceState, Evidence, RunnerReport, Scene
from validator.model.deployment import ProbeResult
from validator.support.stop import Stop

PACKAGE = "com.example.shop"
FLAT = ("passed", "optional-failed", "assertion", "device-unreachable", "left-running", "script-failed", "interrupted")


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Distribution:
    made = install(tmp_path / "cli", Settings())
    monkeypatch.setenv("JAVA_HOME", str(made.java_home))
    return made


def evidence_of(report: RunnerReport, beside: dict[str, str]) -> Evidence:
    """What the runner said, with what the harness itself saw beside it."""
    http = (beside["http"],) if "http" in beside else ()
    app = AppEvidence(package=PACKAGE, http_log=http, focused_package=beside.get("focus", ""))
    probe = ProbeResult(url="http://127.0.0.1:1/health", ready=False, detail=beside.get("backend", ""))
    return Evidence(
        runner=report,
        device=DeviceEvidence(state=DeviceState.HEALTHY),
        app=app,
        backend=(probe,) if "backend" in beside else (),
        scene=Scene(network=beside.get("network", ""), app=beside.get("app", "")),
    )


def cause_of(report: RunnerReport, row: dict[str, Any]) -> str:
    failure = classify(evidence_of(report, row.get("evidence", {})), built_in_rules()).failure
    return failure.cause if failure is not None else ""


@pytest.mark.parametrize("row", table(), ids=lambda row: str(row["case"]))
def test_a_documented_end_has_its_cause(row: dict[str, Any], cli: Distribution, request_for: MakeRequest) -> None:
    cli.set(Settings(case=row["case"]))
    request = request_for(deadline=1.0 if row.get("ends") == "hangs" else 20.0)

    report = Maestro(cli.program, "2.8.0").run(request, Stop())

    assert cause_of(report, row) == row["cause"], report
    assert report.passed is (row["cause"] == "")


@pytest.mark.parametrize("case", FLAT)
def test_the_flat_artefacts_of_older_versions_have_the_same_causes(
    case: str, cli: Distribution, request_for: MakeRequest
) -> None:
    row = next(row for row in table() if row["case"] == case)
    cli.set(Settings(version="2.3.0", case=case, flat=True))

    report = Maestro(cli.program, "2.3.0").run(request_for(), Stop())

    assert cause_of(report, row) == row["cause"], report
    assert [step.text for step in report.steps][:2] == ["defineVariables", "launchApp: com.example.shop"]


def test_each_row_of_the_table_says_where_it_was_taken_from() -> None:
    rows = table()
    assert len({row["case"] for row in rows}) == len(rows) >= 60
    assert all(row["source"] and row["signal"] for row in rows)


def test_a_message_above_a_long_stack_trace_is_found(cli: Distribution, request_for: MakeRequest) -> None:
    cli.set(Settings(case="driver-timeout"))

    report = Maestro(cli.program, "2.8.0").run(request_for(), Stop())

    assert "did not start up in time" in report.message
    assert not any("did not start up" in line for line in report.output), "the last lines are of the trace alone"


def test_what_was_there_before_is_never_taken_for_the_report(cli: Distribution, request_for: MakeRequest) -> None:
    request = request_for()
    (request.folder / "junit.xml").write_text("<testsuites/>", encoding="utf-8")

    report = Maestro(cli.program, "2.8.0").run(replace(request, deadline=5.0), Stop())

    assert "is not empty" in report.problem
    assert cli.witnessed() == []
