from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.builders import CRASH, settled
from tests.fakes.runs import BLOCKED
from tests.fakes.slack import block_texts, blocks_refusal, units
from validator.alerts.message import AlertMessage, Link, RunFacts, compose
from validator.alerts.slack_blocks import MAX_TOTAL, escaped, quoted, slack_blocks, slack_text
from validator.model.decision import Reason, ReasonCode
from validator.model.flow import FlowOutcome

NASTY = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["<!channel>", "<@U123>", "&" * 5000, "<" * 5000, "```", "`a`", "*", "\U0001f600" * 4000, "\x1b[31m", ""]
    ),
    st.text(alphabet="&<>`*_|\n\U0001f600", max_size=400).map(lambda text: text * 10),
)


def texts(message: AlertMessage) -> list[str]:
    return [text for block in slack_blocks(message) for text in block_texts(block)]


def with_text(text: str, flows: int, message: AlertMessage) -> AlertMessage:
    flow = replace(message.flows[0], names=(text,) * 5, step=text, why=text, quote=text, cause=text)
    return replace(
        message,
        headline=text,
        apk=text,
        deployment=text,
        environment=text,
        run=text,
        policy=text,
        reasons=(text,) * flows,
        flows=(flow,) * flows,
        next=(text,) * flows,
        rollback=text,
        links=(Link(label=text, target=text), Link(label=text, target=f"https://example.com/{text}")) * flows,
    )


@given(text=NASTY, flows=st.integers(0, 200))
def test_whatever_stands_in_a_message_slack_takes_it(text: str, flows: int, message: AlertMessage) -> None:
    found = slack_blocks(with_text(text, flows, message))
    assert blocks_refusal(found) == ""
    assert sum(units(part) for block in found for part in block_texts(block)) <= MAX_TOTAL


@given(text=NASTY)
def test_nothing_foreign_becomes_a_mention_a_link_or_a_broken_entity(text: str, message: AlertMessage) -> None:
    for part in [*texts(with_text(text, 3, message))[1:], slack_text(with_text(text, 3, message))]:
        ours = re.sub(r"<https://example\.com/[^\s|<>]*\|[^|<>]*>", "", part)
        assert "<" not in ours
        assert ">" not in ours
        assert not re.search(r"&(?!amp;|lt;|gt;)", ours)


@given(text=st.text(alphabet="&<>ab\U0001f600 ", max_size=300), limit=st.integers(1, 200))
def test_escaped_text_keeps_its_limit(text: str, limit: int) -> None:
    assert units(escaped(text, limit)) <= limit


@given(text=NASTY)
def test_code_cannot_be_closed_from_inside(text: str) -> None:
    assert quoted(text, 100).count("`") in (0, 2)


def test_a_short_text_is_not_changed() -> None:
    assert escaped("product failures (1) > limit (0) & more", 100) == "product failures (1) &gt; limit (0) &amp; more"


def test_causes_beyond_the_room_are_counted(facts: RunFacts) -> None:
    many = tuple(
        settled(f"Flow {number}", FlowOutcome.FAILED, replace(CRASH, why=f"Reason {number}.")) for number in range(60)
    )
    found = texts(compose(replace(BLOCKED, flows=many), facts))
    shown = [text for text in found if text.startswith("`Flow ")]
    assert f"…and {60 - len(shown)} more causes: see the report" in found
    assert len(shown) > 5


def test_reasons_beyond_the_room_are_counted(facts: RunFacts) -> None:
    reasons = (Reason(code=ReasonCode.FLAKY_FLOWS, message="flaky"),) * 20
    why = next(text for text in texts(compose(replace(BLOCKED, reasons=reasons), facts)) if text.startswith("*Why*"))
    assert why.endswith("• and 14 more")


def test_an_address_becomes_a_link_and_a_path_becomes_code(message: AlertMessage) -> None:
    links = (
        Link(label="Report", target="https://ci.example.com/7?a=1&b=2"),
        Link(label="Evidence", target="reports/20261121"),
        Link(label="Trick", target="https://evil.example/|<!channel>"),
        Link(label="Script", target="javascript:alert(1)"),
    )
    found = "\n".join(texts(replace(message, links=links)))
    assert "<https://ci.example.com/7?a=1&amp;b=2|Report>" in found
    assert "Evidence: `reports/20261121`" in found
    assert "<https://evil" not in found
    assert "<javascript" not in found


def test_a_message_without_flows_or_links_has_no_empty_block(message: AlertMessage) -> None:
    assert blocks_refusal(slack_blocks(replace(message, flows=(), links=(), reasons=(), next=()))) == ""
