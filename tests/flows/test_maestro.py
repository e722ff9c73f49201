"""The official CLI through `Maestro`; a program that writes the artefacts of its documentation stands in for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.flows.stand_ins import MakeProgram, MakeRequest
from validator.flows.env_file import VariableError
from validator.flows.maestro import Maestro
from validator.flows.maestro_environment import hand_over
from validator.model.attempt import RunnerEnd, StepStatus
from validator.model.errors import UsageError
from validator.support.stop import Stop

START = """
import json, os, pathlib, sys, time
arguments = sys.argv[1:]
def after(name):
    return pathlib.Path(arguments[arguments.index(name) + 1])
def entry(name, status, error=None, **values):
    about = {'status': status, 'timestamp': 1, 'duration': 1500, 'evaluatedCommand': {'x': 'hunter2'}}
    if error:
        about['error'] = {'message': error, 'debugMessage': 'more'}
    return {'command': {name: values}, 'metadata': about}
def write(commands, kinds=(), junit=None, failure=None):
    folder = after('--test-output-dir') / '2026-11-21_033000' / 'Login'
    (folder / 'screenshots').mkdir(parents=True)
    (folder / 'screenshots' / 'step-001-tapOn.png').write_bytes(b'png')
    (folder / 'commands.json').write_text(json.dumps(commands))
    entries = [{'kind': kind, 'format': 'text', 'relativePath': 'x', 'metadata': {'message': 'boom'}} for kind in kinds]
    (folder / 'manifest.json').write_text(json.dumps({'$schema': 'v1', 'entries': entries}))
    failed = failure is not None
    body = f'<failure>{failure}</failure>' if failed else ''
    status = 'ERROR' if failed else 'SUCCESS'
    case = f'<testcase id="Login" name="Login" status="{status}">{body}</testcase>'
    text = f'<testsuites><testsuite tests="1" failures="{int(failed)}">{case}</testsuite></testsuites>'
    after('--output').write_text(text if junit is None else junit)
    raise SystemExit(1 if failed else 0)
DONE = [entry('launchAppCommand', 'COMPLETED', appId='com.example.shop'), entry('tapOnElement', 'WARNED', 'optional')]
"""


def maestro(program: MakeProgram, body: str) -> Maestro:
    return Maestro(program("maestro", START + body), "2.8.0")


def test_a_flow_that_passes_is_reported_with_its_steps(program: MakeProgram, request_for: MakeRequest) -> None:
    report = maestro(program, "write(DONE)").run(request_for(), Stop())

    assert (report.passed, report.complete, report.problem, report.message) == (True, True, "", "")
    assert [(step.text, step.status, step.seconds) for step in report.steps] == [
        ("launchApp: com.example.shop", StepStatus.PASSED, 1.5),
        ("tapOn", StepStatus.WARNED, 1.5),
    ]
    assert report.runner == "maestro 2.8.0"


def test_a_failed_flow_has_the_text_of_its_report(program: MakeProgram, request_for: MakeRequest) -> None:
    body = (
        "write([entry('assertConditionCommand', 'FAILED', 'Assertion is false: x')], failure='Assertion is false: x')"
    )

    report = maestro(program, body).run(request_for(), Stop())

    assert (report.passed, report.complete, report.problem) == (False, True, "")
    assert report.message == "Assertion is false: x"


def test_where_the_report_hides_the_reason_the_command_has_it(program: MakeProgram, request_for: MakeRequest) -> None:
    body = "write([entry('tapOnCommand', 'FAILED', 'Device server died during tap')], failure='Unknown error')"

    assert maestro(program, body).run(request_for(), Stop()).message == "Device server died during tap"


@pytest.mark.parametrize(
    ("kind", "message"),
    [("CRASH_REPORT", "app crashed: boom"), ("ANR_REPORT", "app stopped responding (ANR): boom")],
)
def test_a_crash_in_the_manifest_is_no_pass_whatever_the_flow_says(
    program: MakeProgram, request_for: MakeRequest, kind: str, message: str
) -> None:
    report = maestro(program, f"write(DONE, kinds=['SCREENSHOT', {kind!r}])").run(request_for(), Stop())

    assert not report.passed
    assert report.message == message


def test_a_command_left_running_is_no_complete_report(program: MakeProgram, request_for: MakeRequest) -> None:
    report = maestro(program, "write([*DONE, entry('backPressCommand', 'RUNNING')])").run(request_for(), Stop())

    assert (report.passed, report.complete) == (False, False)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("write(DONE, junit='<x/>')", "JUnit: it is about 0 test cases"),
        ("after('--output').write_text('<x/>')", "commands.json was not written"),
        ("write({'not': 'a list'})", "commands.json is not what it should be"),
        ("print('You have no device')\nraise SystemExit(1)", "commands.json was not written"),
    ],
)
def test_reports_that_are_missing_or_wrong_are_a_problem(
    program: MakeProgram, request_for: MakeRequest, body: str, problem: str
) -> None:
    report = maestro(program, body).run(request_for(), Stop())

    assert not report.passed
    assert not report.complete
    assert report.problem.startswith(problem)


def test_an_error_of_the_whole_session_is_its_last_line(program: MakeProgram, request_for: MakeRequest) -> None:
    words = "Device stub-1 was requested, but it is not connected."

    report = maestro(program, f"print({words!r}); raise SystemExit(1)").run(request_for(), Stop())

    assert report.message == words


def test_a_cli_that_hangs_is_ended_at_the_deadline(program: MakeProgram, request_for: MakeRequest) -> None:
    report = maestro(program, "time.sleep(60)").run(request_for(deadline=0.5), Stop())

    assert (report.end, report.passed) == (RunnerEnd.TIMED_OUT, False)


def test_what_is_kept_holds_no_value_of_a_variable(program: MakeProgram, request_for: MakeRequest) -> None:
    body = "write([entry('defineVariablesCommand', 'COMPLETED', env={'MAESTRO_PASSWORD': 'hunter2'}), *DONE])"
    request = request_for(variables={"MAESTRO_PASSWORD": "hunter2"}, secrets=frozenset({"MAESTRO_PASSWORD"}))

    report = maestro(program, body).run(request, Stop())

    assert report.passed
    assert report.steps[0].text == "defineVariables"
    kept = {file.name: file.read_bytes() for file in request.folder.iterdir()}
    assert set(kept) == {
        "commands.json",
        "Login-manifest.json",
        "junit.xml",
        "console.txt",
        "screenshots-step-001-tapOn.png",
    }
    assert not any(b"hunter2" in data for data in kept.values())
    assert [next(iter(one["command"])) for one in json.loads(kept["commands.json"])][1] == "launchAppCommand"


def test_the_cli_is_kept_from_its_makers_and_from_other_runs(program: MakeProgram, request_for: MakeRequest) -> None:
    body = """
print(os.environ['MAESTRO_API_URL'], os.environ['MAESTRO_CLI_NO_ANALYTICS'], os.environ['MAESTRO_DISABLE_UPDATE_CHECK'])
home = pathlib.Path(os.environ['MAESTRO_OPTS'].removeprefix('-Duser.home='))
print(home.is_dir(), list(home.iterdir()), os.environ['MAESTRO_TOKEN'] == 'hunter2', 'hunter2' in str(arguments))
print(arguments[:3], after('-e'), arguments[-1].endswith('flow.yaml'), '--no-ansi' in arguments)
"""
    request = request_for(variables={"APP": "com.x", "MAESTRO_TOKEN": "hunter2"}, secrets=frozenset({"MAESTRO_TOKEN"}))

    report = maestro(program, body).run(request, Stop())

    assert report.output == (
        "http://127.0.0.1:9 1 true",
        "True [] True False",
        "['--device', 'stub-1', 'test'] APP=com.x True True",
    )


def test_a_secret_that_would_be_on_the_command_line_is_refused() -> None:
    with pytest.raises(VariableError, match="name it MAESTRO_PASSWORD"):
        hand_over({"PASSWORD": "hunter2"}, frozenset({"PASSWORD"}))
    with pytest.raises(VariableError, match="means something to Maestro"):
        hand_over({"MAESTRO_API_URL": "x"}, frozenset())
    with pytest.raises(VariableError, match="must be named with letters"):
        hand_over({"--device": "x"}, frozenset())


def test_another_adb_server_than_its_own_is_refused_before_the_start(
    program: MakeProgram, request_for: MakeRequest
) -> None:
    report = maestro(program, "write(DONE)").run(request_for(port=5999), Stop())

    assert (report.end, report.passed) == (RunnerEnd.NOT_STARTED, False)
    assert "only to the adb server on port 5037, not 5999" in report.problem


@pytest.mark.parametrize("version", ["2.0.0", "2.7.0", "2.8.1", "3.0.0"])
def test_versions_with_the_artefacts_that_are_needed_are_taken(
    program: MakeProgram, version: str, tmp_path: Path
) -> None:
    found = Maestro.find(program("maestro", f"print('Notice\\n\\n{version}')"), tmp_path, Stop())

    assert found.name == f"maestro {version}"


@pytest.mark.parametrize("version", ["1.41.0", "1.39.13"])
def test_older_versions_are_refused(program: MakeProgram, version: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="too old") as refused:
        Maestro.find(program("maestro", f"print({version!r})"), tmp_path, Stop())

    assert "2.7" in refused.value.remedy


def test_a_machine_without_it_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))

    with pytest.raises(UsageError, match="official Maestro CLI is not installed"):
        Maestro.find(None, tmp_path, Stop())
