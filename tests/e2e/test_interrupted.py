"""A run that is interrupted leaves a closed gate, reports and no process; one that is killed leaves no decision."""

from __future__ import annotations

import json
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.e2e.commands import Started, left_running, start, validator

pytestmark = pytest.mark.timeout(120)


def wait_for_line(started: Started, word: str) -> None:
    """Read the command's output until a line holds the word."""
    assert started.process.stdout is not None
    for line in started.process.stdout:
        if word in line:
            return
    raise AssertionError(f"no line with {word!r}")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_a_signal_ends_the_run_in_order(tmp_path, number, code):
    started = start(tmp_path, "demo", "--devices", "2")
    wait_for_line(started, "passed")
    began = time.monotonic()
    started.process.send_signal(number)
    done = started.wait(30)
    assert time.monotonic() - began < 20
    assert done.exit_code == code, done.output + done.errors
    assert done.decision["decision"] == "undecided"
    assert done.decision["exit_code"] == code
    assert done.decision["counts"]["missing"] >= 1
    for name in ("junit.xml", "summary.md", "index.html", "run.json", "events.jsonl"):
        assert (done.reports / name).stat().st_size > 0
    assert 'failures="0" errors="0"' not in (done.reports / "junit.xml").read_text()
    assert done.orphans == []


def kill_after(folder: Path, seconds: float) -> Started:
    started = start(folder, "demo", "--devices", "2")
    timer = threading.Timer(seconds, started.process.kill)
    timer.start()
    started.process.communicate(timeout=90)
    timer.cancel()
    return started


def gone_within(seconds: float, mark: str, folder: Path) -> list[str]:
    """What is still running after at most so long."""
    deadline = time.monotonic() + seconds
    while (left := left_running(mark, folder)) and time.monotonic() < deadline:
        threading.Event().wait(0.2)
    return left


@pytest.mark.parametrize("seconds", [0.3, 1.2, 2.5, 4.5, 9.0])
def test_a_killed_run_leaves_no_decision_that_opens_a_gate_and_no_process(tmp_path, seconds):
    started = kill_after(tmp_path, seconds)
    assert started.process.returncode == -signal.SIGKILL
    decision = tmp_path / "reports" / "latest" / "decision.json"
    assert not decision.exists() or not json.loads(decision.read_text())["decision"].startswith("approved")
    assert gone_within(15, started.mark, tmp_path) == []


def test_what_a_killed_run_left_does_not_stop_the_next_one_nor_stand_for_it(tmp_path):
    started = start(tmp_path, "demo", "--devices", "2")
    wait_for_line(started, "passed")
    started.process.kill()
    started.wait(30)
    killed = (tmp_path / "reports" / "latest").resolve()
    shown = validator(tmp_path, "show", "latest")
    assert shown.exit_code == 0
    assert "APPROVED" not in shown.output
    again = validator(tmp_path, "demo", "--fault", "missing-flow", seconds=90)
    assert again.exit_code == 4, again.output + again.errors
    assert again.reports != killed
