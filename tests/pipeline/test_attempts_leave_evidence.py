"""What one attempt leaves behind: a manifest of its files, nothing secret, and costly evidence only where it failed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.builders import evidence
from tests.pipeline.conftest import settings
from tests.pipeline.stand_ins import (
    CRASH_ON_LAST_STEP,
    DEVICE_LOST,
    PASS,
    WRONG_SCREEN,
    Act,
    Script,
    ScriptedDevice,
    ScriptedRunner,
)
from validator.flows.port import FlowRequest
from validator.model.attempt import Evidence, Manifest, RunnerReport
from validator.model.deployment import ProbeResult
from validator.model.flow import Flow
from validator.pipeline.attempt import Attempter, Tried
from validator.pipeline.job import Job
from validator.support.clock import SystemClock
from validator.support.codec import decode, encode
from validator.support.stop import Stop

SECRET = "hunter2-hunter2"


class LeakyRunner(ScriptedRunner):
    """Writes what it knows to the disk itself, as real ones do."""

    def run(self, request: FlowRequest, stop: Stop) -> RunnerReport:
        (request.folder / "console.txt").write_text(f"typing {SECRET}\n")
        (request.folder / "junit-report.xml").write_text("<testsuites/>")
        return replace(super().run(request, stop), command=("runner", "-e", f"NOTE={SECRET}"))


class Backend:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> Sequence[ProbeResult]:
        self.asked += 1
        return (ProbeResult(url="http://shop/health", ready=True, detail="HTTP 200 in 3 ms"),)


def attempt(folder: Path, act: Act, backend: Backend | None = None) -> Tried:
    device = ScriptedDevice("device-1")
    attempter = Attempter(
        runner=LeakyRunner(Script({"pay": [act]}), {device.serial: device}),
        between=None,
        ask_backend=backend or Backend(),
        settings=settings(folder),
        clock=SystemClock(),
        redact=lambda text: text.replace(SECRET, "***"),
    )
    flow = Flow(name="pay", file="pay.yaml")
    job = Job(flow=flow, number=1, run_folder=folder, folder="attempts/pay/1", follows_another=False)
    return attempter(job, device, Stop())


def test_the_manifest_lists_every_file_with_its_digest(tmp_path: Path) -> None:
    tried = attempt(tmp_path, WRONG_SCREEN)
    manifest = decode(Manifest, (tmp_path / "attempts/pay/1/manifest.json").read_bytes())
    assert {file.path: file.kind for file in manifest.files} == {
        "attempts/pay/1/runner/console.txt": "log",
        "attempts/pay/1/runner/junit-report.xml": "report",
        "attempts/pay/1/screenshot.png": "screenshot",
    }
    assert tried.evidence.files[:-1] == manifest.files
    for file in tried.evidence.files:
        content = (tmp_path / file.path).read_bytes()
        assert (file.sha256, file.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert tried.evidence.files[-1].kind == "manifest"
    assert (manifest.flow, manifest.number, manifest.device.serial) == ("pay", 1, "device-1")
    assert manifest.runner == "scripted 1.0"
    assert manifest.timings == tried.evidence.timings


@pytest.mark.parametrize("act", [PASS, WRONG_SCREEN])
def test_no_secret_is_in_any_file(tmp_path: Path, act: Act) -> None:
    attempt(tmp_path, act)
    texts = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert b"typing ***" in texts["console.txt"]
    assert b"NOTE=***" in texts["manifest.json"]
    assert not [name for name, content in texts.items() if SECRET.encode() in content]


@pytest.mark.parametrize("act", [WRONG_SCREEN, CRASH_ON_LAST_STEP, DEVICE_LOST])
def test_a_failure_is_witnessed_also_where_the_runner_saw_none(tmp_path: Path, act: Act) -> None:
    backend = Backend()
    tried = attempt(tmp_path, act, backend)
    assert tried.evidence.scene is not None
    assert tried.evidence.scene.free_mb == 900
    assert backend.asked == len(tried.evidence.backend) == 1


def test_a_pass_costs_no_more_questions(tmp_path: Path) -> None:
    backend = Backend()
    tried = attempt(tmp_path, PASS, backend)
    assert tried.evidence.scene is None
    assert backend.asked == 0
    assert not (tmp_path / "attempts/pay/1/screenshot.png").exists()
    assert tried.evidence.timings is not None


def test_evidence_that_cannot_be_kept_is_no_pass(tmp_path: Path) -> None:
    (tmp_path / "attempts").write_text("a file where a folder is needed")
    tried = attempt(tmp_path, PASS)
    assert tried.evidence.preparation.startswith("runner_failed: evidence cannot be kept")
    assert not tried.evidence.runner.passed


def test_evidence_of_an_older_version_is_still_read() -> None:
    known = json.loads(encode(evidence(passed=False)))
    for later in ("scene", "timings"):
        del known[later]
    del known["runner"]["command"]
    del known["device"]["uptime_before"], known["device"]["uptime_after"]
    assert decode(Evidence, json.dumps(known)) == evidence(passed=False)


def test_evidence_of_a_failure_stays_small_enough_for_an_event(tmp_path: Path) -> None:
    assert len(encode(attempt(tmp_path, WRONG_SCREEN).evidence)) < 4096
