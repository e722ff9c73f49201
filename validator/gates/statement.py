"""A decision as in-toto statements: ours about the gate, and the standard's about the tests. Pure.

Sources: in-toto Attestation Framework, Statement v1 and ResourceDescriptor; predicate test-result v0.1, whose `result`
knows PASSED, WARNED and FAILED only, so a run that could not measure makes no such statement.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Final

from validator.gates.document import Document, parse_decision
from validator.gates.envelope import SignatureError
from validator.model.decision import Verdict
from validator.model.flow import FlowOutcome

STATEMENT: Final = "https://in-toto.io/Statement/v1"
GATE_DECISION: Final = "urn:validator:gate-decision:v1"
TEST_RESULT: Final = "https://in-toto.io/attestation/test-result/v0.1"
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

Json = dict[str, object]


def gate_statement(decision: bytes) -> bytes:
    """The statement about the gate, canonical JSON; its predicate is the content of `decision.json`."""
    document = parse_decision(decision, "decision.json")
    predicate: Json = json.loads(decision)
    return _statement(document, GATE_DECISION, predicate)


def result_statement(decision: bytes) -> bytes | None:
    """The statement about the tests, canonical JSON; None for a run that could not measure."""
    document = parse_decision(decision, "decision.json")
    results = {Verdict.APPROVED: "PASSED", Verdict.APPROVED_WITH_WARNINGS: "WARNED", Verdict.BLOCKED: "FAILED"}
    result = results.get(document.decision)
    if result is None or not _subjects(document):
        return None
    return _statement(
        document,
        TEST_RESULT,
        {
            "result": result,
            "configuration": [{"name": document.policy.name, "digest": _digest(document.policy.digest)}],
            "passedTests": _named(document, (FlowOutcome.PASSED,)),
            "warnedTests": _named(document, (FlowOutcome.FLAKY,)),
            "failedTests": _named(document, (FlowOutcome.FAILED, FlowOutcome.INCONCLUSIVE, FlowOutcome.MISSING)),
        },
    )


def decision_in(statement: bytes, where: str) -> bytes:
    """The content of `decision.json` in a statement about the gate.

    Raises:
        SignatureError: It is another statement, or its subjects are not those of the decision in it.
    """
    try:
        value = json.loads(statement)
        predicate = json.dumps(value["predicate"]).encode()
        right = value["_type"] == STATEMENT and value["predicateType"] == GATE_DECISION
        subjects = value["subject"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _other(where) from error
    if not right or subjects != _subjects(parse_decision(predicate, where)):
        raise _other(where)
    return predicate


def _statement(document: Document, kind: str, predicate: Json) -> bytes:
    value = {
        "_type": STATEMENT,
        "subject": _subjects(document),
        "predicateType": kind,
        "predicate": predicate,
    }
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _subjects(document: Document) -> list[Json]:
    """The APK, and the deployment by its commit, or by the SHA-256 of a revision that is none."""
    subjects: list[Json] = []
    if document.apk is not None:
        subjects.append({"name": document.apk.package, "digest": _digest(document.apk.sha256)})
    if document.deployment is not None:
        revision = document.deployment.revision
        hashed = hashlib.sha256(revision.encode("utf-8", "surrogatepass")).hexdigest()
        digest = {"gitCommit": revision} if _COMMIT.fullmatch(revision) else {"sha256": hashed}
        subjects.append({"name": f"deployment/{document.deployment.id}", "digest": digest})
    return subjects


def _digest(text: str) -> Json:
    return {"sha256": text.removeprefix("sha256:")}


def _named(document: Document, outcomes: Sequence[FlowOutcome]) -> list[str]:
    return [flow.name for flow in document.flows if flow.outcome in outcomes]


def _other(where: str) -> SignatureError:
    return SignatureError(
        "the signed statement is not about a gate's decision",
        where=where,
        remedy="name the decision.dsse.json of a run",
    )
