"""Whatever a runner leaves behind: it ends as a failure of the runner, never as a traceback, and never as a pass."""

from __future__ import annotations

import shutil
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.nasty import MEBIBYTE, NASTY_BYTES
from validator.failures.classify import classify
from validator.failures.rules import built_in_rules
from validator.flows import maestro_report, maestro_runner_report
from validator.flows.client_log import ClientLog, ErrorCount
from validator.flows.junit import JunitError, read
from validator.flows.reading import Reading
from validator.flows.report import report
from validator.model.attempt import AttemptOutcome, DeviceEvidence, DeviceState, Evidence
from validator.model.causes import Cause
from validator.support.process import Completed, Ended

SAMPLES = Path(__file__).parent / "samples"
SERIAL = "stub-1"
HEALTHY = DeviceEvidence(state=DeviceState.HEALTHY)
SAYS_PASSED = Completed(exit_code=0, ended=Ended.EXITED, tail=("all flows passed",), seconds=1.0)
MOST_SECONDS = 5.0
MOST_MEMORY = 100 * MEBIBYTE

COMMANDS = b'[{"command": {"launchAppCommand": {}}, "metadata": {"status": "COMPLETED", "duration": 5}}]'
MANIFEST = b'{"entries": []}'
JUNIT = b'<testsuites><testsuite tests="1" failures="0"><testcase status="SUCCESS"/></testsuite></testsuites>'

each_nasty = pytest.mark.parametrize("data", NASTY_BYTES.values(), ids=NASTY_BYTES.keys())


def of_maestro_runner(folder: Path, **damage: bytes) -> Reading:
    shutil.copytree(SAMPLES / "passed", folder, dirs_exist_ok=True)
    names = {"report": "report.json", "flow": "flows/flow-000.json"}
    for name, data in damage.items():
        (folder / names[name]).write_bytes(data)
    return maestro_runner_report.read(folder, SERIAL)


def of_maestro(folder: Path, **damage: bytes) -> Reading:
    (folder / "run" / "Flow").mkdir(parents=True, exist_ok=True)
    (folder / "run" / "Flow" / "commands.json").write_bytes(damage.get("commands", COMMANDS))
    (folder / "run" / "Flow" / "manifest.json").write_bytes(damage.get("manifest", MANIFEST))
    (folder / "junit.xml").write_bytes(damage.get("junit", JUNIT))
    return maestro_report.read(folder / "junit.xml", folder / "run")


def bounded(read_it: Callable[[], Reading]) -> Reading:
    """The reading, which must have cost little."""
    tracemalloc.start()
    began = time.monotonic()
    try:
        reading = read_it()
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    assert time.monotonic() - began < MOST_SECONDS
    return reading


def verdict(reading: Reading) -> tuple[AttemptOutcome, Cause | None]:
    """What a run with this reading comes to, when the runner's process says that all went well."""
    evidence = Evidence(runner=report("any", SAYS_PASSED, reading), device=HEALTHY)
    found = classify(evidence, built_in_rules())
    return found.outcome, found.failure.cause if found.failure is not None else None


def test_the_undamaged_reports_are_a_pass(tmp_path: Path) -> None:
    assert verdict(of_maestro_runner(tmp_path / "one")) == (AttemptOutcome.PASSED, None)
    assert verdict(of_maestro(tmp_path / "other")) == (AttemptOutcome.PASSED, None)


@each_nasty
@pytest.mark.parametrize("file", ["report", "flow"])
def test_a_report_of_maestro_runner_that_is_anything_else_is_its_failure(
    tmp_path: Path, file: str, data: bytes
) -> None:
    reading = bounded(lambda: of_maestro_runner(tmp_path, **{file: data}))

    assert reading.problem
    assert verdict(reading) == (AttemptOutcome.ERROR, Cause.RUNNER_FAILED)


@each_nasty
@pytest.mark.parametrize("file", ["commands", "manifest", "junit"])
def test_an_artefact_of_maestro_that_is_anything_else_is_no_pass(tmp_path: Path, file: str, data: bytes) -> None:
    reading = bounded(lambda: of_maestro(tmp_path, **{file: data}))

    if file != "manifest" or reading.problem:  # a manifest names artefacts; any object without entries names none
        assert verdict(reading) in ((AttemptOutcome.ERROR, Cause.RUNNER_FAILED), (AttemptOutcome.ERROR, Cause.UNKNOWN))


@each_nasty
def test_junit_that_is_anything_else_is_refused(data: bytes) -> None:
    began = time.monotonic()
    with pytest.raises(JunitError):
        read(data)
    assert time.monotonic() - began < MOST_SECONDS


@each_nasty
def test_a_log_of_calls_may_hold_anything(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "client.log").write_bytes(data)
    with ClientLog(tmp_path / "client.log", lambda _: None) as log:
        pass
    assert (log.errors, log.problem) == (0, "")


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(st.binary(max_size=200), max_size=20))
def test_any_bytes_are_counted_the_same_however_they_are_cut(pieces: list[bytes]) -> None:
    whole, cut = ErrorCount(), ErrorCount()
    whole.feed(b"".join(pieces))
    for piece in pieces:
        cut.feed(piece)
    assert whole.finish() == cut.finish()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    file=st.sampled_from(["report", "flow"]),
    place=st.floats(0, 1),
    noise=st.binary(max_size=12) | st.sampled_from([b"NaN", b"1e999", b"-0", b'"', b"[" * 5000, b"\\ud800"]),
)
def test_no_damage_to_a_failed_report_makes_a_pass_of_it(tmp_path: Path, file: str, place: float, noise: bytes) -> None:
    names = {"report": "report.json", "flow": "flows/flow-000.json"}
    shutil.copytree(SAMPLES / "failed_in_subflow", tmp_path, dirs_exist_ok=True)
    path = tmp_path / names[file]
    original = path.read_bytes()
    cut = int(place * len(original))
    path.write_bytes(original[:cut] + noise + original[cut + len(noise) :])

    outcome, _ = verdict(maestro_runner_report.read(tmp_path, SERIAL))

    assert outcome is not AttemptOutcome.PASSED
