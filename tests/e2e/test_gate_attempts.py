"""Attempts to open a closed gate: by mistake, by an old pass, by a forged file, by an outage. None succeeds.

Each is made on the command that the frontend's pipeline runs, and each is answered with one line of its own.
"""

# ruff: noqa: E501 - an attempt of the list is one line, so that it reads as a list

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.e2e.commands import start, validator
from tests.e2e.deciding import CHECK, DEPLOYMENT, decide, decision, one_line, recent, record, served
from tests.fakes.runs import approved, blocked, interrupted
from validator.cli.gate_check import command
from validator.gates.envelope import new_key, read_private_key, sign
from validator.gates.policy import OverrideRules, Policy
from validator.gates.statement import gate_statement
from validator.history.acts import ActKind, DecisionActed
from validator.history.store import open_store
from validator.model.decision import Purpose
from validator.model.events import Record, RunStarted
from validator.support.clock import iso

HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A folder in which somebody tries to open the gate."""

    folder: Path
    server: str = ""

    def file(self, content: bytes, name: str = "decision.json") -> tuple[str, ...]:
        (self.folder / name).write_bytes(content)
        return ("--from", name)

    def signed(self, change: Callable[[dict[str, object]], None] = lambda _: None) -> tuple[str, ...]:
        """An approval, signed, then changed."""
        private, public = new_key()
        (self.folder / "gate.pub").write_bytes(public)
        envelope: dict[str, object] = json.loads(sign(gate_statement(GOOD()), read_private_key(private)))
        change(envelope)
        return (*self.file(json.dumps(envelope).encode(), "decision.dsse.json"), "--key", "gate.pub")

    def record(self, *runs: list[Record]) -> tuple[str, ...]:
        record(self.folder, *runs)
        return ()

    def said(self, run: str, kind: ActKind, *, deployment: str = DEPLOYMENT, until: datetime | None = None) -> None:
        """Write an answer into the record, past everything that would refuse it."""
        act = DecisionActed(
            kind=kind,
            by="mara",
            reason="known",
            environment="production",
            deployment=deployment,
            expires_at=iso(until) if until is not None else "",
        )
        with open_store(folder=self.folder) as store:
            store.tenant("default").log.act(run, act)


def GOOD() -> bytes:  # noqa: N802 - it stands for a file, which is made anew because it must be fresh
    return decision(recent("run-1", approved))


def edited(old: bytes, new: bytes, content: bytes | None = None) -> bytes:
    """A decision in which something was changed."""
    content = content or GOOD()
    assert old in content
    return content.replace(old, new)


def for_rollback() -> list[Record]:
    first, *rest = recent("run-1", approved)
    assert isinstance(first.event, RunStarted)
    return [replace(first, event=replace(first.event, purpose=Purpose.ROLLBACK)), *rest]


def sparse(scene: Scene) -> tuple[str, ...]:
    with (scene.folder / "decision.json").open("wb") as file:
        file.write(GOOD())
        file.truncate(1 << 30)
    return ("--from", "decision.json")


def latest(scene: Scene) -> tuple[str, ...]:
    (scene.folder / "reports" / "run-1").mkdir(parents=True)
    (scene.folder / "reports" / "run-1" / "decision.json").write_bytes(GOOD())
    (scene.folder / "reports" / "latest").symlink_to("run-1")
    return ("--from", "reports/latest/decision.json")


def pipe(scene: Scene) -> tuple[str, ...]:
    os.mkfifo(scene.folder / "decision.json")
    return ("--from", "decision.json")


def newer(scene: Scene) -> tuple[str, ...]:
    return scene.record(recent("run-1", approved, hours=2), recent("run-2", approved, hours=1, deployment="dep-next"))


def overridden_once(scene: Scene) -> tuple[str, ...]:
    scene.record(recent("run-1", approved, hours=5))
    scene.said("run-1", ActKind.OVERRIDE, until=datetime.now(UTC) - HOUR)
    return ()


def overridden_elsewhere(scene: Scene) -> tuple[str, ...]:
    scene.record(recent("run-1", blocked))
    scene.said("run-1", ActKind.OVERRIDE, deployment="dep-next", until=datetime.now(UTC) + HOUR)
    return ()


def revoked(scene: Scene) -> tuple[str, ...]:
    scene.record(recent("run-1", approved))
    scene.said("run-1", ActKind.ROLLBACK)
    return ()


def other_policy(scene: Scene) -> tuple[str, ...]:
    (scene.folder / "strict.yaml").write_text("name: strict\nlimits: {flaky: 0}\n")
    return (*scene.file(GOOD()), "--policy", "strict.yaml")


def garbage(scene: Scene) -> tuple[str, ...]:
    (scene.folder / ".validator").mkdir()
    (scene.folder / ".validator" / "history.db").write_bytes(b"nonsense" * 1000)
    return ()


def without_signature(envelope: dict[str, object]) -> None:
    envelope["signatures"] = []


def reworded(envelope: dict[str, object]) -> None:
    private, _ = new_key()
    other = json.loads(
        sign(gate_statement(edited(b"required flows passed", b"flows were fine")), read_private_key(private))
    )
    envelope["payload"] = other["payload"]


def by_another(envelope: dict[str, object]) -> None:
    private, _ = new_key()
    envelope |= json.loads(sign(gate_statement(GOOD()), read_private_key(private)))


Attempt = tuple[str, int, Callable[[Scene], tuple[str, ...]]]

ATTEMPTS: dict[str, Attempt] = {
    "nobody ever validated it": ("nothing was decided about deployment", 3, lambda s: s.record(recent("r", approved, deployment="x"))),
    "another revision": ("is about revision 8f3c2d1b6a7e4f0912345678, not 0000000", 3, lambda s: (*s.file(GOOD()), "--revision", "0000000")),
    "another deployment": ("is about deployment dep-next, not", 3, lambda s: s.file(decision(recent("r", approved, deployment="dep-next")))),
    "another environment": ("is about environment staging, not", 3, lambda s: s.file(edited(b'"environment": "production"', b'"environment": "staging"'))),
    "another tenant": ("is about tenant web, not default", 3, lambda s: s.file(edited(b'"tenant": "default"', b'"tenant": "web"'))),
    "another policy": ("is about policy sha256:", 3, other_policy),
    "a run for a rollback": ("was made for a rollback, not for a deploy", 3, lambda s: s.file(decision(for_rollback()))),
    "expired": ("the approval expired 5 h ago", 3, lambda s: s.record(recent("run-1", approved, hours=29.5))),
    "replayed after a newer deployment": ("run run-2 has validated deployment dep-next since", 3, newer),
    "validated before it was deployed": ("before the deployment (", 3, lambda s: (*s.file(GOOD()), "--deployed-at", iso(datetime.now(UTC)))),
    "does not say when it began": ("does not say whether its run began", 3, lambda s: (*s.file(edited(b'"began_at"', b'"begun_at"')), "--deployed-at", iso(datetime.now(UTC) - 2 * HOUR))),
    "the clock was set back": ("says that it was made at", 3, lambda s: s.record(recent("run-1", approved, hours=-3))),
    "exit_code edited": ("says blocked and exit code 0: it was edited", 3, lambda s: s.file(edited(b'"exit_code": 1', b'"exit_code": 0', decision(recent("r", blocked))))),
    "verdict edited": ("says approved and exit code 1: it was edited", 3, lambda s: s.file(edited(b'"decision": "blocked"', b'"decision": "approved"', decision(recent("r", blocked))))),
    "life prolonged backwards": ("expires before it was made: it was edited", 3, lambda s: s.file(edited(b'"decided_at": "20', b'"decided_at": "19'[:-2] + b'20').replace(b'"expires_at": "20', b'"expires_at": "19'))),
    "reasons edited under a signature": ("it was changed after this key signed it", 3, lambda s: s.signed(reworded)),
    "signature stripped": ("it has no signature", 3, lambda s: s.signed(without_signature)),
    "signed by another key": ("not signed by this key", 3, lambda s: s.signed(by_another)),
    "unsigned where a key is configured": ("no signed document", 3, lambda s: (*s.signed()[2:], *s.file(GOOD()))),
    "reports/latest is a link": ("is reached through a link", 3, latest),
    "a pipe that never ends": ("or is no file", 3, pipe),
    "a file of 1 GB": ("longer than 4 MiB", 3, sparse),
    "nested 100,000 deep": ("recursion limit exceeded", 3, lambda s: s.file(b"[" * 100_000)),
    "written half when the run was killed": ("EOF while parsing", 3, lambda s: s.file(GOOD()[:400])),
    "not there": ("cannot be read: No such file", 3, lambda _: ("--from", "decision.json")),
    "a run that was killed after an older approval": ("the newer run run-2 ended without a decision", 3, lambda s: s.record(recent("run-1", approved, hours=3), recent("run-2", interrupted, hours=2)[:-2])),
    "a run in progress after an older approval": ("the newer run run-2 is in progress", 3, lambda s: s.record(recent("run-1", approved, hours=3), recent("run-2", approved, hours=0.01)[:3])),
    "a failure on a machine whose clock is late": ("blocked: product failures (1) > limit (0)", 1, lambda s: s.record(recent("run-1", approved, hours=1), recent("run-2", blocked, hours=2))),
    "history unreachable": ("does not answer", 3, lambda _: ("--history", "postgresql://nobody@127.0.0.1:9/nothing")),
    "history never begun": ("nothing is recorded here yet", 2, lambda _: ()),
    "history is no database": ("is not a database", 3, garbage),
    "a server that answers with HTML": ("expected value at line 1", 3, lambda s: ("--from", f"{s.server}/html")),
    "a server that redirects elsewhere": ("it answers HTTP 302", 3, lambda s: ("--from", f"{s.server}/away")),
    "a server that has lost it": ("it answers HTTP 404", 3, lambda s: ("--from", f"{s.server}/gone")),
    "an address that anybody can answer for": ("by https only", 3, lambda _: ("--from", "http://example.invalid/decision.json")),
    "an override that expired": ("the override by mara expired", 3, overridden_once),
    "an override of another deployment": ("the override by mara is for deployment dep-next", 3, overridden_elsewhere),
    "somebody decided to roll back": ("mara decided on rollback: known", 1, revoked),
}  # fmt: skip


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
    """The writer is killed at moments of its own: whatever is there then is the old decision, or none, never an approval."""
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
