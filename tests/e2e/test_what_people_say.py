"""What people type is kept for good and shown in logs: it holds no secret and steers nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.commands import validator
from tests.e2e.deciding import recent, record
from tests.fakes.runs import blocked

SECRETS = ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "xoxb-1234567890-1234567890-c4naryabcdefghijkl")
REASON = f"known, SHOP-12; it works with {SECRETS[0]} and {SECRETS[1]}"
FORGED = "eve\n::set-output name=gate::open\n##[set-output name=gate]open\x1b[2J"


def exported(folder: Path) -> str:
    file = folder / "exported.jsonl"
    assert validator(folder, "history", "export", str(file)).exit_code == 0
    text = file.read_text(encoding="utf-8")
    file.unlink()
    return text


@pytest.mark.parametrize(
    "said", [("gate", "decide", "run-1", "fix-forward"), ("feedback", "run-1", "--false-positive")], ids=lambda s: s[0]
)
def test_a_secret_that_somebody_pastes_into_a_reason_is_recorded_nowhere(tmp_path: Path, said: tuple[str, ...]) -> None:
    record(tmp_path, recent("run-1", blocked))
    done = validator(tmp_path, *said, "--by", "ann", "--reason", REASON)
    assert done.exit_code == 0, done.errors
    told = validator(tmp_path, "show", "run-1").output + exported(tmp_path)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"known, SHOP-12; it works with ***" in kept
    for secret in SECRETS:
        assert secret not in done.output + done.errors + told
        assert secret.encode() not in kept


def test_a_name_adds_no_line_and_no_command_to_the_log(tmp_path: Path) -> None:
    record(tmp_path, recent("run-1", blocked))
    done = validator(tmp_path, "gate", "decide", "run-1", "fix-forward", "--by", FORGED, "--reason", "x")
    text = done.output + done.errors
    assert "\x1b" not in text
    assert "##[" not in text
    assert not [line for line in text.splitlines() if line.strip().startswith("::")]


@pytest.mark.parametrize("given", [("--by", "a\udcffb", "--reason", "x"), ("--by", "ann", "--reason", "x\udcff")])
def test_bytes_that_are_no_text_are_refused_and_nothing_is_recorded(tmp_path: Path, given: tuple[str, ...]) -> None:
    record(tmp_path, recent("run-1", blocked))
    before = exported(tmp_path)
    done = validator(tmp_path, "gate", "decide", "run-1", "fix-forward", *given)
    assert done.exit_code == 2, done.errors
    assert "not UTF-8" in done.errors
    assert exported(tmp_path) == before != ""
