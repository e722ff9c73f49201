"""A runner that writes gets on; one that is silent for too long is given up, once."""

from __future__ import annotations

import threading
from pathlib import Path

from validator.flows.progress import Progress


class Reasons:
    """What was said, and when it was said first."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.come = threading.Event()

    def __call__(self, reason: str) -> None:
        self.said.append(reason)
        self.come.set()


def test_silence_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "client.log").write_bytes(b"x")
    reasons = Reasons()
    with Progress(tmp_path, reasons, patience=0.2, every=0.02):
        assert reasons.come.wait(5)
        assert not threading.Event().wait(0.4)
    assert len(reasons.said) == 1
    assert "not written a byte for 0.2 s" in reasons.said[0]


def test_a_runner_that_writes_anywhere_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    reasons = Reasons()
    with Progress(tmp_path, reasons, patience=0.5, every=0.02), (tmp_path / "assets" / "log").open("ab", 0) as log:
        for _ in range(20):
            log.write(b"x")
            assert not reasons.come.wait(0.05)
    assert not reasons.said


def test_a_report_that_is_rewritten_at_the_same_size_is_progress(tmp_path: Path) -> None:
    report, reasons = tmp_path / "report.json", Reasons()
    with Progress(tmp_path, reasons, patience=0.5, every=0.02):
        for _ in range(20):
            report.write_bytes(b"x")
            assert not reasons.come.wait(0.05)
    assert not reasons.said


def test_a_runner_that_ends_at_once_is_not_waited_for(tmp_path: Path) -> None:
    reasons = Reasons()
    with Progress(tmp_path / "never made", reasons, patience=60):
        pass
    assert not reasons.said
