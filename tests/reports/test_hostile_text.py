"""Whatever apps, flows and servers say: every report stays what it is, and says it."""

from __future__ import annotations

import io
import json
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from tests.fakes.hostile import NASTY, poisoned
from tests.fakes.runs import EVERY_RUN, blocked
from tests.reports.test_console import HandClock
from tests.reports.test_html import Page
from validator.model.events import Record
from validator.reports.console import ConsoleReport, Progress
from validator.reports.decision_json import render_decision
from validator.reports.html import render_html
from validator.reports.junit import render_junit
from validator.reports.run_json import render_run
from validator.reports.show import show_text
from validator.reports.state import RunState, fold
from validator.reports.summary import LIMIT, render_summary

RUNS = st.sampled_from(list(EVERY_RUN.values()))
Make = Callable[[], list[Record]]


def tags(state: RunState) -> list[tuple[str, tuple[str, ...]]]:
    root = ET.fromstring(render_junit(state, "reports/r1/"))
    return [(element.tag, tuple(element.attrib)) for element in root.iter()]


@given(text=NASTY, make=RUNS)
def test_junit_keeps_its_elements(text: str, make: Make) -> None:
    content = render_junit(fold(poisoned(make(), text)))
    assert tags(fold(poisoned(make(), text))) == tags(fold(poisoned(make(), "x")))
    assert not any(ord(character) < 32 and character not in "\n\t" for character in content.decode())


@given(text=NASTY, make=RUNS)
@settings(max_examples=60)
def test_the_page_keeps_its_elements_and_leads_nowhere_else(text: str, make: Make) -> None:
    nasty, plain = (Page(render_html(fold(poisoned(make(), each)))) for each in (text, "x"))
    assert nasty.elements == plain.elements
    assert [(tag, name) for tag, name, _ in nasty.attributes] == [(tag, name) for tag, name, _ in plain.attributes]
    assert all(value.startswith(("#", "./")) for value in nasty.values("src"))
    assert not any(":" in value.split("/")[0] for value in nasty.values("href") + nasty.values("src"))


def skeleton(summary: str) -> list[str]:
    """What the Markdown consists of, less its words."""
    kinds = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(summary):
        kinds.append(token.type)
        kinds += [child.type for child in token.children or [] if child.type not in ("text", "text_special")]
    return kinds


@given(text=NASTY, make=RUNS)
@settings(max_examples=60)
def test_the_summary_keeps_its_structure(text: str, make: Make) -> None:
    nasty, plain = (render_summary(fold(poisoned(make(), each))) for each in (text, "x"))
    assert skeleton(nasty) == skeleton(plain)
    assert "html_inline" not in skeleton(nasty)


def output(run: list[Record], progress: Progress, *, terminal: bool) -> str:
    target = io.StringIO()
    console = Console(file=target, width=100, force_terminal=terminal, color_system=None, legacy_windows=False)
    report = ConsoleReport(console, HandClock(), folder="reports/r1", progress=progress)
    for record in run:
        report.handle(record)
    report.close()
    return target.getvalue()


@given(text=NASTY, make=RUNS)
@settings(max_examples=60)
def test_no_text_steers_a_terminal(text: str, make: Make) -> None:
    shown = output(poisoned(make(), text), Progress.LINES, terminal=True)
    assert not [character for character in shown if ord(character) in {*range(10), *range(11, 32), *range(127, 160)}]
    assert len(shown.split("\n\n", 1)[0].splitlines()) == len(
        output(poisoned(make(), "x"), Progress.LINES, terminal=True).split("\n\n", 1)[0].splitlines()
    )


@given(text=NASTY, make=RUNS)
@settings(max_examples=30)
def test_the_live_screen_stands_any_text(text: str, make: Make) -> None:
    assert "exit code" in output(poisoned(make(), text), Progress.LIVE, terminal=True)


@given(text=NASTY.filter(lambda text: "\ud800" not in text), make=RUNS)
def test_the_documents_are_json_and_say_it_word_for_word(text: str, make: Make) -> None:
    state = fold(poisoned(make(), text))
    assert json.loads(render_run(state))["environment"] == f"{text}production"
    decision = render_decision(state)
    if decision is not None:
        assert json.loads(decision)["environment"] == f"{text}production"


def test_markup_of_the_console_is_shown_and_not_obeyed() -> None:
    assert "[bold red]x[/]Checkout" in output(poisoned(blocked(), "[bold red]x[/]"), Progress.LINES, terminal=False)


def test_templates_in_a_text_are_shown_and_not_run() -> None:
    assert "{{ 7 * 7 }}Checkout" in Page(render_html(fold(poisoned(blocked(), "{{ 7 * 7 }}")))).text


@pytest.mark.parametrize("text", ["a" * 1_000_000, "<&]]>`|*" * 125_000, "\x1b[31m" * 200_000, "\n" * 1_000_000])
def test_a_megabyte_of_text_in_every_place_is_cut_and_not_waited_for(text: str) -> None:
    run = poisoned(blocked(), text)
    state = fold(run)
    started = time.monotonic()
    assert len(render_junit(state)) < 5_000_000
    assert len(render_html(state)) < 3_000_000
    assert len(render_summary(state).encode()) <= LIMIT
    assert len(show_text(run)) < 300_000
    assert time.monotonic() - started < 30
