"""`telemetry.otlp` sends a run when it is over; what the collector does changes nothing about the run."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.e2e.commands import RUNNERS
from tests.e2e.project import Project

TOKEN = "gh-collector-4711-token"


@pytest.fixture
def project(tmp_path) -> Project:
    made = Project(tmp_path)
    made.write_defaults()
    made.apk()
    return made


def configure(project: Project, endpoint: str) -> None:
    headers = {"authorization": "Bearer ${env:COLLECTOR_TOKEN}"}
    project.config(telemetry={"otlp": {"endpoint": endpoint, "headers": headers, "timeout": "2s"}})


def test_a_run_without_its_device_is_sent_as_one_that_was_not_measured(project, otlp):
    configure(project, otlp.url)
    done = project.run(COLLECTOR_TOKEN=TOKEN)
    assert done.exit_code == 3, done.output + done.errors
    run = otlp.spans["RUN validation of production"]
    attributes = {each.key: each.value.string_value for each in run.attributes}
    assert attributes["validator.decision"] == "undecided"
    assert attributes["cicd.pipeline.run.id"] == done.reports.name
    assert otlp.headers[0]["authorization"] == f"Bearer {TOKEN}"
    assert "spans and metrics" not in done.errors
    told = [path.read_bytes() for path in done.reports.rglob("*") if path.is_file()]
    assert not any(TOKEN.encode() in content for content in told)
    assert TOKEN not in done.output + done.errors


@pytest.mark.parametrize("status", [429, 500])
def test_a_collector_that_refuses_leaves_one_line_and_the_exit_code(project, otlp, status):
    otlp.status = status
    configure(project, otlp.url)
    done = project.run(COLLECTOR_TOKEN=TOKEN)
    assert done.exit_code == 3, done.output + done.errors
    lines = [line for line in done.errors.splitlines() if "spans and metrics were not sent" in line]
    assert len(lines) == 1
    assert f"HTTP {status}" in lines[0]


def test_a_collector_that_never_answers_delays_no_decision(project, otlp):
    otlp.gate.clear()
    configure(project, otlp.url)
    done = project.run(COLLECTOR_TOKEN=TOKEN)
    assert done.exit_code == 3, done.output + done.errors
    assert "spans and metrics were not sent" in done.errors
    assert done.decision["decision"] == "undecided"


def test_without_opentelemetry_the_run_is_refused_with_the_name_of_the_extra(project):
    configure(project, "http://127.0.0.1:9")
    without = "import sys; sys.modules['opentelemetry'] = None; from validator.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", without, "run", "-c", "production"],
        cwd=project.root,
        env={**os.environ, "COLLECTOR_TOKEN": TOKEN, "PATH": os.pathsep.join([str(RUNNERS), os.environ["PATH"]])},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "validator[otel]" in done.stderr
    assert not (project.root / "reports").exists()


def test_a_header_that_cannot_be_is_told_where_it_stands(project):
    project.config(telemetry={"otlp": {"endpoint": "http://127.0.0.1:9", "headers": {"a b": "c"}}})
    done = project.run()
    assert done.exit_code == 2
    assert "cannot be the name of a header" in done.errors
