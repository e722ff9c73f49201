"""A person decides to roll back: the command runs only when asked for, under supervision, with its result on record."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.commands import Ended, start, validator
from tests.e2e.deciding import CHECK, decide, one_line, recent, record
from tests.fakes.runs import approved, blocked
from validator.gates.file import load_policy
from validator.history.acts import DecisionActed, RollbackRun
from validator.history.store import open_store

SAYS = ("run-1", "rollback", "--reason", "checkout is broken", "--by", "mara")
CANARY = "canary-4f2a9c1d8e"


def gate(folder: Path, script: str) -> Path:
    """A gate file whose rollback command is a Python script."""
    program = folder / "back.py"
    program.write_text(script)
    command = shlex.join([sys.executable, "-u", str(program)])
    file = folder / "gate.yaml"
    file.write_text(f"name: frontend\nrollback: {json.dumps(command)}\n")
    return file


def a_blocked_run(folder: Path, script: str) -> None:
    record(folder, recent("run-1", blocked, policy=load_policy(gate(folder, script))))


def acts(folder: Path) -> list[object]:
    with open_store(folder=folder) as store:
        return [entry.event for entry in store.tenant("default").log.acts("run-1")]


def rolled_back(folder: Path, *more: str, **environment: str) -> Ended:
    return decide(folder, *SAYS, "--execute", "--policy", "gate.yaml", *more, **environment)


def test_a_rollback_is_only_recorded_unless_it_is_to_be_executed(tmp_path: Path):
    a_blocked_run(tmp_path, "open('went-back', 'w')")
    done = decide(tmp_path, *SAYS)
    assert done.exit_code == 0, done.errors
    assert not (tmp_path / "went-back").exists()
    assert [type(act) for act in acts(tmp_path)] == [DecisionActed]
    assert (
        one_line(validator(tmp_path, *CHECK), 1) == "closed: mara decided on rollback: checkout is broken (run run-1)"
    )


def test_what_people_said_and_how_the_rollback_ended_is_shown_with_the_run(tmp_path: Path):
    a_blocked_run(tmp_path, "raise SystemExit(3)")
    rolled_back(tmp_path)
    validator(tmp_path, "feedback", "run-1", "--true-positive", "--reason", "it was\x1b[31m right", "--by", "jo")
    shown = validator(tmp_path, "show", "run-1").output.splitlines()[-3:]
    assert shown[0].endswith("mara said rollback: checkout is broken")
    assert "the rollback exited with 3 after" in shown[1]
    assert shown[2].endswith("jo said true positive: it was right")


def test_the_command_is_run_shown_and_recorded_without_secrets(tmp_path: Path):
    script = "import os\nprint('back from', os.environ['VALIDATOR_REVISION'])\nprint('key', os.environ['API_TOKEN'])"
    a_blocked_run(tmp_path, script)
    done = rolled_back(tmp_path, API_TOKEN=CANARY)
    assert done.exit_code == 0, done.errors
    assert "back from 8f3c2d1b" in done.output
    assert "exit code 0; it is recorded with run run-1" in done.output
    answer, result = acts(tmp_path)
    assert isinstance(answer, DecisionActed)
    assert isinstance(result, RollbackRun)
    assert (result.ended, result.exit_code, result.act in done.output) == ("exited", 0, True)
    assert result.tail[1].startswith("key ")
    assert CANARY not in done.output + done.errors + str(acts(tmp_path))
    assert validator(tmp_path, "history", "verify").exit_code == 0
    assert validator(tmp_path, "history", "rebuild").exit_code == 0


def test_a_rollback_that_fails_says_so(tmp_path: Path):
    a_blocked_run(tmp_path, "print('state is locked')\nraise SystemExit(7)")
    done = rolled_back(tmp_path)
    assert done.exit_code == 1
    assert "state is locked" in done.output
    assert "exit code 7" in done.output
    result = acts(tmp_path)[-1]
    assert isinstance(result, RollbackRun)
    assert result.exit_code == 7


def test_a_program_that_is_not_there_is_a_rollback_that_never_began(tmp_path: Path):
    (tmp_path / "gate.yaml").write_text("name: frontend\nrollback: no-such-program --now\n")
    record(tmp_path, recent("run-1", blocked, policy=load_policy(tmp_path / "gate.yaml")))
    done = rolled_back(tmp_path)
    assert done.exit_code == 1
    result = acts(tmp_path)[-1]
    assert isinstance(result, RollbackRun)
    assert (result.ended, result.exit_code) == ("not_started", None)


def test_a_rollback_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path):
    hangs = "import subprocess, time\nsubprocess.Popen(['sleep', '600'])\nprint('began', flush=True)\ntime.sleep(600)"
    a_blocked_run(tmp_path, hangs)
    done = rolled_back(tmp_path, "--within", "2s")
    assert done.exit_code == 1
    assert "timed out" in done.output
    assert done.orphans == []


def test_a_rollback_that_somebody_interrupts_is_ended_and_recorded(tmp_path: Path):
    a_blocked_run(tmp_path, "import time\nprint('began', flush=True)\ntime.sleep(600)")
    running = start(tmp_path, "gate", "decide", *SAYS, "--execute", "--policy", "gate.yaml")
    assert running.process.stdout is not None
    while "began" not in running.process.stdout.readline():
        assert running.process.poll() is None
    running.process.send_signal(signal.SIGINT)
    done = running.wait(30)
    assert done.exit_code == 130
    assert done.orphans == []
    result = acts(tmp_path)[-1]
    assert isinstance(result, RollbackRun)
    assert result.ended == "stopped"


REFUSED = {
    "only a rollback has a command": ("run-1", "fix-forward", "--reason", "x", "--by", "mara", "--execute"),
    "only if it stands in a file here": (*SAYS, "--execute"),
    "another rollback command": (*SAYS, "--execute", "--policy", "other.yaml"),
    "there is no command": (*SAYS, "--execute", "--policy", "none.yaml"),
    "5m has no": (*SAYS, "--execute", "--policy", "gate.yaml", "--within", "5"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_may_not_be_run_is_refused_before_anything_is_recorded(tmp_path: Path, why: str):
    a_blocked_run(tmp_path, "open('went-back', 'w')")
    (tmp_path / "other.yaml").write_text("name: frontend\nrollback: rm -rf infra\n")
    (tmp_path / "none.yaml").write_text("name: frontend\n")
    done = decide(tmp_path, *REFUSED[why])
    assert done.exit_code == 2
    assert why.replace("5m has no", "5 has no unit") in done.errors
    assert acts(tmp_path) == []
    assert not (tmp_path / "went-back").exists()


def test_the_second_person_cannot_roll_back_again_unseen(tmp_path: Path):
    a_blocked_run(tmp_path, "open('log', 'a').write('back\\n')")
    assert rolled_back(tmp_path).exit_code == 0
    again = rolled_back(tmp_path)
    assert again.exit_code == 3
    assert "mara answered rollback" in again.errors
    assert (tmp_path / "log").read_text() == "back\n"


def test_a_run_for_the_rollback_follows_only_when_asked_for_and_when_the_command_worked(tmp_path: Path):
    a_blocked_run(tmp_path, "raise SystemExit(7)")
    assert rolled_back(tmp_path, "--then-validate", "nowhere").exit_code == 1
    record(tmp_path, recent("run-2", blocked, policy=load_policy(gate(tmp_path, "print('back')"))))
    again = ("run-2", *SAYS[1:], "--execute", "--policy", "gate.yaml", "--then-validate", "nowhere")
    done = decide(tmp_path, *again)
    assert done.exit_code == 2, done.output
    assert "there is no environment 'nowhere'" in done.errors


def feedback(folder: Path, *arguments: str) -> Ended:
    return validator(folder, "feedback", *arguments, "--by", "mara")


def test_people_say_which_alarms_were_false_and_the_rate_is_shown(tmp_path: Path):
    runs = [recent(f"run-{number}", blocked, hours=number) for number in range(1, 5)]
    record(tmp_path, *runs, recent("run-9", approved, hours=9))
    before = validator(tmp_path, "history", "stats").output
    assert "production: the gate was closed 4 times, and nobody judged it" in before
    assert feedback(tmp_path, "run-1", "--false-positive", "--reason", "the test was wrong").exit_code == 0
    assert feedback(tmp_path, "run-2", "--false-positive").exit_code == 0
    assert feedback(tmp_path, "run-2", "--true-positive", "--reason", "it was real").exit_code == 0
    assert feedback(tmp_path, "run-3", "--true-positive").exit_code == 0
    after = validator(tmp_path, "history", "stats").output
    assert "production: the gate was closed 4 times; false alarms: 1 of 3 judged (33%)" in after
    told = json.loads(validator(tmp_path, "history", "stats", "--json").output)
    assert told["counts"]["alarms"] == [{"environment": "production", "closed": 4, "true": 2, "false": 1}]
    assert "product failures (1)" in one_line(validator(tmp_path, *CHECK), 1)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("run-9", "--false-positive"), "there was no alarm"),
        (("run-8", "--false-positive"), "no decision that anybody could answer"),
        (("run-1",), "say which it was"),
    ],
)
def test_feedback_that_means_nothing_is_refused(tmp_path: Path, arguments: tuple[str, ...], why: str):
    record(tmp_path, recent("run-1", blocked, hours=2), recent("run-9", approved))
    done = feedback(tmp_path, *arguments)
    assert done.exit_code == 2
    assert why in done.errors
