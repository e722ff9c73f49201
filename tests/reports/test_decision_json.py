from __future__ import annotations

import json

from tests.fakes.runs import approved, blocked, interrupted, not_production
from validator.reports.decision_json import DecisionDocument, decision_document, render_decision
from validator.reports.state import RunState, fold
from validator.support.codec import decode

CONTRACT = """
{"schema": "validator.decision/v1", "run": "…", "tenant": "…", "environment": "production", "purpose": "deploy",
 "deployment": {"id": "…", "revision": "…"}, "apk": {"sha256": "…", "package": "…", "version": "…"},
 "decision": "blocked", "blocks": ["frontend"], "exit_code": 1,
 "reasons": [{"code": "product_failures", "message": "product failures (2) > limit (0)", "flows": ["…"]}],
 "flows": [{"name": "…", "required": true, "outcome": "failed", "cause": "app_crash", "family": "product",
            "attempts": 2}],
 "counts": {"expected": 9, "passed": 7, "flaky": 0, "failed": 2, "inconclusive": 0, "missing": 0},
 "policy": {"name": "…", "digest": "sha256:…"}, "began_at": "…", "decided_at": "…", "expires_at": "…",
 "next": ["…what a person should do…"], "rollback": {"decision_required": true, "command": "…"}}
"""


def shape(value: object) -> object:
    """Keys in their order, and the kind of every value."""
    if isinstance(value, dict):
        return [(key, shape(each)) for key, each in value.items()]
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def written(state: RunState) -> dict[str, object]:
    content = render_decision(state)
    assert content is not None
    document: dict[str, object] = json.loads(content)
    return document


def test_the_file_has_the_keys_of_the_contract_in_their_order() -> None:
    document = written(fold(blocked()))
    flows = document["flows"]
    assert isinstance(flows, list)
    document["flows"] = [flow for flow in flows if flow["outcome"] == "failed"]
    assert shape(document) == shape(json.loads(CONTRACT))


def test_the_values_are_those_of_the_run() -> None:
    document = written(fold(blocked()))
    assert document["decision"] == "blocked"
    assert document["exit_code"] == 1
    assert document["deployment"] == {"id": "dep-2026-11-21.3", "revision": "8f3c2d1b6a7e4f0912345678"}
    assert document["counts"] == {
        "expected": 5,
        "passed": 1,
        "flaky": 1,
        "failed": 1,
        "inconclusive": 1,
        "missing": 1,
    }
    flows = document["flows"]
    assert isinstance(flows, list)
    assert flows[0] == {
        "name": "Sign in",
        "required": True,
        "outcome": "passed",
        "cause": None,
        "family": None,
        "attempts": 1,
    }
    assert (flows[2]["cause"], flows[2]["family"]) == ("app_crash", "product")


def test_without_a_decision_there_is_no_content() -> None:
    assert render_decision(fold(interrupted())) is None
    assert render_decision(RunState()) is None


def test_no_prefix_of_a_run_has_content_before_the_decision() -> None:
    run = approved()
    decided = next(position for position, record in enumerate(run) if record.event.type == "Decided")
    assert all(render_decision(fold(run[:length])) is None for length in range(decided + 1))
    assert render_decision(fold(run[: decided + 1])) is not None


def test_a_run_that_ended_before_its_flows_has_the_same_keys() -> None:
    assert list(written(fold(not_production()))) == list(json.loads(CONTRACT))


def test_what_is_unknown_is_null() -> None:
    state = fold(record for record in not_production() if record.event.type in ("RunStarted", "Decided"))
    assert (written(state)["deployment"], written(state)["apk"]) == (None, None)


def test_the_file_reads_back_as_it_was_written() -> None:
    state = fold(blocked())
    assert decode(DecisionDocument, render_decision(state) or b"") == decision_document(state)
