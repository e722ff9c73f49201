"""Attempts to open a closed gate: by mistake, by an old pass, by a forged file, by an outage. None succeeds.

Each is made on the command that the frontend's pipeline runs, and each is answered with one line of its own.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.e2e.attempts import ATTEMPTS, GOOD, Scene, edited
from tests.e2e.commands import start, validator
from tests.e2e.deciding import CHECK, decide, decision, one_line, recent, record, served
from tests.fakes.runs import approved, blocked
from validator.cli.gate_check import command
from validator.gates.policy import OverrideRules, Policy
from validator.history.acts import ActKind
from validator.history.store import open_store
from validator.model.errors import UsageError


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for name in ("VALIDATOR_HISTORY", "VALIDATOR_TENANT", "GITHUB_OUTPUT"):
        monkeypatch.delenv(name, raising=False)
    with served({"/html": (200, b"<html>log in</html>"), "/away": (302, b""), "/gone": (404, b"")}) as server:
        yield Scene(folder=tmp_path, server=server)


def closed(scene: Scene, name: str) -> str:
    """The line with which the attempt is answered."""
    why, code, attempt = ATTEMPTS[name]
    done = CliRunner().invoke(command, [*CHECK[2:], *attempt(scene)], standalone_mode=False)
    assert done.exception is None, done.exception
    (line,) = done.output.splitlines()
    assert int(done.return_value) == code, line
    assert line.startswith("closed: ")
    assert why in line, line
    return line


@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_attempt_leaves_the_gate_closed_with_a_reason_of_its_own(scene: Scene, name: str):
    closed(scene, name)


def test_every_attempt_has_another_reason():
    reasons = [why for why, _, _ in ATTEMPTS.values()]
    assert len(set(reasons)) == len(reasons) >= 25


@pytest.mark.parametrize("name", ["", "  "])
def test_an_environment_that_a_variable_left_empty_is_a_mistake_and_matches_no_decision(scene: Scene, name: str):
    done = CliRunner().invoke(command, [*CHECK[2:], *scene.file(GOOD()), "-e", name], standalone_mode=False)
    assert isinstance(done.exception, UsageError)
    assert "--environment is empty" in done.exception.text


def test_a_name_with_lines_of_its_own_adds_none_to_what_later_steps_read(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GITHUB_OUTPUT", str(scene.folder / "outputs"))
    hostile = scene.file(edited(b'"run": "r"', b'"run": "r\\ngate=open"', decision(recent("r", blocked))))
    CliRunner().invoke(command, [*CHECK[2:], *hostile, "--dotenv", str(scene.folder / "env")], standalone_mode=False)
    assert (scene.folder / "outputs").read_text() == "gate=closed\nrun=r gate=open\n"
    assert (scene.folder / "env").read_text() == "VALIDATOR_GATE=closed\nVALIDATOR_RUN=r gate=open\n"


def test_what_is_tried_would_open_the_gate_if_nothing_were_wrong_with_it(scene: Scene):
    for arguments in (scene.file(GOOD()), scene.signed(), scene.record(recent("run-1", approved))):
        done = CliRunner().invoke(command, [*CHECK[2:], *arguments], standalone_mode=False)
        assert done.output == "open: approved by run run-1\n"


ONCALL = Policy(override=OverrideRules(by=("oncall",)))


def test_somebody_who_is_not_listed_cannot_override(tmp_path: Path):
    record(tmp_path, recent("run-1", blocked, policy=ONCALL))
    done = decide(tmp_path, "run-1", "override", "--reason", "I am sure", "--by", "mara")
    assert done.exit_code == 2
    assert "mara may not override this gate" in done.errors
    lenient = tmp_path / "lenient.yaml"
    lenient.write_text("name: frontend\n")
    asked = ("run-1", "override", "--reason", "I am sure", "--by", "mara", "--policy", "lenient.yaml")
    assert "mara may not override this gate" in decide(tmp_path, *asked).errors
    assert "product failures (1)" in one_line(validator(tmp_path, *CHECK), 1)


def test_a_decision_that_is_being_written_when_its_writer_is_killed_is_never_half_believed(tmp_path: Path):
    """The writer is killed at moments of its own: what is there then is the old decision or none, never an approval."""
    writer = (
        "import sys, itertools\nfrom pathlib import Path\nfrom validator.support.files import write_atomic\n"
        "good = Path('good.json').read_bytes() + b' ' * 3_000_000\nprint('ready', flush=True)\n"
        "for n in itertools.count():\n    write_atomic(Path('decision.json'), good[: 2_000_000 + n])\n"
    )
    (tmp_path / "good.json").write_bytes(decision(recent("run-1", blocked)))
    process = subprocess.Popen([sys.executable, "-c", writer], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    while not (tmp_path / "decision.json").exists():
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    assert "product failures (1)" in one_line(validator(tmp_path, *CHECK, "--from", "decision.json"), 1)


@pytest.mark.slow
def test_of_twenty_people_who_answer_at_once_one_is_heard_and_the_others_are_told_who(tmp_path: Path):
    record(tmp_path, recent("run-1", blocked))
    kinds = ("override", "rollback")
    racing = [
        start(tmp_path, "gate", "decide", "run-1", kinds[number % 2], "--reason", "now", "--by", f"person-{number}")
        for number in range(20)
    ]
    ended = [each.wait(110) for each in racing]
    heard = [number for number, done in enumerate(ended) if done.exit_code == 0]
    assert len(heard) == 1, [done.errors for done in ended]
    told = {done.errors.partition("\n")[0] for number, done in enumerate(ended) if number not in heard}
    assert all(f"person-{heard[0]} answered {kinds[heard[0] % 2]}" in line for line in told), told
    with open_store(folder=tmp_path) as store:
        (act,) = store.tenant("default").decisions.acts("run-1")
    assert act.by == f"person-{heard[0]}"
    assert validator(tmp_path, *CHECK).exit_code == (0 if act.kind is ActKind.OVERRIDE else 1)
    assert validator(tmp_path, "history", "verify").exit_code == 0
