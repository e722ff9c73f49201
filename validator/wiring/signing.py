"""`signing_key:` -> the signed files of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from validator.gates.envelope import read_private_key, sign
from validator.gates.statement import gate_statement, result_statement
from validator.reports.files import SignedFile
from validator.wiring.prepare import Prepared

GATE = "decision.dsse.json"
RESULT = "test-result.dsse.json"


def signed_files(prepared: Prepared, folder: Path) -> Sequence[SignedFile]:
    """The observers that sign; none without a key.

    Raises:
        ConfigError: A reference in the key has no value.
        UsageError: It is no key.
    """
    if prepared.config.signing_key is None:
        return ()
    key = read_private_key(prepared.config.signing_key.resolve(prepared.resolvers).reveal().encode())

    def result(decision: bytes) -> bytes | None:
        statement = result_statement(decision)
        return sign(statement, key) if statement is not None else None

    return (
        SignedFile(folder / GATE, lambda decision: sign(gate_statement(decision), key)),
        SignedFile(folder / RESULT, result),
    )
