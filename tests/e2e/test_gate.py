"""The frontend pipeline's one line, and what people say to the gate: everything but a clear yes is closed."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from tests.e2e.commands import start, validator
from tests.e2e.deciding import CHECK, DEPLOYMENT, decide, decision, one_line, recent, record, served
from tests.fakes.runs import approved, blocked, interrupted, undecided
from validator.gates.envelope import read_private_key, sign
from validator.gates.statement import gate_statement


def test_an_approved_deployment_opens_the_gate(tmp_path: Path):
    record(tmp_path, recent("run-1", approved))
    output, dotenv = tmp_path / "output", tmp_path / "gate.env"
    done = validator(tmp_path, *CHECK, "--dotenv", str(dotenv), GITHUB_OUTPUT=str(output))
    assert one_line(done, 0) == "open: approved by run run-1"
    assert output.read_text() == "gate=open\nrun=run-1\n"
    assert dotenv.read_text() == "VALIDATOR_GATE=open\nVALIDATOR_RUN=run-1\n"
    told = json.loads(validator(tmp_path, *CHECK, "--json").output)
    assert (told["open"], told["exit_code"], told["run"]) == (True, 0, "run-1")


def test_what_was_not_validated_is_closed(tmp_path: Path):
    record(tmp_path, recent("run-1", approved))
    other = ("gate", "check", "-e", "production", "--deployment-id", "dep-next")
    assert one_line(validator(tmp_path, *other), 3).startswith("closed: nothing was decided about deployment dep-next")
    staging = ("gate", "check", "-e", "staging", "--deployment-id", DEPLOYMENT)
    assert "closed: nothing was decided" in one_line(validator(tmp_path, *staging), 3)
    assert "closed: nothing was decided" in one_line(validator(tmp_path, *CHECK, "--tenant", "web"), 3)
    unnamed = validator(tmp_path, "gate", "check", "-e", "production")
    assert unnamed.exit_code == 2
    assert "give --revision or --deployment-id" in unnamed.errors


@pytest.mark.parametrize(
    ("make", "code", "why"), [(blocked, 1, "product failures (1)"), (undecided, 3, "infrastructure")]
)
def test_a_decision_that_does_not_open_is_told_with_its_reason(tmp_path: Path, make, code: int, why: str):
    record(tmp_path, recent("run-1", make))
    assert why in one_line(validator(tmp_path, *CHECK), code)


def test_an_old_pass_does_not_open_the_gate_for_long_nor_over_something_newer(tmp_path: Path):
    record(tmp_path, recent("run-1", approved, hours=30))
    assert "the approval expired" in one_line(validator(tmp_path, *CHECK), 3)
    record(tmp_path, recent("run-2", approved, hours=3))
    assert one_line(validator(tmp_path, *CHECK), 0).endswith("run-2")
    record(tmp_path, recent("run-3", approved, hours=2, deployment="dep-next"))
    assert "run run-3 has validated deployment dep-next since" in one_line(validator(tmp_path, *CHECK), 3)
    record(tmp_path, recent("run-4", approved, hours=1))
    assert one_line(validator(tmp_path, *CHECK), 0).endswith("run-4")
    record(tmp_path, recent("run-5", interrupted, hours=0.01))
    assert "the newer run run-5 ended without a decision" in one_line(validator(tmp_path, *CHECK), 3)


def test_a_failure_found_by_a_machine_whose_clock_is_late_is_not_hidden_by_an_older_approval(tmp_path: Path):
    record(tmp_path, recent("run-1", approved, hours=1), recent("run-2", blocked, hours=2))
    assert "product failures (1)" in one_line(validator(tmp_path, *CHECK), 1)
    record(tmp_path, recent("run-3", approved, hours=0.5))
    assert one_line(validator(tmp_path, *CHECK), 0).endswith("run-3")


def test_a_run_in_progress_is_waited_for(tmp_path: Path):
    run = recent("run-1", approved, hours=0.02)
    record(tmp_path, run[:-2])
    assert "nothing was decided" in one_line(validator(tmp_path, *CHECK, "--wait", "1s"), 3)
    waiting = start(tmp_path, *CHECK, "--wait", "40s")
    threading.Event().wait(2)
    assert waiting.process.poll() is None
    record(tmp_path, run[-2:])
    assert one_line(waiting.wait(30), 0) == "open: approved by run run-1"


def test_a_dead_run_is_not_waited_for(tmp_path: Path):
    record(tmp_path, recent("run-1", approved, hours=3), recent("run-2", interrupted, hours=2)[:-1])
    done = validator(tmp_path, *CHECK, "--wait", "50s")
    assert "the newer run run-2 ended without a decision" in one_line(done, 3)
    assert done.seconds < 20


def test_a_decision_behind_an_address_counts_only_when_it_is_one(tmp_path: Path):
    answers = {
        "/good": (200, decision(recent("run-1", approved))),
        "/html": (200, b"<html>log in</html>"),
        "/away": (302, b""),
        "/gone": (404, b""),
    }
    with served(answers) as url:
        for path, code, why in (
            ("/good", 0, "open: approved"),
            ("/html", 3, "no decision"),
            ("/away", 3, "HTTP 302"),
            ("/gone", 3, "HTTP 404"),
        ):
            assert why in one_line(validator(tmp_path, *CHECK, "--from", url + path), code)
    assert "https only" in one_line(validator(tmp_path, *CHECK, "--from", "http://example.invalid/x"), 3)


def test_a_signed_decision_is_verified_offline(tmp_path: Path):
    made = validator(tmp_path, "gate", "keygen", "gate.key")
    assert made.exit_code == 0, made.errors
    assert (tmp_path / "gate.key").stat().st_mode & 0o777 == 0o600
    assert validator(tmp_path, "gate", "keygen", "gate.key").exit_code == 2
    key = read_private_key((tmp_path / "gate.key").read_bytes())
    envelope = sign(gate_statement(decision(recent("run-1", approved))), key)
    (tmp_path / "decision.dsse.json").write_bytes(envelope)
    (tmp_path / "decision.json").write_bytes(decision(recent("run-1", approved)))
    subject = ("-e", "production", "--deployment-id", DEPLOYMENT)
    verify = ("gate", "verify", "decision.dsse.json", "--key", "gate.key.pub", *subject)
    assert one_line(validator(tmp_path, *verify), 0) == "open: approved by run run-1"
    from_file = (*CHECK, "--from", "decision.dsse.json", "--key", "gate.key.pub")
    assert one_line(validator(tmp_path, *from_file), 0) == "open: approved by run run-1"
    unsigned = (*CHECK, "--from", "decision.json", "--key", "gate.key.pub")
    assert "no signed document" in one_line(validator(tmp_path, *unsigned), 3)
    assert validator(tmp_path, "gate", "keygen", "other.key").exit_code == 0
    other = ("gate", "verify", "decision.dsse.json", "--key", "other.key.pub", *subject)
    assert "not signed by this key" in one_line(validator(tmp_path, *other), 3)
    wrong = ("gate", "verify", "decision.dsse.json", "--key", "gate.key", *subject)
    assert "no Ed25519 public key" in validator(tmp_path, *wrong).errors


def test_a_person_opens_a_closed_gate_for_that_deployment_for_a_while(tmp_path: Path):
    record(tmp_path, recent("run-1", blocked))
    done = decide(tmp_path, "run-1", "override", "--reason", "known, ticket 12", "--by", "mara", "--expires", "1h")
    assert done.exit_code == 0, done.errors
    assert "mara decided override" in done.output
    assert one_line(validator(tmp_path, *CHECK), 0) == (
        "open: mara overrode the blocked decision of run run-1: known, ticket 12"
    )
    late = decide(tmp_path, "run-1", "rollback", "--reason", "no", "--by", "jo")
    assert late.exit_code == 3
    assert "mara answered override" in late.errors
    act = done.output.split("act ")[1].split()[0]
    assert decide(tmp_path, "run-1", "rollback", "--reason", "no", "--by", "jo", "--replaces", act).exit_code == 0
    assert one_line(validator(tmp_path, *CHECK), 1) == "closed: jo decided on rollback: no (run run-1)"
    assert validator(tmp_path, "history", "verify").exit_code == 0


def test_who_decides_is_the_one_whom_the_pipeline_knows(tmp_path: Path):
    record(tmp_path, recent("run-1", blocked))
    done = decide(tmp_path, "run-1", "override", "--reason", "x", "--by", "mara", GITHUB_ACTOR="jo")
    assert done.exit_code == 2
    assert "GitHub says that jo runs this job" in done.errors
    assert "jo decided override" in decide(tmp_path, "run-1", "override", "--reason", "x", GITHUB_ACTOR="jo").output


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["run-1", "override", "--reason", "x", "--by", "mara", "--expires", "5h"], "cannot hold for that long"),
        (["run-9", "override", "--reason", "x", "--by", "mara"], "no decision that anybody could answer"),
        (["run-1", "override", "--by", "mara"], "--reason"),
        (["run-1", "shrug", "--reason", "x"], "shrug"),
        (["run-1", "override", "--reason", "x"], "nobody is named"),
    ],
)
def test_what_cannot_be_decided_is_refused_with_a_remedy(tmp_path: Path, arguments: list[str], why: str):
    record(tmp_path, recent("run-1", blocked))
    nobody = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    done = decide(tmp_path, *arguments, **nobody)
    assert done.exit_code == 2, done.output
    assert why in done.errors
    assert one_line(validator(tmp_path, *CHECK), 1)
