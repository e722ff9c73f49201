from __future__ import annotations

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from tests.fakes.builders import CRASH, decision, flow, opening, plan, records, settled
from tests.fakes.runs import approved, blocked, interrupted, not_production, undecided
from validator.model.decision import Verdict
from validator.model.events import Decided
from validator.model.flow import FlowOutcome
from validator.reports.markdown import code, text
from validator.reports.state import RunState, fold
from validator.reports.summary import render_summary

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def rendered(state: RunState) -> str:
    return str(MARKDOWN.render(render_summary(state)))


def test_the_decision_comes_first() -> None:
    assert render_summary(fold(blocked())).startswith("## BLOCKED: the frontend must not be deployed\n")
    assert render_summary(fold(approved())).startswith("## APPROVED: the gate is open\n")
    assert render_summary(fold(undecided())).startswith("## UNDECIDED: the frontend must not be deployed\n")


def test_a_run_without_a_decision_says_that_the_gate_stays_closed() -> None:
    summary = render_summary(fold(interrupted()))
    assert summary.startswith("## NO DECISION: the gate stays closed; the run was interrupted\n")
    assert "Run it again" in summary
    assert "exit code 130" in summary


def test_reasons_steps_flows_causes_quotes_and_evidence_are_there() -> None:
    html = rendered(fold(blocked()))
    for part in (
        "<li>product failures (1) &gt; limit (0): <code>Checkout</code></li>",
        "<ol>\n<li>Look at the evidence of Checkout",
        "<td><code>Checkout</code></td>\n<td><strong>failed</strong></td>\n<td>the app crashed</td>",
        "java.lang.NullPointerException: order.total was null",
        '<a href="attempts/checkout/1/screenshot.png">screenshot.png</a>',
        "<code>Profile</code> (informational)",
        "little free space",
    ):
        assert part in html


def test_what_needs_a_look_stands_before_what_passed() -> None:
    summary = render_summary(fold(blocked()))
    rows = [line.split("`")[1] for line in summary.splitlines() if line.startswith("| `")]
    assert rows == ["Checkout", "Gift cards", "Search the catalogue", "Profile", "Sign in"]


def test_a_stage_that_failed_says_what_to_do() -> None:
    html = rendered(fold(not_production()))
    assert "Stage build failed:" in html
    assert "Build it with API_URL set to the deployment's api_url." in html
    assert "No flow was run." in html


def test_an_alert_that_was_not_delivered_is_said() -> None:
    assert "not delivered" in render_summary(fold(undecided()))


def test_where_nothing_can_be_linked_paths_are_only_named() -> None:
    summary = render_summary(fold(blocked()), base=None)
    assert "](" not in summary
    assert "`attempts/checkout/1/screenshot.png`" in summary


def test_links_can_lead_to_where_artifacts_are_kept() -> None:
    summary = render_summary(fold(blocked()), base="https://ci.example.com/a/7/")
    assert "(<https://ci.example.com/a/7/attempts/checkout/1/logcat.txt>)" in summary


@pytest.mark.parametrize(("limit", "cut"), [(10_000, True), (100_000, True), (1024 * 1024, False)])
def test_a_summary_keeps_its_limit_and_says_what_it_left_out(limit: int, cut: bool) -> None:
    name = "漢" * 300
    many = [settled(f"{name} {number}", FlowOutcome.FAILED, CRASH) for number in range(3000)]
    state = fold(
        records(
            [
                *opening(),
                (14.0, plan([flow(each.name) for each in many])),
                (15.0, Decided(decision=decision(Verdict.BLOCKED, many))),
            ]
        )
    )
    summary = render_summary(state, limit=limit)
    assert len(summary.encode()) <= limit
    assert summary.startswith("## BLOCKED")
    assert ("parts left out here" in summary) is cut
    assert "… and 2600 more flows." in summary


def test_many_flows_of_one_reason_are_counted() -> None:
    first = decision(Verdict.BLOCKED, ())
    reason = replace(first.reasons[0], flows=tuple(f"f{number}" for number in range(50)))
    state = fold(records([*opening(), (1.0, Decided(decision=replace(first, reasons=(reason,))))]))
    assert "`f19` and 30 more" in render_summary(state)


@pytest.mark.parametrize(
    "raw",
    [
        "plain words",
        "`",
        "```",
        "a`b``c",
        "`edge`",
        " |pipe| ",
        "\\|",
        "*bold* _em_ ~~no~~ <b>",
        "[a](b) ![c](d)",
        "# head",
        "1. one",
        "- minus",
        "---",
        "===",
        "> quote",
        "&amp; &#65;",
        "snake_case_name and __init__",
        "https://a.example www.b.example",
        "$x$",
    ],
)
def test_escaped_text_reads_as_it_was_written(raw: str) -> None:
    for written in (text(raw), code(raw)):
        tokens = MARKDOWN.parse(f"| h |\n| --- |\n| {written} |\n\nx {written}")
        shown = [
            "".join(child.content for child in token.children or [])
            for token in tokens
            if token.type == "inline" and token.content != "h"
        ]
        assert shown[0].replace("\\ |", "\\|") == " ".join(raw.split()) or shown[0] == raw.strip()
        assert {child.type for token in tokens for child in token.children or []} <= {
            "text",
            "text_special",
            "code_inline",
        }


def test_a_mention_is_broken_and_an_address_is_no_link() -> None:
    assert "@&#8203;octocat" in text("@octocat look")
    assert "://" not in text("see https://evil.example")
    assert text("mail me@x") == "mail me@&#8203;x"
