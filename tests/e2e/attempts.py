"""Who tries to open a closed gate, and how: by mistake, by an old pass, by a forged file, by an outage."""

# ruff: noqa: E501 - an attempt of the list is one line, so that it reads as a list

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.e2e.deciding import DEPLOYMENT, decision, recent, record
from tests.fakes.runs import approved, blocked, interrupted, undecided
from validator.gates.envelope import new_key, read_private_key, sign
from validator.gates.statement import gate_statement
from validator.history.acts import ActKind, DecisionActed
from validator.history.guards import SQLITE_TRIGGERS
from validator.history.store import open_store
from validator.model.decision import Purpose
from validator.model.events import Decided, Record, RunStarted
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


def decided_twice(scene: Scene) -> tuple[str, ...]:
    """Approved, and then, by a clock that is late, undecided: as after a resumption on another machine."""
    records = recent("run-1", approved)
    last = next(each for each in recent("run-1", undecided, hours=1.02) if isinstance(each.event, Decided))
    return scene.record([*records, replace(last, id="second", seq=len(records))])


def record_edited(scene: Scene) -> tuple[str, ...]:
    scene.record(recent("run-1", blocked))
    with closing(sqlite3.connect(scene.folder / ".validator" / "history.db")) as connection:
        for name in SQLITE_TRIGGERS:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE event SET payload = replace(payload, 'blocked', 'approved') WHERE type = 'Decided'")
        connection.commit()
    return ()


def record_pipe(scene: Scene) -> tuple[str, ...]:
    (scene.folder / ".validator").mkdir()
    os.mkfifo(scene.folder / ".validator" / "history.db")
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
    "an environment in capitals": ("about environment Production, not production", 3, lambda s: s.file(edited(b'"environment": "production"', b'"environment": "Production"'))),
    "an environment in look-alikes": ("environment pr\u043eduction", 3, lambda s: s.file(edited(b'"environment": "production"', '"environment": "pr\u043eduction"'.encode()))),
    "the beginning of the revision": ("is about revision 8f3c2d1b6a7e4f0912345678, not 8f3c2d1 ", 3, lambda s: (*s.file(GOOD()), "--revision", "8f3c2d1")),
    "a folder": ("is no file", 3, lambda s: ("--from", str(s.folder))),
    "a device without end": ("/dev/zero: it is reached through a link, or", 3, lambda _: ("--from", "/dev/zero")),
    "a verdict that stands there twice": ("'decision' stands in it twice", 3, lambda s: s.file(edited(b'"decision": "blocked"', b'"decision": "blocked", "decision": "approved"', decision(recent("r", blocked))))),
    "a moment outside of all years": ("date value out of range", 3, lambda s: s.file(edited(b'"expires_at": "20', b'"expires_at": "0001-01-01T00:00:00+14:00", "was": "20'))),
    "a name with lines of its own": ("closed: blocked: product failures (1) > limit (0) (run r gate=open)", 1, lambda s: s.file(edited(b'"run": "r"', b'"run": "r\\ngate=open"', decision(recent("r", blocked))))),
    "an undecided second decision of the run": ("undecided: ", 3, decided_twice),
    "the same deployment of another tenant": ("nothing was decided about deployment dep-2026", 3, lambda s: s.record([replace(each, tenant="web") for each in recent("run-1", approved)])),
    "a record that was edited": ("it is not what was stored: its hash is another", 3, record_edited),
    "a record that is a pipe": ("disk I/O error", 3, record_pipe),
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
