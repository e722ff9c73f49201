from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

from tests.fakes.builders import PIXEL, attempt, evidence, flow, kept, opening, plan, records
from tests.fakes.runs import approved, blocked, interrupted, not_production, undecided
from validator.model.events import Record
from validator.model.observed import ParityCompared
from validator.model.parity import Comparison, Importance, Parity, Status
from validator.reports.html import render_html
from validator.reports.state import fold
from validator.reports.timeline import WIDTH, timeline

VOID = {"meta", "br", "img", "link", "hr", "input"}


class Page(HTMLParser):
    """A page's elements, texts and addresses; fails on tags that do not match."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]


def page(run: Sequence[Record]) -> Page:
    return Page(render_html(fold(run)))


def test_the_page_is_well_formed_whatever_became_of_the_run(every_run: Sequence[Record]) -> None:
    for length in (1, len(every_run) // 2, len(every_run)):
        assert page(every_run[:length]).elements.count("h1") == 1


def test_the_banner_says_what_was_decided() -> None:
    assert "BLOCKED The frontend must not be deployed" in page(blocked()).text
    assert "APPROVED The gate is open" in page(approved()).text
    assert "NO DECISION The gate stays closed; the run was interrupted" in page(interrupted()).text


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(every_run: Sequence[Record]) -> None:
    found = page(every_run)
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(found.elements)
    assert not any(name.startswith("on") for _, name, _ in found.attributes)
    for address in found.values("href") + found.values("src"):
        assert re.match(r"#|\./|[a-z]+\.(json|jsonl|xml|md)$", address), address
    assert "default-src 'none'" in next(value for value in found.values("content") if "src" in value)
    assert "url(" not in render_html(fold(every_run))


def test_attempts_show_cause_quotes_steps_pictures_and_files() -> None:
    text = page(blocked()).text
    for part in (
        "Attempt 1 (first) on emulator-5554, 41.2 s",
        "app_crash Android recorded that the app ended with an uncaught exception. Rule android-crash",
        "crash_log: E AndroidRuntime: java.lang.NullPointerException: order.total was null",
        'failed assertVisible: "Thank you for your order" 17.0 s Element not found',
        "6 steps, as maestro-runner 1.1.27 reported them",
        "logcat.txt 1.0 MB",
    ):
        assert part in text
    pictures = [value for tag, name, value in page(blocked()).attributes if (tag, name) == ("img", "src")]
    assert "./attempts/checkout/2/screenshot.png" in pictures
    assert page(blocked()).values("loading") == ["lazy"] * len(pictures)


def test_pictures_tables_and_drawings_can_be_read_without_eyes() -> None:
    found = page(blocked())
    assert found.elements.count("img") == len([value for value in found.values("alt") if value])
    assert "img" in found.values("role")
    assert set(found.values("scope")) == {"col", "row"}
    assert ("html", "lang", "en") in found.attributes
    labels = set(found.values("id"))
    assert {value for value in found.values("aria-labelledby") if " " not in value} <= labels
    assert {value[1:] for value in found.values("href") if value.startswith("#")} <= labels


def test_ids_are_unique(every_run: Sequence[Record]) -> None:
    ids = page(every_run).values("id")
    assert len(ids) == len(set(ids))


def test_a_decision_file_is_linked_only_where_there_is_one() -> None:
    assert "decision.json" in page(blocked()).values("href")
    assert "decision.json" not in page(interrupted()).values("href")


def test_a_failed_stage_an_undelivered_alert_and_a_secret_are_told() -> None:
    assert "Stage build failed: the APK is not the production build of this deployment" in page(not_production()).text
    assert "slack #prod-alerts: not delivered." in page(undecided()).text
    assert "db_password secret" in page(blocked()).text


def test_a_path_cannot_lead_out_of_the_folder() -> None:
    files = tuple(
        replace(kept("a")[0], path=path) for path in ("javascript:alert(1)", "//evil.example/x", "a b?c#d.png")
    )
    run = records(
        [
            *opening((PIXEL,)),
            (14.0, plan([flow("Pay")])),
            *attempt("Pay", 1, PIXEL.serial, 15.0, 1.0, found=evidence(files=files)),
        ]
    )
    found = page(run)
    assert "./javascript%3Aalert%281%29" in found.values("href")
    assert "./evil.example/x" in found.values("href")
    assert "./a%20b%3Fc%23d.png" in found.values("src")


def test_bars_lie_within_the_drawing_and_do_not_overlap_on_a_lane(every_run: Sequence[Record]) -> None:
    drawing = timeline(fold(every_run))
    if drawing is None:
        assert not fold(every_run).attempts
        return
    for lane in drawing.lanes:
        bars = sorted(lane.bars, key=lambda bar: bar.x)
        assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH + 2 for bar in bars)
        assert all(left.x + left.width <= right.x for left, right in pairwise(bars))
    assert 2 <= len(drawing.ticks) <= 10


def test_a_bar_says_what_it_stands_for_and_names_it_where_it_fits() -> None:
    drawing = timeline(fold(blocked()))
    assert drawing is not None
    bar = drawing.lanes[0].bars[1]
    assert (bar.label, bar.style) == ("Checkout", "failed")
    assert bar.title == "Checkout, attempt 1: failed (app_crash), 41.2 s"


def test_an_attempt_that_never_ended_lasts_to_the_end_of_what_is_known() -> None:
    drawing = timeline(fold(interrupted()))
    assert drawing is not None
    last = drawing.lanes[0].bars[-1]
    assert last.style == "open"
    assert last.x + last.width >= WIDTH - 2


def test_a_run_of_a_day_has_readable_marks() -> None:
    run = records(
        [
            *opening((PIXEL,)),
            (14.0, plan([flow("Pay")])),
            *attempt("Pay", 1, PIXEL.serial, 15.0, 86_000.0),
        ]
    )
    drawing = timeline(fold(run))
    assert drawing is not None
    assert [tick.label for tick in drawing.ticks] == ["0:00", "4:00:00", "8:00:00", "12:00:00", "16:00:00", "20:00:00"]


def test_a_comparison_with_a_baseline_is_a_table_with_what_is_allowed_at_its_end() -> None:
    def differs(name: str, importance: Importance, **more: str) -> Comparison:
        given = {"left": "", "right": "<b>3</b>", "remedy": f"mend {name}", **more}
        return Comparison(name=name, status=Status.DIFFERS, importance=importance, **given)

    found = (
        differs("outputs.api", Importance.CRITICAL, allowed="it is being moved"),
        differs("outputs.replicas", Importance.WARNING),
        differs("gate.limits.flaky", Importance.CRITICAL),
        Comparison(name="outputs.same", status=Status.MATCH, left="a", right="a"),
    )
    parity = Parity(left="staging", right="production", comparisons=found)

    shown = page(records([*opening((PIXEL,)), (5.0, ParityCompared(parity=parity))])).text

    table = shown[shown.index("Compared with production") :]
    places = [table.index(text) for text in ("gate.limits.flaky", "mend outputs.replicas", "it is being moved")]
    assert places == sorted(places)
    assert "4 compared with production; differences: 1 critical, 1 warning, 0 info" in table
    assert "not there <b>3</b> mend gate.limits.flaky" in table
    assert "outputs.same" not in table


def test_without_a_baseline_nothing_is_said_of_one() -> None:
    assert "Compared with" not in page(approved()).text
