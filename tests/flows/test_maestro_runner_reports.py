"""What maestro-runner's reports mean. `samples/` holds what version 1.1.27 really wrote."""

from __future__ import annotations

import functools
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from validator.flows.maestro_runner_report import read
from validator.flows.reading import Reading
from validator.model.attempt import StepStatus

SAMPLES = Path(__file__).with_name("samples")
SERIAL = "stub-1"
P, F, W, S, R, N = (
    StepStatus.PASSED,
    StepStatus.FAILED,
    StepStatus.WARNED,
    StepStatus.SKIPPED,
    StepStatus.RUNNING,
    StepStatus.PENDING,
)


def reading_of(sample: str) -> Reading:
    return read(SAMPLES / sample, SERIAL)


def changed(folder: Path, sample: str, file: str, key: str, value: object) -> Reading:
    """The reading of a sample with one value replaced; the key is a path such as `flows.0.status`."""
    shutil.copytree(SAMPLES / sample, folder, dirs_exist_ok=True)
    document: object = json.loads((folder / file).read_text(encoding="utf-8"))
    *parents, last = key.split(".")
    put(functools.reduce(at, parents, document), last, value)
    (folder / file).write_text(json.dumps(document), encoding="utf-8")
    return read(folder, SERIAL)


def at(place: object, key: str) -> object:
    match place:
        case dict():
            return place[key]
        case list():
            return place[int(key)]
        case _:
            raise TypeError(f"{place!r} holds nothing")


def put(place: object, key: str, value: object) -> None:
    match place:
        case dict():
            place[key] = value
        case list():
            place[int(key)] = value
        case _:
            raise TypeError(f"{place!r} holds nothing")


def keys(place: object) -> list[str]:
    match place:
        case dict():
            return list(place)
        case list():
            return [str(index) for index in range(len(place))]
        case _:
            return []


def test_a_passed_flow_is_read_with_all_its_steps() -> None:
    reading = reading_of("passed")

    assert (reading.passed, reading.complete, reading.problem, reading.message) == (True, True, "", "")
    assert [(step.text, step.status) for step in reading.steps] == [
        ("launchApp", P),
        ('assertVisible: text="Welcome"', P),
        ('assertVisible: text="Nothing"', W),
        ("runFlow: sub/sub.yaml", P),
        ('assertVisible: text="Welcome"', P),
        ('tapOn: text="Welcome ${SECRET}"', P),
    ]
    assert [step.index for step in reading.steps] == list(range(6))
    assert reading.steps[2].seconds == pytest.approx(7.3, abs=0.2)


def test_the_step_that_ended_a_flow_is_not_the_optional_one_that_failed_before() -> None:
    reading = reading_of("failed_in_subflow")

    assert (reading.passed, reading.complete, reading.problem) == (False, True, "")
    assert [(step.text, step.status) for step in reading.steps] == [
        ("launchApp", P),
        ('assertVisible: text="Optional missing"', W),
        ("runFlow", F),
        ('assertVisible: text="Welcome"', P),
        ('assertVisible: text="Goodbye"', F),
        ('tapOn: text="Welcome"', S),
    ]
    assert reading.message.startswith("Element not visible: ")


def test_a_failure_inside_a_subflow_that_went_on_is_a_warning() -> None:
    steps = {step.text: step.status for step in reading_of("failed_after_a_subflow").steps}

    assert steps['assertVisible: text="Sub optional missing"'] is W
    assert steps['assertVisible: text="Main missing"'] is F


def test_failures_of_optional_commands_without_that_mark_do_not_fail_a_passed_flow() -> None:
    reading = reading_of("passed_with_failed_optionals")

    assert reading.passed
    assert [step.status for step in reading.steps] == [W, W, W, W, P]


def test_the_step_is_named_even_where_the_runner_leaves_out_a_nested_loop() -> None:
    reading = reading_of("failed_in_nested_loop")

    assert next(step.text for step in reading.steps if step.status is F) == "runFlow: sub/opt2.yaml"
    assert reading.message


def test_an_interrupted_flow_is_neither_complete_nor_passed() -> None:
    reading = reading_of("interrupted")

    assert (reading.passed, reading.complete, reading.message) == (False, False, "")
    assert [step.status for step in reading.steps] == [P, R, N]


def test_a_pass_on_a_lost_device_reads_as_a_pass_so_that_others_must_watch() -> None:
    assert reading_of("passed_on_a_lost_device").passed


@pytest.mark.parametrize(
    ("file", "key", "value"),
    [
        ("report.json", "status", "running"),
        ("report.json", "status", "failed"),
        ("report.json", "summary.passed", 0),
        ("report.json", "summary.running", 1),
        ("report.json", "summary.pending", 1),
        ("report.json", "flows.0.status", "failed"),
        ("report.json", "flows.0.status", "skipped"),
        ("report.json", "flows.0.commands.pending", 1),
        ("flows/flow-000.json", "commands.0.status", "running"),
        ("flows/flow-000.json", "commands.4.status", "pending"),
    ],
)
def test_a_pass_needs_every_count_and_every_state(tmp_path: Path, file: str, key: str, value: object) -> None:
    assert not changed(tmp_path, "passed", file, key, value).passed


@pytest.mark.parametrize(
    ("file", "key", "value", "problem"),
    [
        ("report.json", "flows", [], "about 0 flows"),
        ("report.json", "flows", None, "about 0 flows"),
        ("report.json", "summary.total", 2, "its summary says 2"),
        ("report.json", "summary.total", "one", "summary.total"),
        ("report.json", "status", None, "status"),
        ("report.json", "flows.0.dataFile", "../../../etc/passwd", "strange data file"),
        ("report.json", "flows.0.dataFile", "flows/flow-001.json", "flow-001.json was not written"),
        ("report.json", "flows.0.device.id", "emulator-5554", "about the device emulator-5554"),
        ("report.json", "flows.0.id", "flow-007", "about another flow"),
        ("flows/flow-000.json", "commands", "none", "commands"),
        ("flows/flow-000.json", "commands.1", 7, "commands.1"),
        ("flows/flow-000.json", "commands.3.subCommands", {}, "subCommands"),
    ],
)
def test_reports_that_contradict_themselves_or_are_no_reports_are_a_problem(
    tmp_path: Path, file: str, key: str, value: object, problem: str
) -> None:
    reading = changed(tmp_path, "passed", file, key, value)

    assert problem in reading.problem
    assert (reading.passed, reading.complete) == (False, False)


@pytest.mark.parametrize(
    ("file", "key", "value"),
    [
        ("report.json", "flows.0.device", None),
        ("report.json", "new", {"unknown": [1, 2]}),
        ("flows/flow-000.json", "commands.0.new", "field"),
        ("flows/flow-000.json", "commands.0.duration", None),
        ("flows/flow-000.json", "commands.0.duration", 1e308),
        ("flows/flow-000.json", "commands.0.duration", -5),
    ],
)
def test_what_a_later_version_adds_or_leaves_out_does_no_harm(
    tmp_path: Path, file: str, key: str, value: object
) -> None:
    reading = changed(tmp_path, "passed", file, key, value)

    assert reading.passed
    assert all(0 <= step.seconds < 100 for step in reading.steps)


def test_an_empty_flow_file_is_not_a_pass_of_missing_commands(tmp_path: Path) -> None:
    reading = changed(tmp_path, "failed_in_subflow", "flows/flow-000.json", "commands", None)

    assert not reading.passed
    assert reading.message, "the index still has the message"


@pytest.mark.parametrize(("name", "reason"), [("report.json", "report.json"), ("flows/flow-000.json", "flow-000.json")])
@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b"\xff\xfe", b'{"status": "passed"}', b"[" * 200_000, b"1" * 9_000_000]
)
def test_a_report_that_is_no_report_is_a_problem(tmp_path: Path, name: str, reason: str, content: bytes | None) -> None:
    shutil.copytree(SAMPLES / "passed", tmp_path, dirs_exist_ok=True)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)

    reading = read(tmp_path, SERIAL)

    assert reading.problem.startswith(reason)
    assert not reading.passed


def test_only_the_last_steps_of_an_endless_flow_are_kept(tmp_path: Path) -> None:
    command = {"status": "passed", "yaml": "back", "duration": 1}
    ended = {"status": "failed", "yaml": "tapOn: x", "error": {"message": "gone\x1b[31m\nsecond line" + "x" * 5000}}
    reading = changed(tmp_path, "failed_in_subflow", "flows/flow-000.json", "commands", [command] * 7000 + [ended])

    assert len(reading.steps) == 5000
    assert reading.steps[-1].index == 7000
    assert reading.message.startswith("gone second line")
    assert len(reading.message) <= 1000


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["passed", "failed"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_a_report_is_read_without_an_error(data: st.DataObject, tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "failed_in_subflow", tmp_path, dirs_exist_ok=True)
    file = tmp_path / data.draw(st.sampled_from(["report.json", "flows/flow-000.json"]))
    document = json.loads(file.read_text(encoding="utf-8"))
    _replace_somewhere(document, data)
    file.write_text(json.dumps(document), encoding="utf-8")

    reading = read(tmp_path, SERIAL)

    assert not reading.passed, "no single change turns a failed flow into a passed one"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 3000), noise=st.binary(max_size=20))
def test_any_damage_to_a_report_is_read_without_an_error(cut: int, noise: bytes, tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "failed_in_subflow", tmp_path, dirs_exist_ok=True)
    file = tmp_path / "flows" / "flow-000.json"
    original = file.read_bytes()
    file.write_bytes(original[:cut] + noise + original[cut + len(noise) :])

    assert not read(tmp_path, SERIAL).passed


def _replace_somewhere(place: object, data: st.DataObject) -> None:
    while True:
        key = data.draw(st.sampled_from(keys(place)))
        inner = at(place, key)
        if not keys(inner) or data.draw(st.booleans()):
            put(place, key, data.draw(VALUES))
            return
        place = inner
