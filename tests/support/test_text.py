from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.support.text import one_line, shorten, visible

ANY = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=200)  # lone surrogates included


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain text, ünïcödé, 漢字", "plain text, ünïcödé, 漢字"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;new title\x07text", "text"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;ZXZpbA==\x07clipboard", "clipboard"),
        ("\x1bP1$r\x1b\\text", "text"),
        ("\x1bcreset", "reset"),
        ("cut off \x1b[", "cut off ␛["),
        ("\x9b31mred", "\N{REPLACEMENT CHARACTER}31mred"),
        ("bell\x07 null\x00 delete\x7f", "bell␇ null␀ delete\N{REPLACEMENT CHARACTER}"),
        ("a\r\nb\rc\x85d\u2028e", "a\nb\nc\nd\ne"),
        ("tab\tstays", "tab\tstays"),
        ("user\u202etxt.exe", "user\N{REPLACEMENT CHARACTER}txt.exe"),
        ("\ud800 \ufffe \ufdd0", "\N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_what_acts_is_taken_out_and_what_reads_stays(raw: str, shown: str) -> None:
    assert visible(raw) == shown


@given(ANY)
def test_no_control_character_is_left_and_all_of_it_can_be_written(raw: str) -> None:
    shown = visible(raw)
    assert not [character for character in shown if unicodedata.category(character) == "Cc" and character not in "\n\t"]
    assert shown.encode().decode() == shown


@given(ANY)
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    assert visible(visible(raw)) == visible(raw)


@given(ANY, st.integers(1, 50))
def test_one_line_is_one_line_within_its_limit(raw: str, limit: int) -> None:
    line = one_line(raw, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert "  " not in line
    assert line == line.strip()


@given(st.text(max_size=50), st.integers(1, 60))
def test_what_fits_is_not_shortened(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert short == text if len(text) <= limit else short.endswith("…")


@pytest.mark.parametrize("raw", ["\x1b[", "\x1b]", "\x1b[1", "\x1bP", "\x1b ", " \n", "\r", "a"])
def test_a_megabyte_of_anything_takes_no_time(raw: str) -> None:
    started = time.monotonic()
    one_line(raw * 500_000)
    visible(raw[0] + raw[1:] * 500_000)
    assert time.monotonic() - started < 5


def test_a_long_text_says_that_it_goes_on() -> None:
    assert one_line("a" * 10_000, 10) == "aaaaaaaaa…"
    assert one_line(" " * 100_000 + "a", 10) == "…"


def test_what_a_ci_system_would_obey_at_the_beginning_of_a_line_is_broken_up() -> None:
    assert one_line("::stop-commands::x") == ": :stop-commands::x"
    assert one_line(" ##vso[task.complete]", 60) == "# #vso[task.complete]"
    assert one_line("a::b") == "a::b"
    assert one_line("Pay ##[set-output name=gate]open") == "Pay # #[set-output name=gate]open"
    assert one_line("Pay ##vso[task.complete]") == "Pay # #vso[task.complete]"
    assert one_line("###[error]x") == "# # #[error]x"
    assert one_line(f"{'x' * 99}::Set-Output name=gate::open") == f"{'x' * 99}: :Set-Output name=gate::open"
    assert one_line(":::error::x") == ": : :error::x"
    assert one_line("std::vector at ::1, ## heading") == "std::vector at ::1, ## heading"
    assert one_line("#prod") == "#prod"
