"""What `MaestroRunner` makes of runners that lie, hang, flood or vanish: programs that stand in for the real one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.stand_ins import MakeProgram, MakeRequest, runner
from validator.flows.maestro_runner import MaestroRunner, forget_dead_owner, may_be_runner, true_place
from validator.model.attempt import RunnerEnd
from validator.support.stop import Stop


def test_a_pass_with_exit_status_0_is_a_pass(program: MakeProgram, request_for: MakeRequest) -> None:
    report = runner(program, "give('passed')").run(request_for(), Stop())

    assert (report.passed, report.complete, report.problem, report.message) == (True, True, "", "")


@pytest.mark.parametrize(
    ("sample", "status", "problem"),
    [
        ("passed", 1, "its reports say passed, its exit status is 1"),
        ("failed_in_subflow", 0, "its reports say not passed, its exit status is 0"),
        ("interrupted", 0, ""),
    ],
)
def test_reports_and_exit_status_that_disagree_are_never_a_pass(
    program: MakeProgram, request_for: MakeRequest, sample: str, status: int, problem: str
) -> None:
    report = runner(program, f"give({sample!r}); raise SystemExit({status})").run(request_for(), Stop())

    assert not report.passed
    assert report.problem == problem
    assert report.exit_code == status


def test_a_failed_flow_carries_the_message_of_its_last_step(program: MakeProgram, request_for: MakeRequest) -> None:
    report = runner(program, "give('failed_in_subflow'); raise SystemExit(1)").run(request_for(), Stop())

    assert (report.passed, report.complete, report.problem) == (False, True, "")
    assert report.message.startswith("Element not visible")


def test_a_runner_that_writes_nothing_is_a_problem_with_its_own_words(
    program: MakeProgram, request_for: MakeRequest
) -> None:
    words = "Error: failed to create driver: device stub-1 is already in use"

    report = runner(program, f"print('hello'); print({words!r}); raise SystemExit(1)").run(request_for(), Stop())

    assert (report.passed, report.complete) == (False, False)
    assert report.problem == "report.json was not written"
    assert report.message == words
    assert report.output == ("hello", words)


def test_a_runner_that_hangs_after_its_reports_is_not_believed(program: MakeProgram, request_for: MakeRequest) -> None:
    report = runner(program, "give('passed'); time.sleep(60)").run(request_for(deadline=0.8), Stop())

    assert (report.end, report.passed) == (RunnerEnd.TIMED_OUT, False)
    assert report.seconds < 7


def test_a_stop_that_was_set_before_starts_nothing(program: MakeProgram, request_for: MakeRequest) -> None:
    stop = Stop()
    stop.set("interrupted")

    report = runner(program, "give('passed')").run(request_for(), stop)

    assert (report.end, report.exit_code, report.passed) == (RunnerEnd.NOT_STARTED, None, False)


def test_a_flood_of_lost_calls_ends_the_runner(program: MakeProgram, request_for: MakeRequest) -> None:
    flood = """
line = b'07:00:00.1 POST /session/s1/element [72us] ERROR: Post "http://localhost/session/s1/element": EOF\\n' * 10_000
with open(output / 'client.log', 'ab') as log:
    for _ in range(100):  # 97 MB
        log.write(line)
time.sleep(60)
"""
    report = runner(program, flood).run(request_for(deadline=50.0), Stop())

    assert (report.end, report.passed) == (RunnerEnd.STOPPED, False)
    assert report.transport_errors > 600_000
    assert report.seconds < 30


def test_a_folder_with_older_reports_is_refused(program: MakeProgram, request_for: MakeRequest) -> None:
    request = request_for()
    (request.folder / "report.json").write_text("{}", encoding="utf-8")

    report = runner(program, "give('passed')").run(request, Stop())

    assert report.end is RunnerEnd.NOT_STARTED
    assert "is not empty" in report.problem


@pytest.mark.parametrize("variables", [{"A-B": "x"}, {"A": "x\ny"}, {"A": "${B}"}])
def test_a_variable_that_cannot_be_handed_over_is_a_problem(
    program: MakeProgram, request_for: MakeRequest, variables: dict[str, str]
) -> None:
    report = runner(program, "give('passed')").run(request_for(variables=variables), Stop())

    assert (report.end, report.passed) == (RunnerEnd.NOT_STARTED, False)
    assert "flow variable" in report.problem


@pytest.mark.parametrize("broken", ["program", "folder"])
def test_what_is_missing_before_the_start_is_a_problem(
    program: MakeProgram, request_for: MakeRequest, tmp_path: Path, broken: str
) -> None:
    request = request_for()
    works = runner(program, "give('passed')")
    if broken == "program":
        report = MaestroRunner(tmp_path / "gone", "1.1.27").run(request, Stop())
    else:
        report = works.run(replace(request, folder=tmp_path / "gone"), Stop())

    assert (report.end, report.passed) == (RunnerEnd.NOT_STARTED, False)
    assert report.problem


def test_secrets_are_in_a_file_for_this_user_alone_and_on_no_command_line(
    program: MakeProgram, request_for: MakeRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = """
file = pathlib.Path(arguments[arguments.index('--env-file') + 1])
print(oct(file.stat().st_mode & 0o777), oct(file.parent.stat().st_mode & 0o777), file.read_text().strip())
print('argv', 'hunter2' in ' '.join(sys.argv), 'environment', 'hunter2' in str(os.environ))
print(sorted(set(os.environ) - {'LC_CTYPE'}))  # which Python sets for itself
print(shutil.which('adb'), os.environ['ANDROID_ADB_SERVER_PORT'])
"""
    for name in list(os.environ):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", "/home/ci")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    request = request_for(variables={"PASSWORD": "hunter2"}, secrets=frozenset({"PASSWORD"}), port=5999)

    report = runner(program, tell).run(request, Stop())

    assert report.output[0] == '0o600 0o700 PASSWORD="hunter2"'
    assert report.output[1] == "argv False environment False"
    assert report.output[2] == "['ANDROID_ADB_SERVER_PORT', 'HOME', 'HTTPS_PROXY', 'PATH', 'VALIDATOR_GUARD']"
    assert report.output[3].endswith("/bin/adb 5999")


def test_words_that_steer_a_terminal_do_not_reach_the_report(program: MakeProgram, request_for: MakeRequest) -> None:
    report = runner(program, r"print('\x1b[31mred\x07'); print('────'); print('x' * 70_000)").run(request_for(), Stop())

    assert report.output[0] == "red␇"
    assert len(report.output) == 2
    assert len(report.output[1]) == 500


@contextmanager
def process_called(name: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has this word in its command line, as everybody can see by now."""
    command = [sys.executable, "-c", "print(flush=True); input()", name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun, so its command line is its own
        yield process


def test_the_mark_of_a_runner_that_ended_and_that_nobody_reaped_is_removed() -> None:
    with subprocess.Popen([sys.executable, "-c", "", "maestro-runner"]) as zombie:
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays a zombie
        mark = Path(f"/tmp/uia2-zombie-{zombie.pid}.pid")
        mark.write_text(f"{zombie.pid}\n", encoding="ascii")
        try:
            forget_dead_owner(f"zombie-{zombie.pid}")
            assert not mark.exists()
        finally:
            mark.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("command", "state", "expected"),
    [
        (b"/opt/maestro-runner\0test\0", b"S", True),
        (b"python3\0", b"S", False),
        (b"", b"R", True),  # it has just begun
        (b"", b"D", True),
        (b"", b"Z", False),
        (b"", b"X", False),
    ],
)
def test_a_process_without_a_command_line_may_be_a_runner_unless_it_has_ended(
    command: bytes, state: bytes, expected: bool
) -> None:
    assert may_be_runner(command, state) is expected


def test_the_mark_of_a_dead_owner_is_removed_and_that_of_a_living_one_stays() -> None:
    with process_called("maestro-runner") as living:
        mark = Path(f"/tmp/uia2-dead-{living.pid}.pid")
        try:
            mark.write_text(f"{living.pid}\n", encoding="ascii")
            forget_dead_owner(f"dead-{living.pid}")
            assert mark.exists()

            living.communicate(b"\n")
            forget_dead_owner(f"dead-{living.pid}")
            assert not mark.exists()

            mark.write_text("no number", encoding="ascii")
            forget_dead_owner(f"dead-{living.pid}")
            assert mark.exists()
        finally:
            mark.unlink(missing_ok=True)
    forget_dead_owner("no-such-serial")


def test_a_process_that_got_a_dead_runners_number_owns_no_device() -> None:
    with process_called("stranger") as stranger:
        mark = Path(f"/tmp/uia2-stranger-{stranger.pid}.pid")
        mark.write_text(f"{stranger.pid}\n", encoding="ascii")
        try:
            forget_dead_owner(f"stranger-{stranger.pid}")
            assert not mark.exists()
        finally:
            mark.unlink(missing_ok=True)
            stranger.communicate(b"\n")


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("appId: x\n---\n- back\n- tapOnn: x\n", 2, 4),
        ("---\nappId: x\n---\n- tapOnn: x\n", 1, 4),
        ("- back\n- tapOnn: x\n", 2, 2),
    ],
)
def test_the_line_of_a_mistake_is_that_of_an_editor(tmp_path: Path, text: str, line: int, expected: int) -> None:
    file = tmp_path / "my flow.yaml"
    file.write_text(text, encoding="utf-8")

    told = true_place(f"  - {file}: parse error: {file}:{line}: unknown step type", tmp_path)

    assert told == f"  - my flow.yaml: parse error: my flow.yaml:{expected}: unknown step type"


def test_a_place_in_a_file_that_is_not_there_stays_as_it_was(tmp_path: Path) -> None:
    line = "parse error: /nowhere/x.yaml:7: unknown step type"

    assert true_place(line, tmp_path) == line
