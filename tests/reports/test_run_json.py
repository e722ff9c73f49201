from __future__ import annotations

import json
from collections.abc import Sequence

from tests.fakes.runs import blocked, interrupted, undecided
from validator.model.events import Record
from validator.reports.run_json import RunDocument, render_run, run_document
from validator.reports.show import show_json
from validator.reports.state import fold
from validator.support.codec import decode


def test_the_file_reads_back_as_it_was_written(every_run: Sequence[Record]) -> None:
    state = fold(every_run)
    assert decode(RunDocument, render_run(state)) == run_document(state)


def test_the_story_has_attempts_with_steps_causes_quotes_and_digests_of_evidence() -> None:
    story = json.loads(render_run(fold(blocked())))
    assert story["schema"] == "validator.run/v1"
    attempt = next(flow for flow in story["flows"] if flow["name"] == "Checkout")["attempts"][0]
    assert attempt["failure"]["cause"] == "app_crash"
    assert attempt["failure"]["quotes"][1]["line"].endswith("order.total was null")
    assert attempt["evidence"]["runner"]["steps"][-1]["status"] == "failed"
    assert attempt["evidence"]["files"][0]["sha256"] == "aa" * 32
    assert story["decision"]["decision"] == "blocked"
    assert story["alerts"] == [
        {
            "channel": "slack #prod-alerts",
            "delivered": True,
            "receipt": "1763695920.000200",
            "reason": "",
            "remedy": "",
        }
    ]


def test_the_value_of_a_secret_output_is_not_there() -> None:
    outputs = json.loads(render_run(fold(blocked())))["deployment"]["outputs"]
    assert {"name": "db_password", "value": "", "sensitive": True} in outputs


def test_a_run_without_a_decision_says_why_it_stopped() -> None:
    story = json.loads(render_run(fold(interrupted())))
    assert (story["decision"], story["stop"]) == (None, "interrupted")
    assert story["flows"][1]["attempts"][0]["outcome"] is None


def test_an_alert_that_failed_says_what_to_do() -> None:
    alert = json.loads(render_run(fold(undecided())))["alerts"][0]
    assert (alert["delivered"], alert["remedy"][:18]) == (False, "create the channel")


def test_showing_a_stored_run_gives_the_same_content() -> None:
    assert show_json(blocked()) == render_run(fold(blocked()))
